"""Real dbt builds a small project as production and as pull requests, on PostgreSQL and on DuckDB; the gates judge what it
built. Skipped (exit 77) where there is no dbt."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from support import clean_environment
from warehouse import PEERS, POSTGRES, WarehouseTest, client, psql, skip_without, with_parameters

# One process for all builds: most of dbt's time is its start.
DRIVER = """import json, sys
from dbt.cli.main import dbtRunner
for words in json.load(sys.stdin):
    if not dbtRunner().invoke(words).success:
        sys.exit(f"failed: {words}")
"""

DBT = shutil.which("dbt", path=str(PEERS / "dbt" / "bin")) or shutil.which("dbt")
LIBDUCKDB = PEERS / "duckdb" / "libduckdb.so"

FILES = {
    "dbt_project.yml": """name: shop
version: "1.0"
profile: shop
models: {shop: {+materialized: table}}
""",
    "models/staging/stg_orders.sql": """select n as order_id, n % 50 as customer_id, n * 100 as amount_cents,
  cast('2026-01-01' as timestamp) + n * interval '1' hour as ordered_at
from (select cast(row_number() over () as integer) as n from {{ ref('ten') }} a, {{ ref('ten') }} b, {{ ref('ten') }} c) as numbers
where n <= {{ var('orders', 480) }}
""",
    "models/staging/stg_refunds.sql": """select order_id, 10 as refund_cents from {{ ref('stg_orders') }}
union all select order_id, 20 from {{ ref('stg_orders') }}
""",
    "models/marts/fct_orders.sql": """select o.order_id, o.customer_id, o.amount_cents, o.ordered_at
from {{ ref('stg_orders') }} as o
where o.order_id % 4 <> 0
""",
    "models/marts/marts.yml": """models:
  - name: fct_orders
    config: {event_time: ordered_at}
    columns: [{name: order_id, data_tests: [unique]}]
