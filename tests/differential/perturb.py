"""Perturbation: the engine is the oracle.

For each random query and each base column: change the values of that column alone, run the query again, and see which
columns of the result moved (as multisets). Each of them must have that base column in its direct or indirect edges, or
in the row set's. What is claimed and never moves is counted too: it may be true all the same, since few values are tried.
Column names of the engine are held against ours, and an answer that is not exact on a query that the engine takes, with
all schemas given, counts as a failure of its own kind.

usage: perturb.py [--engines sqlite,duckdb,postgres,mariadb] [--seed 1] [--count 150] [--show 5]
$LAYERGATE_BINARY is the program under test. Exit code 77: no engine could be had.
"""
import argparse
import collections
import json
import os
import random
import subprocess
import sys
import tempfile
import time

import engines
import generate

BATCH = 25  # queries over the same data
TOO_SLOW = 0.2  # seconds; each query is run some sixty times


def make_tables(rng):
    return {name: (columns, generate.random_rows(rng, columns)) for name, columns in generate.TABLES.items()}


def make_worlds(rng, tables):
    """name -> tables; and (table, column) -> names of the worlds that differ in it."""
    worlds, changed = {"w": tables}, collections.defaultdict(list)
    for table, (columns, rows) in tables.items():
        for index, (column, kind) in enumerate(columns):
            for how in ("drawn", "shuffled", "one", "null"):
                values = [row[index] for row in rows]
                if how == "drawn":
                    values = [rng.randint(0, 9) if kind == "int" else rng.choice(generate.WORDS + ["z", "aa"]) for _ in rows]
                elif how == "shuffled":
                    rng.shuffle(values)
                elif how == "one":
                    values[rng.randrange(len(values))] = rng.randint(0, 9) if kind == "int" else "ab"
                else:
                    values = [None] * len(values)
                copy = [row[:index] + [value] + row[index + 1:] for row, value in zip(rows, values)]
                name = f"w_{len(worlds)}"
                worlds[name] = {**tables, table: (columns, copy)}
                changed[table, column].append(name)
    return worlds, changed


def lineage(dialect, queries):
    """One statement object per query; None where the texts fell apart."""
    with tempfile.TemporaryDirectory() as folder:
        schema = os.path.join(folder, "schema.json")
        with open(schema, "w", encoding="utf-8") as file:
            json.dump({t: {c: k for c, k in columns} for t, columns in generate.TABLES.items()}, file)

        def ask(text):
            done = subprocess.run(
                [os.environ["LAYERGATE_BINARY"], "lineage", "--dialect", dialect, "--schema", schema, "--format", "json", "-"],
                input=text,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode != 0:
                raise RuntimeError(f"layergate ended with {done.returncode}: {done.stderr}\n{text}")
            return json.loads(done.stdout)["statements"]

        statements = ask(";\n".join(queries)) if queries else []
        if len(statements) == len(queries):
            return statements
        return [(ask(query) + [None])[0] for query in queries]


def multisets(rows, width):
    return [sorted(map(repr, (row[i] for row in rows))) for i in range(width)]


class Report:
    def __init__(self, show):
        self.show, self.shown = show, collections.Counter()
        self.failures = collections.Counter()
        self.count = collections.Counter()

    def fail(self, kind, engine, sql, detail):
        self.failures[kind] += 1
        if self.shown[kind] < self.show:
            self.shown[kind] += 1
            print(f"--- {kind} ({engine})\n{sql}\n    {detail}")


def judge(name, engine, sql, statement, changed, report):
    began = time.monotonic()
    try:
        names, rows = engine.run("w", sql)
    except engines.QueryError:
        report.count["refused"] += 1
        return
    if time.monotonic() - began > TOO_SLOW:
        report.count["slow"] += 1
        return
    report.count["queries"] += 1
    if statement is None or statement["status"] != "exact":
        status = "no statement" if statement is None else statement["status"]
        notes = [] if statement is None else [d["code"] + ": " + d["message"] for d in statement["diagnostics"]]
        report.fail("not exact", name, sql, f"{status}: {notes}")
        if statement is None:
            return
    columns = statement["columns"]
    if names is not None and [c["name"].lower() for c in columns] != [n.lower() for n in names]:
        report.fail("names", name, sql, f"engine {names}, we {[c['name'] for c in columns]}")
        if len(columns) != len(names):
            return
    width = len(columns)
    dataset = {(e["relation"], e["column"]) for e in statement["dataset"]}
    claims = [{(e["relation"], e["column"]) for e in c["direct"] + c["indirect"]} for c in columns]
    before = multisets(rows, width)
    for base, worlds in changed.items():
        moved = set()
        for world in worlds:
            try:
                after_rows = engine.run(world, sql)[1]
            except engines.QueryError:
                continue
            after = multisets(after_rows, width)
            moved |= {i for i in range(width) if before[i] != after[i]}
            if len(after_rows) != len(rows) and base not in dataset:
                report.fail("row count moved", name, sql, f"{base} decides how many rows there are; dataset: {sorted(dataset)}")
                return
        for i in range(width):
            claimed = base in claims[i] or base in dataset
            if i in moved and not claimed:
                report.fail("missed", name, sql, f"column {i + 1} ({columns[i]['name']}) moves with {base}; we say {sorted(claims[i])} and rows {sorted(dataset)}")
                return
            if base in claims[i]:
                report.count["claims"] += 1
                report.count["claims that moved"] += i in moved


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", default="sqlite,duckdb,postgres,mariadb")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100, help="queries per engine")
    parser.add_argument("--show", type=int, default=5)
    arguments = parser.parse_args()
    found, missing = engines.available(arguments.engines.split(","))
    for reason in missing:
        print(f"SKIPPED {reason}")
    if not found:
        return 77
    failed = False
    for name, engine in found:
        report = Report(arguments.show)
        batches = (arguments.count + BATCH - 1) // BATCH
        for batch in range(batches):
            rng = random.Random(f"{arguments.seed}/{name}/{batch}")
            worlds, changed = make_worlds(rng, make_tables(rng))
            engine.make_worlds(worlds)
            queries = [generate.Generator(rng, name).statement() for _ in range(min(BATCH, arguments.count - batch * BATCH))]
            for sql, statement in zip(queries, lineage(engine.dialect, queries)):
                judge(name, engine, sql, statement, changed, report)
        count = report.count
        share = 100 * count["claims that moved"] // max(1, count["claims"])
        print(f"{name}: {count['queries']} queries answered, {count['refused']} refused, {count['slow']} too slow; {count['claims']} edges claimed, {share} % of them seen to move; failures: {dict(report.failures) or 'none'}")
        failed = failed or bool(report.failures)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
