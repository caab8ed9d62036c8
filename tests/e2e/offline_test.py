"""Differential test: the head project put together without dbt against the one that dbt parses.

usage: python offline_test.py [--count 2] [--seed 1] [--all | --each]

Each round makes random edits of a small project, commits them, and asks for the change set twice: from production's manifest
and the commit alone, and with the manifest that dbt makes of that commit. Both must tell the same, or the first must say
what it cannot tell. Needs a dbt with DuckDB in LAYERGATE_PEERS (or build/peers); without one it is skipped (exit 77).
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import support
from support import BINARY, ROOT, clean_environment, run

PEERS = pathlib.Path(os.environ.get("LAYERGATE_PEERS", ROOT / "build" / "peers"))
PROJECT = {
    "dbt_project.yml": """name: shop
version: 1.0.0
profile: shop
vars:
  cents: 100
models:
  shop:
    staging:
      +materialized: view
    marts:
      +materialized: table
      +schema: marts
      +tags: [daily]
seeds:
  shop:
    +quote_columns: false
""",
    "profiles.yml": "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: ':memory:', schema: main}\n",
    "macros/money.sql": "{% macro euros(c) %}({{ c }} / {{ var('cents') }}){% endmacro %}\n\n{% macro unused() %}1{% endmacro %}\n",
    "seeds/countries.csv": "id,name\n1,de\n2,fr\n",
    "models/staging/sources.yml": """version: 2
sources:
  - name: raw
    schema: raw
    loaded_at_field: loaded_at
    freshness: {warn_after: {count: 12, period: hour}}
    tables:
      - name: orders
        description: orders
        columns:
          - name: id
            data_tests: [unique]
      - name: customers
""",
    "models/staging/stg_orders.sql": "select id, customer_id, amount from {{ source('raw', 'orders') }}\n",
    "models/staging/stg_customers.sql": "{{ config(tags=['people']) }}\nselect id, email, country_id from {{ source('raw', 'customers') }}\n",
    "models/staging/staging.yml": """version: 2
models:
  - name: stg_orders
    description: Orders as they come
    columns:
      - name: id
        description: key
        data_tests: [unique, not_null]
      - name: customer_id
        data_tests:
          - relationships: {arguments: {to: ref('stg_customers'), field: id}}
  - name: stg_customers
    columns:
      - name: id
        data_tests: [unique]
      - name: email
        meta: {pii: true}
""",
    "models/marts/fct_orders.sql": "select o.id, o.customer_id, {{ euros('o.amount') }} as amount from {{ ref('stg_orders') }} o\n",
    "models/marts/dim_customers.sql": "select c.id, c.email, k.name from {{ ref('stg_customers') }} c join {{ ref('countries') }} k on k.id = c.country_id\n",
    "models/marts/report.sql": "{{ config(materialized='incremental', unique_key='id') }}\nselect * from {{ ref('fct_orders') }}\n{% if is_incremental() %}where id > 1{% endif %}\n",
    "models/marts/marts.yml": """version: 2
models:
  - name: fct_orders
    description: Facts
    config: {persist_docs: {relation: true, columns: true}}
    columns:
      - name: id
        data_tests: [not_null]
      - name: amount
        description: in euros
        data_tests:
          - not_null: {config: {severity: warn}}
  - name: dim_customers
    meta: {owner: crm}
exposures:
  - name: dashboard
    type: dashboard
    owner: {email: a@example.com}
    depends_on: [ref('fct_orders')]
