"""Databases filled with known defects and with known harmless drift, on four engines. Every model here is built by real SQL
on both sides; the shipped policy must block every defect and none of the drift, and nothing may have changed in any database.

LAYERGATE_TEST_SEED and LAYERGATE_TEST_ORDERS choose other data (11 and 600)."""
import dataclasses
import hashlib
import json
import os
import pathlib
import random
import shutil
import sqlite3
import subprocess
import sys
import unittest

from support import clean_environment
from warehouse import MARIADB, PEERS, POSTGRES, WarehouseTest, client, dump, manifest, mariadb, model, psql, with_parameters

SEED = int(os.environ.get("LAYERGATE_TEST_SEED", "11"))
ORDERS = int(os.environ.get("LAYERGATE_TEST_ORDERS", "600"))
RAW, PROD, PR = "defects_raw", "defects_prod", "defects_pr"

# Layers of the tests beside the shipped ones: what a project writes that has windows and measured columns.
POLICY = """version: 1
extends: default
layers:
  - name: windowed
    match: [{path: models/windowed/**}]
    gates: {row_count_diff: {options: {window: {column: ordered_at, last: 10 days}}}}
  - name: measured
    match: [{path: models/measured/**}]
    gates: {row_count_diff: {options: {columns: {amount: [sum, nulls], customer_id: [distinct, nulls]}}, rules: {column_drift: fail}}}
"""
FANOUT_POLICY = """version: 1
unmatched_layer: all
layers:
  - name: all
    match: [{path: '**'}]
    gates: {join_fanout: {}, explain_plan: {options: {mariadb: true}}}
"""

COLUMNS = "o.order_id, o.customer_id, o.status, o.amount, o.ordered_at, o.code"
LIVE = f"select {COLUMNS} from raw.orders as o where o.status <> 'cancelled'"
ALL = f"select {COLUMNS} from raw.orders as o"


@dataclasses.dataclass
class Scenario:
    base: str
    head: str
    rules: tuple = ()  # of row_count_diff, at least; none: the model must not be blocked
    fanout: tuple = ()  # of join_fanout and explain_plan, at least
    config: dict = dataclasses.field(default_factory=dict)
    folder: str = "marts"
    views: tuple = ()  # sides that are views
    alias: str = ""


def keyed(*columns):
    return {"unique_key": columns[0] if len(columns) == 1 else list(columns)}


CHANGE, KEY, NULLS, EMPTY = ("row_count_diff." + rule for rule in ("change", "key_multiplied", "key_null", "empty_head"))
DRIFT, EMPTY_BASE = "row_count_diff.column_drift", "row_count_diff.empty_base"
PROVED = "join_fanout.proved"

DOUBLE = f"select {COLUMNS}, r.cents from raw.orders as o left join raw.refunds as r on r.order_id = o.order_id where o.status <> 'cancelled'"
PARTIAL = f"select {COLUMNS}, n.note from raw.orders as o left join raw.notes as n on n.order_id = o.order_id where o.status <> 'cancelled'"
LATE = f"{LIVE} union all select {COLUMNS} from raw.late as o where o.status <> 'cancelled'"
FIRST = "o.order_id <= {half}"

