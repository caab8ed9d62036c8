#!/usr/bin/env python3
"""Prints the SQL that builds a warehouse from a manifest's compiled models, parents first.

usage: warehouse_sql.py MANIFEST

This is what `dbt build` does, less dbt: scripts/demo needs the tables on machines that have sqlite3 but no dbt.
"""
import json
import sys


def main(path):
    with open(path, encoding="utf-8") as file:
        nodes = json.load(file)["nodes"]
    models = {k: v for k, v in nodes.items() if v["resource_type"] == "model"}
    done = set()

    def write(unique_id):
        if unique_id in done:
            return
        done.add(unique_id)
        model = models[unique_id]
        for parent in sorted(model["depends_on"]["nodes"]):
            if parent in models:
                write(parent)
        kind = "view" if model["config"]["materialized"] == "view" else "table"
        print(f"create {kind} {model['relation_name']} as\n{model['compiled_code'].strip()};\n")

    for unique_id in sorted(models):
        write(unique_id)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