""",
    "snapshots/orders_snapshot.sql": "{% snapshot orders_snapshot %}\n{{ config(target_schema='snap', unique_key='id', strategy='check', check_cols='all') }}\nselect * from {{ ref('stg_orders') }}\n{% endsnapshot %}\n",
    "tests/positive.sql": "select * from {{ ref('fct_orders') }} where amount < 0\n",
    "analyses/look.sql": "select count(*) from {{ ref('fct_orders') }}\n",
}


def replaced(path, old, new):
    def edit(files):
        if path in files and old in files[path]:
            files[path] = files[path].replace(old, new, 1)
    return edit


def put(path, text):
    return lambda files: files.__setitem__(path, text)


def removed(*paths):
    return lambda files: [files.pop(path, None) for path in paths]


def moved(old, new):
    def edit(files):
        if old in files:
            files[new] = files.pop(old)
    return edit


EDITS = {
    "body": replaced("models/marts/fct_orders.sql", " as amount", " as amount, 1 as one"),
    "cosmetic": replaced("models/marts/dim_customers.sql", "select c.id,", "select\n  c.id,"),
    "filter": replaced("models/staging/stg_orders.sql", "}}\n", "}} where amount > 0\n"),
    "new model": put("models/marts/extra.sql", "{{ config(tags=['x'], meta={'a': 1}) }}\nselect * from {{ ref('fct_orders') }} join {{ ref('stg_customers') }} using (id)\n"),
    "new ephemeral": put("models/staging/eph.sql", "{{ config(materialized='ephemeral') }}\nselect 1 as id\n"),
    "report removed": removed("models/marts/report.sql"),
    "report renamed": moved("models/marts/report.sql", "models/marts/report_2.sql"),
    "report moved": moved("models/marts/report.sql", "models/staging/report.sql"),
    "seed": replaced("seeds/countries.csv", "2,fr", "2,it"),
    "new seed": put("seeds/more.csv", "id\n1\n"),
    "macro": replaced("macros/money.sql", "({{ c }} /", "(1.0 * {{ c }} /"),
    "unused macro": replaced("macros/money.sql", "unused() %}1", "unused() %}2"),
    "var": replaced("dbt_project.yml", "cents: 100", "cents: 1000"),
    "folder tags": replaced("dbt_project.yml", "[daily]", "[daily, hourly]"),
    "folder materialized": replaced("dbt_project.yml", "+materialized: view", "+materialized: table"),
    "folder schema": replaced("dbt_project.yml", "+schema: marts", "+schema: gold"),
    "in-file config": replaced("models/marts/report.sql", "unique_key='id'", "unique_key='id', on_schema_change='fail'"),
    "in-file tags": replaced("models/staging/stg_customers.sql", "['people']", "['people', 'pii']"),
    "in-file alias": replaced("models/marts/report.sql", "unique_key='id'", "unique_key='id', alias='reports'"),
    "config gone": replaced("models/staging/stg_customers.sql", "{{ config(tags=['people']) }}\n", ""),
    "description": replaced("models/marts/marts.yml", "description: Facts", "description: All facts"),
    "column description": replaced("models/marts/marts.yml", "in euros", "in EUR"),
    "column meta": replaced("models/staging/staging.yml", "{pii: true}", "{pii: false}"),
    "new column": replaced("models/staging/staging.yml", "      - name: email\n", "      - name: country_id\n        data_tests: [not_null]\n      - name: email\n"),
    "model meta": replaced("models/marts/marts.yml", "{owner: crm}", "{owner: sales}"),
    "yaml config": replaced("models/marts/marts.yml", "    meta: {owner: crm}\n", "    config: {materialized: view, tags: [c]}\n"),
    "test removed": replaced("models/staging/staging.yml", "data_tests: [unique, not_null]", "data_tests: [unique]"),
    "test severity": replaced("models/marts/marts.yml", "{severity: warn}", "{severity: error}"),
    "test where": replaced("models/marts/marts.yml", "{severity: warn}", "{severity: warn, where: id > 1}"),
    "test argument": replaced("models/staging/staging.yml", "field: id", "field: email"),
    "accepted values": replaced("models/staging/staging.yml", "      - name: email\n", "      - name: email\n        data_tests:\n          - accepted_values: {arguments: {values: [a, b]}}\n"),
    "singular test": replaced("tests/positive.sql", "< 0", "<= 0"),
    "new singular test": put("tests/other.sql", "select * from {{ ref('stg_orders') }} where id is null\n"),
    "singular test removed": removed("tests/positive.sql"),
    "freshness": replaced("models/staging/sources.yml", "count: 12", "count: 24"),
    "source description": replaced("models/staging/sources.yml", "description: orders", "description: all orders"),
    "new source table": replaced("models/staging/sources.yml", "      - name: customers\n", "      - name: customers\n      - name: payments\n"),
    "source identifier": replaced("models/staging/sources.yml", "      - name: customers\n", "      - name: customers\n        identifier: customers_v2\n"),
    "source schema": replaced("models/staging/sources.yml", "    schema: raw\n", "    schema: raw_v2\n"),
    "exposure": replaced("models/marts/marts.yml", "a@example.com", "b@example.com"),
    "exposure parents": replaced("models/marts/marts.yml", "depends_on: [ref('fct_orders')]", "depends_on: [ref('fct_orders'), ref('dim_customers')]"),
    "new exposure": replaced("models/marts/marts.yml", "exposures:\n", "exposures:\n  - name: notebook\n    type: notebook\n    owner: {email: n@example.com}\n    depends_on: [ref('dim_customers')]\n"),
    "snapshot": replaced("snapshots/orders_snapshot.sql", "select *", "select id, amount"),
    "snapshot config": replaced("snapshots/orders_snapshot.sql", "check_cols='all'", "check_cols=['id']"),
    "analysis": replaced("analyses/look.sql", "count(*)", "count(1)"),
    "disabled": replaced("models/marts/report.sql", "unique_key='id'", "unique_key='id', enabled=false"),
    "contract": replaced("models/marts/marts.yml", "    meta: {owner: crm}\n", "    config: {contract: {enforced: true}}\n    columns:\n      - {name: id, data_type: integer}\n      - {name: email, data_type: varchar}\n      - {name: name, data_type: varchar}\n"),
    "access": replaced("models/marts/marts.yml", "    meta: {owner: crm}\n", "    meta: {owner: crm}\n    access: public\n"),
    "group": lambda files: (replaced("models/marts/marts.yml", "exposures:\n", "groups:\n  - name: crm\n    owner: {email: g@example.com}\nexposures:\n")(files),
                            replaced("models/marts/marts.yml", "    meta: {owner: crm}\n", "    meta: {owner: crm}\n    group: crm\n")(files)),
    "hook": replaced("models/marts/report.sql", "unique_key='id'", "unique_key='id', post_hook='select 1'"),
    "new yaml": put("models/marts/more.yml", "version: 2\nmodels:\n  - name: report\n    description: r\n    columns:\n      - name: id\n        data_tests: [unique]\n"),
}


class Lab:
    def __init__(self, dbt, folder):
        self.dbt, self.folder, self.repository = dbt, folder, folder / "repository"

    def git(self, *words):
        result = run(["git", *words], cwd=self.repository)
        assert result.code == 0, result
        return result.out.strip()

    def write(self, files):
        for path in self.repository.rglob("*"):
            if path.is_file() and ".git" not in path.parts:
                path.unlink()
        for name, text in files.items():
            path = self.repository / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def commit(self, message):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)

    def compile(self, to):
        """dbt's manifest of the work tree; None where dbt itself refuses it."""
        target = self.folder / "target"
        shutil.rmtree(target, ignore_errors=True)
        done = subprocess.run([self.dbt, "--no-use-colors", "compile", "--profiles-dir", ".", "--target-path", target, "--no-partial-parse"],
                              cwd=self.repository, env={**clean_environment(), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}, capture_output=True,
                              text=True, check=False)
        shutil.rmtree(self.repository / "logs", ignore_errors=True)
        if done.returncode != 0:
            print("  dbt refuses:", " ".join(done.stdout.split())[-300:])
            return None
        shutil.copy(target / "manifest.json", to)
        return to

    def changes(self, *arguments):
        out = self.folder / "out.json"
        out.unlink(missing_ok=True)
        result = run([BINARY, "check", "--base", "main", "--head", "head", "--base-manifest", self.folder / "base.json", "--at", support.AT,
                      "--output", f"json:{out}", "-q", *arguments], cwd=self.repository)
        assert out.exists(), result
        return json.loads(out.read_text())["changes"]


