"""PostgreSQL's own record of what a view reads (pg_depend) against the base columns that we name.

PostgreSQL records every column that the text reads; we name those that reach the result. So ours are always among the
recorded ones, and in queries without derived tables (where a column can be made and never used) the sets are equal.

usage: dependencies.py [--seed 1] [--count 150] [--show 5]        ($LAYERGATE_TEST_POSTGRES_URL; exit 77 without)
"""
import argparse
import collections
import random
import sys

import engines
import generate
import perturb

RECORDED = """
SELECT DISTINCT c.relname, a.attname
FROM pg_depend d
JOIN pg_rewrite r ON r.oid = d.objid
JOIN pg_class c ON c.oid = d.refobjid
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0
  AND r.ev_class = 'seen'::regclass AND c.relname <> 'seen'
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--show", type=int, default=5)
    arguments = parser.parse_args()
    found, missing = engines.available(["postgres"])
    if not found:
        print("SKIPPED " + "; ".join(missing))
        return 77
    engine = found[0][1]
    rng = random.Random(arguments.seed)
    engine.make_worlds({"w": perturb.make_tables(rng)})
    report = perturb.Report(arguments.show)
    generate.Generator.whole_rows = False  # pg_depend has no columns for these
    queries = [generate.Generator(rng, "postgres").select(0)[0] for _ in range(arguments.count)]
    count = collections.Counter()
    for sql, statement in zip(queries, perturb.lineage("postgres", queries)):
        try:
            engine.run("w", f"DROP VIEW IF EXISTS seen; CREATE VIEW seen AS {sql}; {RECORDED}")
        except engines.QueryError:
            count["refused"] += 1
            continue
        recorded = {tuple(row) for row in engine.run("w", RECORDED)[1] if len(row) == 2}
        edges = statement["dataset"] + [e for c in statement["columns"] for e in c["direct"] + c["indirect"]]
        ours = {(e["relation"], e["column"]) for e in edges}
        count["views"] += 1
        whole = "LATERAL" not in sql and "FROM (" not in sql
        count["whole"] += whole
        if not ours <= recorded or (whole and ours != recorded):
            report.fail("differs", "postgres", sql, f"only PostgreSQL: {sorted(recorded - ours)}, only we: {sorted(ours - recorded)}")
    print(f"{count['views']} views compared, {count['whole']} of them for equality, {count['refused']} refused; failures: {dict(report.failures) or 'none'}")
    return 1 if report.failures or not count["views"] else 0


if __name__ == "__main__":
    sys.exit(main())
