"""Rewrites that mean the same must give the same lineage, in every dialect. No engine is needed.

usage: metamorphic.py [--seed 1] [--count 40] [--show 5]        ($LAYERGATE_BINARY is the program under test)
"""
import argparse
import random
import re
import sys

import generate
import perturb

# What the generator writes for an engine, and the dialects whose parsers must take it too.
DIALECTS = {
    "sqlite": ["sqlite"],
    "postgres": ["postgres", "redshift"],
    "duckdb": ["duckdb"],
    "mariadb": ["mariadb", "mysql"],
    "ansi": ["snowflake", "bigquery", "databricks", "spark", "tsql", "trino", "clickhouse", "postgres"],
}
# BigQuery's tables and MySQL's are sensitive to case, ClickHouse is altogether.
CASELESS = {"snowflake", "databricks", "spark", "postgres", "redshift", "duckdb", "trino", "sqlite", "tsql"}


def outside_strings(sql, change):
    return "".join(part if part.startswith("'") else change(part) for part in re.split(r"('(?:[^']|'')*')", sql))


def spaced(rng, sql):
    fillings = [" ", "  ", "\n", "\t", " /* a, b */ ", " -- from x\n", "\n\n"]
    return outside_strings(sql, lambda text: re.sub(r" ", lambda _: rng.choice(fillings), text))


def cased(rng, sql):
    return outside_strings(sql, lambda text: "".join(c.upper() if rng.random() < 0.5 else c.lower() for c in text))


def renamed(_, sql):
    return re.sub(r"\b[tuvw](\d+)\b", r"other_\1", sql)


REWRITES = {
    "whitespace and comments": spaced,
    "case": cased,
    "alias renames": renamed,
    "derived": lambda _, sql: f"SELECT * FROM ({sql}) AS outermost",
    "derived twice": lambda _, sql: f"SELECT outermost.* FROM (SELECT * FROM ({sql}) AS inner_one) AS outermost",
    "as a CTE": lambda _, sql: f"WITH outermost AS ({sql}) SELECT * FROM outermost",
    "semicolon": lambda _, sql: sql + "\n;",
}


def shape(statement):
    """Lineage without spans and texts; names without case."""
    edges = lambda items: sorted((e["relation"], e["column"], e.get("field", ""), e["subtype"]) for e in items)
    if statement is None:
        return None
    columns = [(c["name"].lower(), c["status"], edges(c["direct"]), edges(c["indirect"])) for c in statement["columns"]]
    return columns, edges(statement["dataset"])


def branches_swapped(rng, engine, dialect, report):
    """A UNION ALL B and B UNION ALL A: the same edges, under the names of the first."""
    generator = generate.Generator(rng, engine)
    first, columns = generator.select(1)
    second, _ = generator.select(1, shape=columns)
    both = perturb.lineage(dialect, [f"{first} UNION ALL {second}", f"{second} UNION ALL {first}"])
    a, b = shape(both[0]), shape(both[1])
    if a is None or b is None or [c[1:] for c in a[0]] != [c[1:] for c in b[0]] or a[1] != b[1]:
        report.fail("swapped branches", dialect, f"{first}\nUNION ALL\n{second}", f"{a}\n    {b}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=40, help="queries per dialect")
    parser.add_argument("--show", type=int, default=5)
    arguments = parser.parse_args()
    report = perturb.Report(arguments.show)
    compared = 0
    for engine, dialects in DIALECTS.items():
        for dialect in dialects:
            rng = random.Random(f"{arguments.seed}/{dialect}")
            queries = [generate.Generator(rng, engine).statement() for _ in range(arguments.count)]
            before = perturb.lineage(dialect, queries)
            for name, rewrite in REWRITES.items():
                if name == "case" and dialect not in CASELESS:
                    continue
                after = perturb.lineage(dialect, [rewrite(rng, sql) for sql in queries])
                for sql, one, two in zip(queries, before, after):
                    compared += 1
                    if shape(one) != shape(two):
                        report.fail(name, dialect, sql, f"{shape(one)}\n    {shape(two)}")
            for _ in range(max(1, arguments.count // 10)):
                compared += 1
                branches_swapped(rng, engine, dialect, report)
    print(f"{compared} rewrites compared; failures: {dict(report.failures) or 'none'}")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