DEFECTS = {
    "fan_out": Scenario(LIVE, DOUBLE, (CHANGE, KEY), (PROVED,), keyed("order_id")),
    "fan_out_undeclared": Scenario(LIVE, DOUBLE, (CHANGE, KEY), (PROVED,)),
    "fan_out_in_a_view": Scenario(LIVE, DOUBLE, (CHANGE, KEY), (PROVED,), keyed("order_id"), views=("base", "head")),
    "fan_out_partial": Scenario(LIVE, PARTIAL, (KEY,), (PROVED,), keyed("order_id")),
    "fan_out_partial_undeclared": Scenario(LIVE, PARTIAL, (KEY,), (PROVED,)),
    "fan_out_partial_beside_one_old_double": Scenario(
        f"{LIVE} union all select {COLUMNS} from raw.orders as o where o.order_id = 1 and o.status <> 'never'",
        f"{PARTIAL} union all select {COLUMNS}, null from raw.orders as o where o.order_id = 1", (KEY,), (), keyed("order_id")),
    "fan_out_through_a_cte": Scenario(LIVE, f"with n as (select order_id, note from raw.notes) select {COLUMNS}, n.note from raw.orders as o "
                                      "left join n on n.order_id = o.order_id where o.status <> 'cancelled'", (KEY,), (PROVED,)),
    "fan_out_on_half_a_key": Scenario("select l.order_id, l.line_no, l.qty from raw.lines as l",
                                      "select l.order_id, l.line_no, l.qty, x.cents from raw.lines as l join raw.line_prices as x on "
                                      "x.order_id = l.order_id", (CHANGE, KEY), (PROVED,), keyed("order_id", "line_no")),
    "filtered_and_doubled": Scenario(f"{LIVE} and o.order_id % 2 = 0",
                                     f"select {COLUMNS}, r.cents from raw.orders as o left join raw.refunds as r on r.order_id = o.order_id "
                                     "where o.status <> 'cancelled' and o.order_id % 4 = 0", (KEY,), (PROVED,), keyed("order_id")),
    "filtered_and_doubled_undeclared": Scenario(f"{LIVE} and o.order_id % 2 = 0",
                                                f"select {COLUMNS}, r.cents from raw.orders as o left join raw.refunds as r on r.order_id = "
                                                "o.order_id where o.status <> 'cancelled' and o.order_id % 4 = 0", (KEY,), (PROVED,)),
    "wrong_join_key": Scenario(LIVE, f"select {COLUMNS}, b.cents from raw.orders as o left join raw.balances as b on b.customer_id = o.customer_id "
                               "where o.status <> 'cancelled'", (CHANGE, KEY), (PROVED,), keyed("order_id")),
    "cross_join": Scenario(LIVE, f"select {COLUMNS}, g.name from raw.orders as o cross join raw.regions as g where o.status <> 'cancelled'",
                           (CHANGE, KEY), (), keyed("order_id")),
    "dropped_filter": Scenario(LIVE, ALL, (CHANGE,), (), keyed("order_id")),
    "wrong_filter": Scenario(LIVE, f"select {COLUMNS} from raw.orders as o where o.status = 'cancelled'", (CHANGE,), (), keyed("order_id")),
    "inner_join_loses": Scenario(f"select {COLUMNS}, c.name from raw.orders as o left join raw.customers as c on c.customer_id = o.customer_id",
                                 f"select {COLUMNS}, c.name from raw.orders as o join raw.customers as c on c.customer_id = o.customer_id",
                                 (CHANGE,), (), keyed("order_id")),
    "left_join_turned_by_where": Scenario(
        f"select {COLUMNS}, c.name from raw.orders as o left join raw.customers as c on c.customer_id = o.customer_id",
        f"select {COLUMNS}, c.name from raw.orders as o left join raw.customers as c on c.customer_id = o.customer_id where c.name <> ''",
        (CHANGE,), (), keyed("order_id")),
    "loaded_twice": Scenario(LIVE, f"{LIVE} union all {LIVE}", (CHANGE, KEY), (), keyed("order_id")),
    "one_day_loaded_twice": Scenario(LIVE, LATE, (KEY,), (), keyed("order_id")),
    "late_rows_counted_twice_undeclared": Scenario(LIVE, LATE, (KEY,)),
    "keys_lost": Scenario(LIVE, f"select case when o.order_id % 30 = 0 then null else o.order_id end as order_id, o.customer_id, o.status, "
                          "o.amount, o.ordered_at, o.code from raw.orders as o where o.status <> 'cancelled'", (NULLS,), (), keyed("order_id")),
    "key_from_the_other_side": Scenario(LIVE, "select c.order_id, o.customer_id, o.status, o.amount, o.ordered_at, o.code from raw.orders as o left "
                                        "join raw.few as c on c.order_id = o.order_id where o.status <> 'cancelled'", (NULLS,), (),
                                        keyed("order_id")),
    "every_key_null": Scenario(LIVE, LIVE.replace("o.order_id,", "nullif(o.order_id, o.order_id) as order_id,", 1), (NULLS,), (),
                               keyed("order_id")),
    "composite_key_lost": Scenario("select l.order_id, l.line_no, l.qty from raw.lines as l",
                                   "select l.order_id, case when l.order_id % 20 = 0 then null else l.line_no end as line_no, l.qty from raw.lines "
                                   "as l", (NULLS,), (), keyed("order_id", "line_no")),
    "keys_collide": Scenario("select o.code, o.amount from raw.orders as o", "select substr(o.code, 1, 5) as code, o.amount from raw.orders as o",
                             (KEY,), (), keyed("code")),
    "empty": Scenario(LIVE, f"{LIVE} and 1 = 0", (EMPTY,), (), keyed("order_id")),
    "truncated": Scenario(LIVE, f"{LIVE} and o.order_id > {FIRST[-6:]}", (CHANGE,), (), keyed("order_id")),
    "union_for_union_all": Scenario("select o.customer_id, o.status from raw.orders as o union all select o.customer_id, o.status from raw.late as o",
                                    "select o.customer_id, o.status from raw.orders as o union select o.customer_id, o.status from raw.late as o",
                                    (CHANGE,)),
    "grain_lost": Scenario("select l.order_id, l.line_no, sum(l.qty) as qty from raw.lines as l group by l.order_id, l.line_no",
                           "select l.order_id, max(l.line_no) as line_no, sum(l.qty) as qty from raw.lines as l group by l.order_id",
                           (CHANGE,), (), keyed("order_id", "line_no")),
    "incremental_appended": Scenario(LIVE, f"{LIVE} union all {LIVE} and o.order_id > {FIRST[-6:]}", (CHANGE, KEY), (),
                                     {"materialized": "incremental", **keyed("order_id")}),
    "incremental_appended_a_little": Scenario(LIVE, LATE, (KEY,), (), {"materialized": "incremental", **keyed("order_id")}),
    "new_and_not_unique": Scenario(None, PARTIAL, (KEY,), (), keyed("order_id")),
    "production_is_empty": Scenario(f"{LIVE} and 1 = 0", LIVE, (EMPTY_BASE,), (), keyed("order_id")),
    "in_the_window_only": Scenario(ALL, f"{ALL} where o.order_id <= {{last}} or o.order_id % 3 > 0", (CHANGE,), (), keyed("order_id"),
                                   folder="windowed"),
    "newest_days_missing": Scenario(ALL, f"{ALL} where o.order_id <= {{last}} + ({{orders}} - {{last}}) / 2", (CHANGE,), (),
                                    keyed("order_id"), folder="windowed"),
    "sum_doubled": Scenario(ALL, ALL.replace("o.amount", "o.amount * 2 as amount"), (DRIFT,), folder="measured"),
    "column_emptied": Scenario(ALL, ALL.replace("o.amount", "nullif(o.amount, o.amount) as amount"), (DRIFT,), folder="measured"),
    "customers_merged": Scenario(ALL, ALL.replace("o.customer_id", "o.customer_id % 7 as customer_id"), (DRIFT,), folder="measured"),
    "Odd Name's \"fan-out\"": Scenario(LIVE, PARTIAL, (KEY,), (PROVED,), keyed("order_id"), alias="Odd Name's \"Fan-out\""),
    "reserved": Scenario(LIVE, PARTIAL, (KEY,), (PROVED,), keyed("order_id"), alias="select"),
}