def short(unique_id):
    return unique_id.rsplit(".", 1)[0] if unique_id.startswith("test.") and unique_id.count(".") > 2 else unique_id


def told(changes):
    return {short(n["unique_id"]): (n["change"], tuple(sorted(n["dbt_state"])), tuple(sorted(map(json.dumps, n["also"]))), n["cosmetic"])
            for n in changes["nodes"]}


def one_round(lab, names):
    files = dict(PROJECT)
    for name in names:
        EDITS[name](files)
    lab.git("checkout", "--quiet", "-B", "head", "main")
    lab.write(files)
    lab.commit(", ".join(names))
    head = lab.compile(lab.folder / "head.json")
    if head is None:
        return True
    dbts, own = told(lab.changes("--head-manifest", head)), lab.changes()
    unknown = {u["path"]: u["why"] for u in own["unknown"]}
    mine = told(own)
    wrong = [(key, dbts.get(key), mine.get(key)) for key in sorted(set(dbts) | set(mine)) if dbts.get(key) != mine.get(key)]
    print(f"{', '.join(names)}: {len(dbts)} changes, {len(wrong)} told differently, {len(unknown)} unknown")
    for path, why in unknown.items():
        print(f"    unknown {path}: {why}")
    for key, theirs, ours in wrong:
        print(f"    {key}\n      dbt: {theirs}\n      own: {ours}")
    return not wrong or bool(unknown)


def main():
    dbt = PEERS / "dbt" / "bin" / "dbt"
    if not dbt.exists():
        print(f"SKIPPED: there is no dbt in {PEERS} (scripts/install_peers dbt)")
        return 77
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", action="store_true", help="every edit alone")
    parser.add_argument("--all", action="store_true", help="every edit once, --edits of them in a round")
    parser.add_argument("--edits", type=int, default=6, help="edits in a round")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="layergate-offline-") as folder:
        lab = Lab(dbt, pathlib.Path(folder))
        lab.repository.mkdir()
        lab.git("init", "--quiet", "-b", "main")
        lab.write(PROJECT)
        lab.commit("base")
        assert lab.compile(lab.folder / "base.json"), "dbt compiles the base project"
        rounds = [[name] for name in EDITS]
        if not arguments.each:
            source = random.Random(arguments.seed)
            rounds = [source.sample(sorted(EDITS), arguments.edits) for _ in range(arguments.count)]
            if arguments.all:
                names = source.sample(sorted(EDITS), len(EDITS))
                rounds = [names[i:i + arguments.edits] for i in range(0, len(names), arguments.edits)]
        return 0 if all([one_round(lab, names) for names in rounds]) else 1


if __name__ == "__main__":
    sys.exit(main())
