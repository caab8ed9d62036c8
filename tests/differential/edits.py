"""Edits: one small change of a query, judged by the engine and by our comparison.

For each random query some random edits are made (an operator, a literal, a join's kind, DISTINCT, NULLS FIRST, two
arguments exchanged, a bracket moved, ...). Both texts run on the same random data, in several worlds. Where the results
differ, comparing them (lineage/compare.h, by way of compare_queries) must not have said that they are the same. Edits
that comparing tells of are not run: the engine is asked about the others only.

usage: edits.py [--engines duckdb,sqlite,postgres,mariadb] [--seed 1] [--count 150] [--edits 10] [--show 10]
$LAYERGATE_COMPARE is the program that compares (build/developer/bin/compare_queries). Exit code 77: no engine.
"""
import argparse
import collections
import json
import os
import random
import re
import subprocess
import sys
import time

import engines
import generate

BATCH = 25  # queries over the same data
TOO_SLOW = 0.2  # seconds
TOKEN = re.compile(r"'(?:[^']|'')*'|\d+(?:\.\d+)?|[A-Za-z_][A-Za-z_0-9]*|\"[^\"]*\"|->>|->|<=>|!~|~\*|//|<>|<=|>=|\|\||::|:=|[^\s]")
EXCHANGED = [
    {"+", "-", "*"}, {"=", "<>", "<", "<=", ">", ">="}, {"AND", "OR"}, {"UNION", "INTERSECT", "EXCEPT"},
    {"LEFT", "RIGHT", "FULL", "INNER"}, {"max", "min", "sum", "count"}, {"upper", "lower", "length"},
    {"ROWS", "RANGE", "GROUPS"}, {"PRECEDING", "FOLLOWING"}, {"first_value", "last_value"},
    {"row_number", "rank", "dense_rank"}, {"lag", "lead"}, {"ROLLUP", "CUBE"}, {"COALESCE", "NULLIF"},
    {"LIMIT", "OFFSET"}, {"EXISTS", "NOT EXISTS"}, {"SEMI", "ANTI"}, {"LIKE", "ILIKE"}, {"WHEN", "WHEN NOT"},
    {"ORDER BY", "PARTITION BY"}, {"'a'", "'A'", "'b'"}, {"int", "text", "varchar(1)"},
    {"ltrim", "rtrim", "trim"}, {"left", "right"}, {"lpad", "rpad"}, {"greatest", "least"}, {"ceil", "floor", "round"},
    {"LEADING", "TRAILING", "BOTH"}, {"'day'", "'month'", "'year'"}, {"DAY", "MONTH", "YEAR"}, {"bool_or", "bool_and"},
    {"ANY", "ALL"}, {"ROLLUP", "GROUPING SETS"}, {"avg", "stddev"}, {"percentile_disc", "percentile_cont"}, {"DISTINCT", "ALL"},
    {"EXCLUDE CURRENT ROW", "EXCLUDE TIES", "EXCLUDE GROUP", "EXCLUDE NO OTHERS"}, {"UNBOUNDED", "1", "2"}, {"TRUE", "FALSE", "UNKNOWN"},
    {"<=>", "=", "<>"}, {"MATERIALIZED", "NOT MATERIALIZED"}, {"text", "varchar", "char(1)", "numeric(3,1)"}, {"NATURAL", "CROSS"},
]  # fmt: skip
ADDED = {
    "SELECT": ["DISTINCT"], "UNION": ["ALL"], "JOIN": [], "(": ["DISTINCT", "("], ")": [")", "IS NULL", "DESC", "OVER ()"],
    "ORDER": [], "WHERE": ["NOT"], "BY": [], "THEN": ["-"], "ON": ["NOT"], "HAVING": ["NOT"],
}  # fmt: skip
BEHIND_COLUMN = ["ASC", "% 2", "* 1", "::text", "COLLATE NOCASE", "IS TRUE", "= NULL", "IS NOT NULL", "<= 2", "DESC", "NULLS FIRST", "NULLS LAST", "DESC NULLS LAST", "+ 0", "IS NULL", "|| 'x'"]


def tokens_of(sql):
    return TOKEN.findall(sql)