DRIFTS = {
    "refactored": Scenario(LIVE, f"with live as ({LIVE}) select order_id, customer_id, status, amount, ordered_at, code from live", (), (),
                           keyed("order_id")),
    "reordered": Scenario(LIVE, f"select o.code, o.ordered_at, o.amount, o.status, o.customer_id, o.order_id from raw.orders as o where not "
                          "(o.status = 'cancelled') order by o.ordered_at desc", (), (), keyed("order_id")),
    "grew_a_little": Scenario(f"{LIVE} and o.order_id <= {{most}}", f"{LIVE} and o.order_id > 0", (), (), keyed("order_id")),
    "grew_a_little_undeclared": Scenario(f"{LIVE} and o.order_id <= {{most}}", f"{LIVE} and o.order_id > 0"),
    "production_ran_later": Scenario(LIVE, f"{LIVE} and o.order_id <= {{most}}", (), (), keyed("order_id")),
    "late_rows": Scenario(f"{ALL} where o.order_id <= {{last}}", ALL, (), (), keyed("order_id"), folder="windowed"),
    "rows_came_late_within_the_window": Scenario(f"{ALL} where o.order_id % 50 > 0", ALL, (), (), keyed("order_id"), folder="windowed"),
    "new_model": Scenario(None, LIVE, (), (), keyed("order_id")),
    "new_model_undeclared": Scenario(None, f"select {COLUMNS}, n.note from raw.orders as o join raw.notes as n on n.order_id = o.order_id"),
    "removed_model": Scenario(LIVE, None, (), (), keyed("order_id")),
    "table_became_a_view": Scenario(LIVE, LIVE + " and 1 = 1", (), (), keyed("order_id"), views=("head",)),
    "view_became_a_table": Scenario(LIVE, LIVE + " and 1 = 1", (), (), keyed("order_id"), views=("base",)),
    "joined_to_a_dimension": Scenario(LIVE, f"select {COLUMNS}, g.cents from raw.orders as o left join raw.few as g on g.order_id = o.order_id "
                                      "where o.status <> 'cancelled'", (), (), keyed("order_id")),
    "joined_to_totals": Scenario(LIVE, f"select {COLUMNS}, r.cents from raw.orders as o left join (select order_id, sum(cents) as cents from "
                                 "raw.refunds group by order_id) as r on r.order_id = o.order_id where o.status <> 'cancelled'", (), (),
                                 keyed("order_id")),
    "joined_to_the_latest": Scenario(LIVE, f"with r as (select order_id, cents, row_number() over (partition by order_id order by cents) as n from "
                                     f"raw.refunds) select {COLUMNS}, r.cents from raw.orders as o left join r on r.order_id = o.order_id and "
                                     "r.n = 1 where o.status <> 'cancelled'", (), (), keyed("order_id")),
    "beside_a_total": Scenario(LIVE, f"select {COLUMNS}, t.cents from raw.orders as o cross join (select sum(cents) as cents from raw.refunds) as t "
                               "where o.status <> 'cancelled'", (), (), keyed("order_id")),
    "filtered_by_exists": Scenario(LIVE, f"{LIVE} and exists (select 1 from raw.refunds as r where r.order_id = o.order_id)", (), (),
                                   keyed("order_id")),
    "grain_made_finer": Scenario("select l.order_id, l.line_no, l.qty from raw.lines as l",
                                 "select l.order_id, l.line_no, l.qty + 0 as qty from raw.lines as l", (), (), keyed("order_id", "line_no")),
    "no_key_by_nature": Scenario("select o.customer_id, o.status from raw.orders as o",
                                 "select o.customer_id, o.status from raw.orders as o where o.order_id > 0"),
    "unique_by_chance": Scenario("select o.customer_id, o.amount from raw.orders as o where o.order_id <= 12",
                                 "select o.customer_id, o.amount from raw.orders as o where o.order_id <= 12 and 1 = 1 union all select 1, 5 from "
                                 "raw.regions as g where g.name = 'north'"),
    "old_doubles": Scenario(LATE, LATE.replace("<> 'cancelled'", "not in ('cancelled')"), (), (), keyed("order_id")),
    "old_doubles_and_growth": Scenario(f"select * from ({LATE}) as o where o.order_id % 30 > 0", LATE, (), (), keyed("order_id")),
    "old_doubles_mended": Scenario(LATE, LIVE, (), (), keyed("order_id")),
    "incremental_kept_deleted_rows": Scenario(LIVE, f"{LIVE} and o.order_id % 40 > 0", (), (), {"materialized": "incremental", **keyed("order_id")}),
    "key_null_in_some_as_before": Scenario("select nullif(o.order_id % 30, 0) * 0 + o.order_id as order_id, o.amount from raw.orders as o",
                                           "select o.order_id + nullif(o.order_id % 30, 0) * 0 as order_id, o.amount from raw.orders as o", (), (),
                                           keyed("order_id")),
    "column_of_nulls": Scenario(f"select {COLUMNS}, null as coupon from raw.orders as o", f"select {COLUMNS}, null as coupon, 1 as one from "
                                "raw.orders as o", (), (), keyed("order_id"), folder="measured"),
    "key_is_always_null": Scenario("select o.amount, nullif(o.order_id, o.order_id) as order_id from raw.orders as o",
                                   "select nullif(o.order_id, o.order_id) as order_id, o.amount from raw.orders as o", (), (), keyed("order_id")),
    "nulls_within_the_noise": Scenario(ALL, ALL.replace("o.amount", "case when o.order_id % 25 = 0 then null else o.amount end as amount"), (), (),
                                       keyed("order_id"), folder="measured"),
    "sum_within_the_noise": Scenario(ALL, ALL.replace("o.amount", "o.amount * 1.03 as amount"), (), (), keyed("order_id"), folder="measured"),
    "key_became_text": Scenario("select o.order_id, o.amount from raw.orders as o", "select cast(o.order_id as char(9)) as order_id, o.amount from "
                                "raw.orders as o", (), (), keyed("order_id")),
    "one_row": Scenario("select count(*) as n from raw.orders as o", "select count(o.order_id) as n from raw.orders as o"),
    "Mixed Case \"and\" quotes": Scenario(LIVE, LIVE + " and 2 = 2", (), (), keyed("order_id"), alias="Mixed Case `and` \"quotes\""),
    "group": Scenario(LIVE, LIVE + " and 3 = 3", (), (), keyed("order_id"), alias="group"),
    "deduplicated_union": Scenario(LIVE, f"{LIVE} union {LIVE}", (), (), keyed("order_id")),
}