""",
    "seeds/ten.csv": "i\n" + "".join(f"{i}\n" for i in range(10)),
}

# name -> (files of the pull request, dbt's arguments, options, exit code, rules)
PULL_REQUESTS = {
    "fan_out": ({"models/marts/fct_orders.sql": FILES["models/marts/fct_orders.sql"].replace(
        "where", "left join {{ ref('stg_refunds') }} as r on r.order_id = o.order_id\nwhere")}, [], "{}", 1,
        {"row_count_diff.change", "row_count_diff.key_multiplied", "join_fanout.proved"}),
    "dropped_filter": ({"models/marts/fct_orders.sql": FILES["models/marts/fct_orders.sql"].replace(
        "where o.order_id % 4 <> 0\n", "")}, [], "{}", 1, {"row_count_diff.change"}),
    "harmless_refactor": ({"models/marts/fct_orders.sql": """with orders as (
  select order_id, customer_id, amount_cents, ordered_at from {{ ref('stg_orders') }} where order_id % 4 <> 0
)
select order_id, customer_id, amount_cents, ordered_at from orders
"""}, [], "{}", 0, set()),
    # The pull request was built two days later: 48 more orders, which production does not have yet.
    "late_rows": ({"models/marts/fct_orders.sql": FILES["models/marts/fct_orders.sql"] + "-- built later\n"},
                  ["--vars", "{orders: 600}"], "{window: {last: 10 days}}", 0, set()),
    "late_rows_without_window": ({"models/marts/fct_orders.sql": FILES["models/marts/fct_orders.sql"] + "-- built later\n"},
                                 ["--vars", "{orders: 600}"], "{}", 1, {"row_count_diff.change"}),
    "cartesian": ({"models/marts/fct_orders.sql": FILES["models/marts/fct_orders.sql"].replace(
        "where", "left join {{ ref('stg_refunds') }} as r on r.order_id > 0\nwhere")}, [], "{}", 1,
        {"row_count_diff.change", "row_count_diff.key_multiplied"}),
}


class Dbt(WarehouseTest):
    """One engine; production is built once."""

    # Each is built on one engine at least; LAYERGATE_TEST_ALL=1 builds all on both.
    wanted = ()

    @classmethod
    def setUpClass(cls):
        if cls is Dbt:
            raise unittest.SkipTest("an engine's class does the work")
        cls.project = pathlib.Path(tempfile.mkdtemp(prefix="layergate-dbt-"))
        cls.addClassCleanup(shutil.rmtree, cls.project)
        cls.profiles = cls.project / "profiles"
        cls.profiles.mkdir()
        cls.targets = ["prod", *cls.names()]
        (cls.profiles / "profiles.yml").write_text(cls.profile())
        builds = [cls.prepare("prod", {}, [])]
        builds += [cls.prepare(name, changes, arguments) for name, (changes, arguments, *_) in PULL_REQUESTS.items()
                   if name in cls.targets]
        python = pathlib.Path(DBT).parent / "python"
        done = subprocess.run([python, "-c", DRIVER], input=json.dumps(builds), cwd=cls.project, capture_output=True, text=True,
                              timeout=280, env=clean_environment(), check=False)
        if done.returncode != 0:
            raise RuntimeError(f"dbt: {done.stdout}{done.stderr}")

    @classmethod
    def names(cls):
        return list(PULL_REQUESTS) if os.environ.get("LAYERGATE_TEST_ALL") else cls.wanted

    @classmethod
    def prepare(cls, target, changes, arguments):
        """The project of one target, and the words that make dbt build it."""
        folder = cls.project / target
        for path, text in {**FILES, **changes}.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        return ["--quiet", "--no-version-check", "--no-send-anonymous-usage-stats", "--no-partial-parse", "build",
                "--exclude-resource-type", "test", "--profiles-dir", str(cls.profiles), "--project-dir", str(folder), "--target-path",
                str(folder / "target"), "--target", target, *arguments]

    def judge(self, name):
        if name not in self.targets:
            self.skipTest("built on the other engine; LAYERGATE_TEST_ALL=1 builds it here too")
        _, _, options, code, rules = PULL_REQUESTS[name]
        target = self.project / name / "target"
        self.write([], gates="row_count_diff join_fanout explain_plan", options=options)
        shutil.copy(self.project / "prod/target/manifest.json", self.work / "base.json")
        shutil.copy(target / "manifest.json", self.work / "head.json")
        env = clean_environment(LAYERGATE_DUCKDB_LIBRARY=LIBDUCKDB)
        said = self.check("", "", "--target-base", "prod", "--target-head", name, "--profiles-dir", self.profiles, "--profile",
                          "shop", "--run-results", target / "run_results.json", env=env)
        self.assertEqual(said, code, self.said)
        spoke = {f["rule"] for g in self.result["gates"] for f in g["findings"] if f["severity"] != "audit"}
        self.assertLessEqual(rules, spoke, self.said)
        if not rules:
            self.assertEqual(spoke, set(), self.said)
        self.assertTrue(any(g["gate"] == "row_count_diff" for g in self.result["gates"]), self.said)


def add(name):
    setattr(Dbt, f"test_{name}", lambda self: self.judge(name))


for _name in PULL_REQUESTS:
    add(_name)


@unittest.skipUnless(POSTGRES, "LAYERGATE_TEST_POSTGRES_URL is not set")
class OnPostgres(Dbt):
    wanted = ("fan_out", "dropped_filter", "late_rows", "cartesian")

    @classmethod
    def profile(cls):
        at = client(POSTGRES)
        psql("".join(f"drop schema if exists dbt_{name} cascade;" for name in cls.targets))
        outputs = "".join(f"""    {name}: {{type: postgres, host: {at.hostname}, port: {at.port}, user: {at.username}, password: none,
      dbname: {at.path[1:]}, schema: dbt_{name}, threads: 4}}
""" for name in cls.targets)
        return "shop:\n  target: prod\n  outputs:\n" + outputs


@unittest.skipUnless(LIBDUCKDB.exists(), f"no {LIBDUCKDB}")
class OnDuckDb(Dbt):
    wanted = ("fan_out", "harmless_refactor", "late_rows_without_window")

    @classmethod
    def profile(cls):
        # Files that the older library of the tests can read, whatever dbt's own version writes by default.
        make = ("import duckdb, sys\nfor f in sys.argv[1:]:\n  c = duckdb.connect()\n"
                "  c.execute(f\"attach '{f}' as x (storage_version 'v1.2.0')\")\n  c.close()\n")
        files = {name: cls.project / f"{name}.duckdb" for name in cls.targets}
        subprocess.run([pathlib.Path(DBT).parent / "python", "-c", make, *files.values()], check=True)
        outputs = "".join(f"    {name}: {{type: duckdb, path: {file}, schema: main, threads: 1}}\n" for name, file in files.items())
        return "shop:\n  target: prod\n  outputs:\n" + outputs


if __name__ == "__main__":
    if not DBT:
        print("SKIPPED: no dbt (scripts/install_peers dbt)")
        sys.exit(77)
    unittest.main()