def is_name(token):
    return re.fullmatch(r"[a-z_][a-z_0-9]*", token) is not None


def text_of(tokens):
    return " ".join(tokens).replace(" (", "(")  # MariaDB's functions have no blank before the bracket


def balanced(tokens):
    depth = 0
    for token in tokens:
        depth += (token in "([{") - (token in ")]}")
        if depth < 0:
            return False
    return depth == 0


def groups_of(tokens):
    """Bracketed lists: for each '(' the places of its items."""
    found, stack = [], []
    for i, token in enumerate(tokens):
        if token == "(":
            stack.append([i, []])
        elif token == "," and stack:
            stack[-1][1].append(i)
        elif token == ")" and stack:
            start, commas = stack.pop()
            found.append([start] + commas + [i])
    return found


class Editor:
    def __init__(self, rng):
        self.rng = rng

    def edit(self, sql):
        tokens = tokens_of(sql)
        how = self.rng.choice([self.exchange, self.exchange, self.number, self.swap_names, self.swap_names, self.swap_items,
                               self.swap_items, self.add, self.behind, self.drop, self.brackets, self.drop_group, self.move])  # fmt: skip
        out = how(list(tokens))
        # A client waits for ever behind a bracket that is not closed.
        return text_of(out) if out and out != tokens and balanced(out) else None

    def exchange(self, tokens):
        places = [(i, s) for i, t in enumerate(tokens) for s in EXCHANGED if t in s]
        if not places:
            return None
        i, choices = self.rng.choice(places)
        tokens[i] = self.rng.choice(sorted(choices - {tokens[i]}))
        return tokens

    def number(self, tokens):
        places = [i for i, t in enumerate(tokens) if t.isdigit()]
        if not places:
            return None
        i = self.rng.choice(places)
        tokens[i] = str(max(0, int(tokens[i]) + self.rng.choice([-1, 1, 2])))
        return tokens

    def swap_names(self, tokens):
        names = [i for i, t in enumerate(tokens) if is_name(t)]
        if len(names) < 2:
            return None
        i, k = self.rng.sample(names, 2)
        if self.rng.random() < 0.5:
            tokens[i] = tokens[k]
        else:
            tokens[i], tokens[k] = tokens[k], tokens[i]
        return tokens

    def swap_items(self, tokens):
        lists = [g for g in groups_of(tokens) if len(g) > 2]
        if not lists:
            return None
        edges = self.rng.choice(lists)
        a = self.rng.randrange(len(edges) - 2)
        first, second = tokens[edges[a] + 1:edges[a + 1]], tokens[edges[a + 1] + 1:edges[a + 2]]
        return tokens[:edges[a] + 1] + second + [","] + first + tokens[edges[a + 2]:]

    def add(self, tokens):
        places = [i for i, t in enumerate(tokens) if ADDED.get(t)]
        if not places:
            return None
        i = self.rng.choice(places)
        return tokens[:i + 1] + [self.rng.choice(ADDED[tokens[i]])] + tokens[i + 1:]

    def behind(self, tokens):
        places = [i for i, t in enumerate(tokens) if is_name(t)]
        if not places:
            return None
        i = self.rng.choice(places)
        return tokens[:i + 1] + [self.rng.choice(BEHIND_COLUMN)] + tokens[i + 1:]

    def drop(self, tokens):
        i = self.rng.randrange(len(tokens))
        return tokens[:i] + tokens[i + self.rng.randint(1, 3):]

    def brackets(self, tokens):
        groups = groups_of(tokens)
        if not groups:
            return None
        group = self.rng.choice(groups)
        start, end = group[0], group[-1]
        if self.rng.random() < 0.5:
            return tokens[:start] + tokens[start + 1:end] + tokens[end + 1:]
        # The closing one a few places on.
        rest = tokens[end + 1:]
        at = self.rng.randint(1, 3)
        return tokens[:end] + rest[:at] + [")"] + rest[at:]

    def drop_group(self, tokens):
        """A clause that ends where a bracket closes or another clause begins."""
        heads = [i for i, t in enumerate(tokens) if t in ("WHERE", "HAVING", "PARTITION", "ORDER", "ELSE", "WHEN", "AND", "LIMIT", "OFFSET", "FILTER")]
        if not heads:
            return None
        start = self.rng.choice(heads)
        depth, end = 0, start + 1
        while end < len(tokens):
            token = tokens[end]
            depth += (token == "(") - (token == ")")
            if depth < 0 or (depth == 0 and token in ("WHERE", "HAVING", "GROUP", "ORDER", "UNION", "ELSE", "END", "WHEN", "AND", "OR", "LIMIT", "OFFSET")):
                break
            end += 1
        return tokens[:start] + tokens[end:]

    def move(self, tokens):
        i = self.rng.randrange(len(tokens))
        width = self.rng.randint(1, 4)
        piece = tokens[i:i + width]
        rest = tokens[:i] + tokens[i + width:]
        k = self.rng.randrange(len(rest) + 1)
        return rest[:k] + piece + rest[k:]