def raw_tables():
    """The sources: name -> (columns with types, rows)."""
    chance = random.Random(SEED)
    orders = []
    for i in range(1, ORDERS + 1):
        # 48 orders a day; numbers after the code's first five letters tell them apart.
        at = f"2026-{1 + i // (48 * 28):02d}-{1 + i // 48 % 28:02d} {i // 2 % 24:02d}:{i % 2 * 30:02d}:00"
        orders.append((i, chance.randrange(1, ORDERS // 4), chance.choice(["paid", "paid", "sent", "cancelled"]),
                       chance.randrange(100, 9000), at, f"k{i:07d}"))
    customers = [(i, f"name {i}") for i in range(1, ORDERS // 4) if chance.random() < 0.8]
    twice = set(chance.sample(range(1, ORDERS + 1), max(8, ORDERS // 100)))
    twice.update(o[0] for o in [o for o in orders if o[2] != "cancelled"][:4])
    columns = "order_id int, customer_id int, status varchar(20), amount int, ordered_at timestamp, code varchar(20)"
    few = [o for o in orders if o[0] % 12]
    return {
        "orders": (columns, orders), "late": (columns, orders[-max(20, ORDERS // 33):]),
        "refunds": ("order_id int, cents int", [(o[0], c) for o in orders for c in (10, 20)]),
        "notes": ("order_id int, note varchar(20)", [(o[0], f"n{k}") for o in orders for k in range(2 if o[0] in twice else 1)]),
        "lines": ("order_id int, line_no int, qty int", [(o[0], n, 1 + n) for o in orders for n in (1, 2)]),
        "line_prices": ("order_id int, line_no int, cents int", [(o[0], n, 100 * n) for o in orders for n in (1, 2)]),
        "balances": ("customer_id int, cents int", [(o[1], o[3]) for o in orders]),
        "customers": ("customer_id int, name varchar(20)", customers),
        "few": ("order_id int, cents int", [(o[0], 5) for o in few]),
        "regions": ("name varchar(20)", [("north",), ("south",), ("west",)])}


def literal(value):
    return "null" if value is None else str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


class Defects(WarehouseTest):
    adapter = "postgres"
    quote = '"'
    raw = RAW
    sides = (PROD, PR)

    @classmethod
    def setUpClass(cls):
        if cls is Defects:
            raise unittest.SkipTest("an engine's class does the work")
        cls.models, statements = [], []
        for table, (columns, rows) in raw_tables().items():
            statements.append(f"create table {cls.raw}.{table} ({columns});")
            for i in range(0, len(rows), 500):
                values = ", ".join("(" + ", ".join(map(literal, row)) + ")" for row in rows[i:i + 500])
                statements.append(f"insert into {cls.raw}.{table} values {values};")
        cls.make_sources(statements)
        made = {side: [] for side in cls.sides}
        for i, (name, s) in enumerate([*DEFECTS.items(), *DRIFTS.items()]):
            texts = [cls.text(s.base), cls.text(s.head)]
            for k, text in enumerate(texts):
                if text is not None:
                    kind = "view" if ("base", "head")[k] in s.views else "table"
                    made[cls.sides[k]].append(f"create {kind} {cls.place(cls.sides[k], s.alias or f'm{i}')} as {text};")
            config = dict(s.config)
            sides = model(f"m{i}", *texts, schemas=cls.schemas(), database=cls.database(), alias=s.alias or None,
                          materialized=config.pop("materialized", "view" if "head" in s.views else "table"), **config)
            for side in sides:
                if side:
                    side["original_file_path"] = f"models/{s.folder}/m{i}.sql"
                    side["path"] = f"{s.folder}/m{i}.sql"
                    side["relation_name"] = cls.place(side["schema"], side["alias"])
            cls.models.append((name, f"m{i}", s, sides))
        for side, texts in made.items():
            cls.make_models(side, texts)

    @classmethod
    def text(cls, sql):
        if sql is None:
            return None
        numbers = {"half": ORDERS // 2, "most": ORDERS * 96 // 100, "last": ORDERS - 240, "orders": ORDERS}
        return sql.format(**numbers).replace("raw.", cls.raw + ".")

    @classmethod
    def place(cls, schema, name):
        return f"{schema}.{cls.quote}{name.replace(cls.quote, cls.quote * 2)}{cls.quote}"

    @classmethod
    def schemas(cls):
        return cls.sides

    @classmethod
    def database(cls):
        return "layergate"

    def judge(self, policy, *more):
        for side, index in (("base", 0), ("head", 1)):
            sides = [m[3][index] for m in self.models]
            (self.work / f"{side}.json").write_text(json.dumps(manifest(sides, self.adapter)))
        (self.work / "policy.yml").write_text(policy)
        before = self.contents()
        code = self.check(*self.urls(), *more, timeout=120, env=self.environment())
        self.assertEqual(self.contents(), before, "something changed in the database")
        return code

    def environment(self):
        return clean_environment()

    def rules(self, name, gates):
        return {f["rule"] for g in self.result["gates"] if g["subject"] == f"model.shop.{name}" and g["gate"] in gates
                for f in g["findings"]}

    def blocking(self, name, gates):
        """What keeps this model from a pass: findings that fail, and what is unknown."""
        said = []
        for g in self.result["gates"]:
            if g["subject"] == f"model.shop.{name}" and g["gate"] in gates:
                said += [f"{f['rule']}: {f['message']}" for f in g["findings"] if f["severity"] == "fail"]
                said += [f"{u['code']}: {u['reason']}" for u in g.get("unknown", [])]
        return said

    def test_row_counts(self):
        code = self.judge(POLICY, "--only", "row_count_diff")
        self.assertEqual(code, 1, self.said[-3000:])
        gates = ("row_count_diff",)
        caught = 0
        for name, node, s, _ in self.models:
            with self.subTest(name):
                if name in DRIFTS:
                    self.assertEqual(self.blocking(node, gates), [])
                else:
                    caught += 1
                    self.assertTrue(self.blocking(node, gates), f"{name} was not caught")
                    self.assertLessEqual(set(s.rules), self.rules(node, gates), self.gate(node))
        print(f"{type(self).__name__}: {caught} defects caught, {len(DRIFTS)} harmless changes passed")

    def test_joins_and_plans(self):
        self.judge(FANOUT_POLICY)
        gates = ("join_fanout", "explain_plan")
        for name, node, s, sides in self.models:
            if not sides[1]:
                continue
            with self.subTest(name):
                if name in DRIFTS:
                    self.assertEqual(self.blocking(node, gates), [])
                self.assertLessEqual(set(s.fanout), self.rules(node, gates))


@unittest.skipUnless(POSTGRES, "LAYERGATE_TEST_POSTGRES_URL is not set")
class OnPostgres(Defects):
    @classmethod
    def make_sources(cls, statements):
        psql("set client_min_messages = error;" + "".join(f"drop schema if exists {s} cascade; create schema {s};"
                                                           for s in (RAW, *cls.sides)))
        psql("begin;" + "\n".join(statements) + "commit; analyze;")

    @classmethod
    def make_models(cls, side, texts):
        psql("begin;" + "\n".join(texts) + "commit;")
        cls.addClassCleanup(psql, f"set client_min_messages = error; drop schema {side} cascade;")

    def urls(self):
        return [with_parameters(POSTGRES, schema=side) for side in self.sides]

    def contents(self):
        return dump((RAW, *self.sides))


@unittest.skipUnless(MARIADB, "LAYERGATE_TEST_MARIADB_URL is not set")
class OnMariaDb(Defects):
    adapter = "mysql"
    quote = "`"
    quickly = "set default_storage_engine = MyISAM;\n"  # InnoDB makes and syncs a file for each table

    @classmethod
    def make_sources(cls, statements):
        mariadb("".join(f"drop database if exists {s}; create database {s};" for s in (RAW, *cls.sides)))
        mariadb(cls.quickly + "\n".join(statements))

    @classmethod
    def make_models(cls, side, texts):
        mariadb(cls.quickly + "\n".join(texts))
        cls.addClassCleanup(mariadb, f"drop database {side};")

    @classmethod
    def database(cls):
        return ""

    def urls(self):
        return MARIADB, MARIADB

    def contents(self):
        at = client(MARIADB)
        tool = shutil.which("mariadb-dump") or shutil.which("mysqldump")
        done = subprocess.run([tool, "-h", at.hostname, "-P", str(at.port), f"-u{at.username}", f"-p{at.password}", "--skip-comments",
                               "--skip-dump-date", "--order-by-primary", "--databases", RAW, *self.sides], capture_output=True, timeout=120,
                              check=True)
        return hashlib.sha256(done.stdout).hexdigest()


class File(Defects):
    """A file for each side; the sources are in both."""

    raw = "main"
    sides = ("main", "pr")

    @classmethod
    def setUpClass(cls):
        if cls is File:
            raise unittest.SkipTest("an engine's class does the work")
        cls.folder = pathlib.Path(os.environ.get("TMPDIR", "/tmp")) / f"layergate-defects-{os.getpid()}-{cls.__name__}"
        cls.folder.mkdir()
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        super().setUpClass()

    @classmethod
    def place(cls, schema, name):
        return super().place("main", name)

    @classmethod
    def schemas(cls):
        return ("main", "main")

    @classmethod
    def database(cls):
        return ""

    @classmethod
    def make_sources(cls, statements):
        cls.sources = statements

    @classmethod
    def file(cls, side):
        return cls.folder / f"{side}.{cls.adapter}"

    def urls(self):
        return [f"{self.adapter}://{self.file(side)}" for side in self.sides]

    def contents(self):
        return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(self.folder.iterdir())}


class OnSqlite(File):
    adapter = "sqlite"

    @classmethod
    def make_models(cls, side, texts):
        database = sqlite3.connect(cls.file(side))
        database.executescript("begin;" + "\n".join(cls.sources + texts) + "commit;")
        database.close()


@unittest.skipUnless((PEERS / "duckdb" / "libduckdb.so").exists() and (PEERS / "dbt" / "bin" / "python").exists(), f"no DuckDB in {PEERS}")
class OnDuckDb(File):
    adapter = "duckdb"

    @classmethod
    def make_models(cls, side, texts):
        # A file that the older library of the tests can read.
        program = ("import duckdb, sys\nc = duckdb.connect()\nc.execute(f\"attach '{sys.argv[1]}' as x (storage_version 'v1.2.0')\")\n"
                   "c.execute('use x')\nfor s in sys.stdin.read().split(';\\n'):\n  if s.strip(): c.execute(s)\n")
        done = subprocess.run([PEERS / "dbt" / "bin" / "python", "-c", program, cls.file(side)], input="\n".join(cls.sources + texts) + "\n",
                              capture_output=True, text=True, timeout=120, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)

    def environment(self):
        return clean_environment(LAYERGATE_DUCKDB_LIBRARY=PEERS / "duckdb" / "libduckdb.so")


if __name__ == "__main__":
    test = unittest.main(exit=False)
    ran = test.result.testsRun - len(test.result.skipped)
    sys.exit(1 if not test.result.wasSuccessful() else 77 if ran <= 0 else 0)