class Comparer:
    """compare_queries, kept open: says of two texts whether they are taken for the same."""

    def __init__(self):
        self.process = subprocess.Popen([os.environ["LAYERGATE_COMPARE"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
        self.schema = json.dumps({t: {c: k for c, k in columns} for t, columns in generate.TABLES.items()})

    def same(self, dialect, base, head):
        self.process.stdin.write("\x1f".join([dialect, self.schema, base, head]) + "\x1e")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip() == "same"


def result(engine, world, sql):
    """Rows as a multiset, columns by name: their order is said apart."""
    names, rows = engine.run(world, sql)
    if names is None:
        return None, []
    order = sorted(range(len(names)), key=lambda i: (names[i].lower(), i))
    return [names[i].lower() for i in order], sorted([repr(row[i]) for i in order] for row in rows)


def quick(engine, sql):
    began = time.monotonic()
    try:
        engine.run("w_0", sql)
    except engines.QueryError:
        return False
    return time.monotonic() - began < TOO_SLOW


def judge(engine, name, worlds, base, before, head, comparer, counts):
    """What is wrong, or None. Edits that comparing tells of need no engine."""
    counts["edits"] += 1
    if not comparer.same(engine.dialect, base, head):
        return None
    try:
        after = [result(engine, world, head) for world in worlds]
    except engines.QueryError:
        counts["refused"] += 1
        return None
    counts["said to be the same"] += 1
    # Names of columns that nobody named differ with every edit; rows without names can't be told apart either.
    differ = [w for w, b, a in zip(worlds, before, after) if b != a]
    return f"{name}: the results differ in {differ[0]}\n  {base}\n  {head}" if differ else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", default="duckdb,sqlite,postgres,mariadb")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100, help="queries per engine")
    parser.add_argument("--edits", type=int, default=10, help="edits per query")
    parser.add_argument("--show", type=int, default=10)
    arguments = parser.parse_args()
    found, missing = engines.available(arguments.engines.split(","))
    for reason in missing:
        print(f"SKIPPED {reason}")
    if not found:
        return 77
    comparer, failures = Comparer(), 0
    for name, engine in found:
        counts = collections.Counter()
        wrong = 0
        for batch in range((arguments.count + BATCH - 1) // BATCH):
            rng = random.Random(f"{arguments.seed}/{name}/{batch}")
            worlds = {f"w_{i}": {t: (c, generate.random_rows(rng, c)) for t, c in generate.TABLES.items()} for i in range(4)}
            engine.make_worlds(worlds)
            for _ in range(min(BATCH, arguments.count - batch * BATCH)):
                base = text_of(tokens_of(generate.Generator(rng, name).statement()))
                if not quick(engine, base):
                    continue
                try:
                    before = [result(engine, world, base) for world in worlds]
                except engines.QueryError:
                    continue
                counts["queries"] += 1
                for _ in range(arguments.edits):
                    head = Editor(rng).edit(base)
                    if head is None:
                        continue
                    problem = judge(engine, name, list(worlds), base, before, head, comparer, counts)
                    if problem is None:
                        continue
                    wrong += 1
                    if wrong <= arguments.show:
                        print(problem, flush=True)
        print(f"{name}: {counts['queries']} queries, {counts['edits']} edits; {counts['said to be the same']} said to be the same (and {counts['refused']} that the engine refuses), wrongly: {wrong}", flush=True)
        failures += wrong
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
