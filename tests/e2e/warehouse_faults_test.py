"""Everything that can go wrong with a database, on real ones: the verdict is "undecided" with the reason, the rest of the
run goes on, nothing is written, and no secret is printed (WarehouseTest.check looks for the canary in every output)."""
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time
import unittest

from support import BINARY, clean_environment
from warehouse import (CANARY, MARIADB, PEERS, POSTGRES, WarehouseTest, client, dump, login, mariadb, model, psql, skip_without,
                       with_parameters)

SCHEMAS = ("faults_prod", "faults_pr")
ODD = ["quote\"quote", "semi;colon", "new\nline", "apostrophe's", "select", "--comment", "/*comment*/", "ünï-cödé", "a.b",
       "x\"; drop table faults_pr.steady; --"]


def names(text):
    return '"' + text.replace('"', '""') + '"'


class Faults(WarehouseTest):
    @classmethod
    def setUpClass(cls):
        sql = ["set client_min_messages = error;"]
        for schema in SCHEMAS:
            sql.append(f"drop schema if exists {schema} cascade; create schema {schema};")
            sql.append(f"create table {schema}.steady as select g as id from generate_series(1, 1000) g;")
            sql.append(f"create table {schema}.secret as select 1 as id;")
            sql.append(f"create view {schema}.slow as select g as id from generate_series(1, 3) g, pg_sleep(30);")
            sql += [f"create table {schema}.{names(odd)} as select 1 as id;" for odd in ODD]
        for role in ("faults_reader", "faults_full"):
            sql.append(f"do $$ begin create role {role} login; exception when duplicate_object then null; end $$;")
            for schema in SCHEMAS:
                sql.append(f"grant usage on schema {schema} to {role}; grant select on all tables in schema {schema} to {role};"
                           f" revoke select on {schema}.secret from {role};")
        sql.append("alter role faults_full connection limit 0;")
        psql("\n".join(sql))
        cls.before = dump(SCHEMAS)

    @classmethod
    def tearDownClass(cls):
        assert dump(SCHEMAS) == cls.before, "a test has written to the database"

    def models(self, *wanted):
        return [model(name, "select 1 as id", "select 2 as id", schemas=SCHEMAS) for name in wanted]

    def both(self, base=POSTGRES, head=POSTGRES):
        return with_parameters(base, schema=SCHEMAS[0]), with_parameters(head, schema=SCHEMAS[1])

    def busy(self):
        """How many statements of this test's own run on, two seconds after they should be gone; others test beside it."""
        own = " or ".join(f"query like '%{schema}%'" for schema in SCHEMAS)
        for _ in range(20):
            running = psql(f"select count(*) from pg_stat_activity where application_name = 'layergate' and state = 'active' and ({own})")
            if running == "0":
                break
            time.sleep(0.1)
        return running

    def test_all_is_well(self):
        self.write(self.models("steady"))
        self.assertEqual(self.check(*self.both()), 0, "the other tests would prove nothing")

    def test_server_down(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.write(self.models("steady", "secret"))
        begin = time.monotonic()
        code = self.check(*self.both(head=f"postgres://ci:{CANARY}@127.0.0.1:{port}/layergate"))
        self.assertEqual(code, 2, self.said)
        self.assertEqual(self.codes("steady"), ["no_connection"])
        self.assertLess(time.monotonic() - begin, 20)

    def test_slow_and_the_rest_goes_on(self):
        self.write(self.models("steady", "slow"), timeout=2)
        self.assertEqual(self.check(*self.both()), 2, self.said)
        self.assertEqual(self.codes("slow"), ["timeout"])
        self.assertEqual(self.gate("steady")["status"], "pass")
        self.assertEqual(self.busy(), "0")

    def test_killed_in_the_middle(self):
        self.write(self.models("steady", "slow"), timeout=20)
        stop = threading.Event()

        def kill():
            while not stop.is_set():
                psql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'layergate' and "
                     "query like '%slow%'")
                stop.wait(0.3)
        killer = threading.Thread(target=kill)
        killer.start()
        try:
            code = self.check(*self.both())
        finally:
            stop.set()
            killer.join()
        self.assertEqual(code, 2, self.said)
        self.assertEqual(self.codes("slow"), ["connection_lost"])
        self.assertEqual(self.gate("steady")["status"], "pass")

    def test_interrupted(self):
        """Ctrl-C cancels on the server; what was judged stays judged."""
        self.write(self.models("steady", "slow"))
        process = subprocess.Popen([str(w) for w in self.command(*self.both())], stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True, env=clean_environment())
        for _ in range(100):
            if self.busy() != "0":
                break
            time.sleep(0.1)
        self.assertNotEqual(self.busy(), "0")
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 2, out)
        self.assertIn("interrupted", out)
        for _ in range(30):
            if self.busy() == "0":
                break
            time.sleep(0.1)
        self.assertEqual(self.busy(), "0")

    def test_out_of_connections(self):
        self.write(self.models("steady"), timeout=5)
        self.assertEqual(self.check(*self.both(head=login(POSTGRES, "faults_full"))), 2, self.said)
        self.assertIn(self.codes("steady")[0], ("connection_lost", "no_connection"))

    def test_wrong_password(self):
        self.write(self.models("steady"))
        self.assertEqual(self.check(*self.both(head=login(POSTGRES, "locked", CANARY))), 2, self.said)
        self.assertEqual(self.codes("steady"), ["no_connection"])

    def test_permission(self):
        self.write(self.models("steady", "secret"))
        reader = login(POSTGRES, "faults_reader")
        self.assertEqual(self.check(*self.both(reader, reader)), 2, self.said)
        self.assertEqual(self.codes("secret"), ["permission", "permission"])
        self.assertEqual(self.gate("steady")["status"], "pass")

    def test_missing(self):
        self.write(self.models("steady", "gone"))
        self.assertEqual(self.check(*self.both()), 2, self.said)
        self.assertEqual(self.codes("gone"), ["missing_relation", "missing_relation"])
        self.assertEqual(self.gate("steady")["status"], "pass")

    def test_tls_refused(self):
        self.write(self.models("steady"))
        base, head = self.both()
        self.assertEqual(self.check(base, with_parameters(head, sslmode="require")), 2, self.said)
        self.assertEqual(self.codes("steady"), ["no_connection"])

    def test_hostile_names(self):
        models = [model(f"m{i}", "select 1 as id", "select 2 as id", schemas=SCHEMAS, alias=odd) for i, odd in enumerate(ODD)]
        self.write([*models, *self.models("steady")])
        self.assertEqual(self.check(*self.both()), 0, self.said)
        for i in range(len(ODD)):
            self.assertEqual(self.gate(f"m{i}")["measured"]["head"]["rows"], 1)

    def test_options_that_try_to_escape(self):
        for window in ("{column: 'id) or (1=1', last: 1 days}", "{column: 'id\"; drop table faults_pr.steady; --', from: '1'}",
                       "{column: id, from: \"1' or '1'='1\"}", "{column: id, to: \"1; delete from faults_pr.steady\"}"):
            with self.subTest(window):
                self.write(self.models("steady"), options=f"{{window: {window}}}")
                self.assertEqual(self.check(*self.both()), 2, self.said)
        self.write(self.models("steady"), options="{key: ['id) from faults_pr.secret; --']}")
        self.check(*self.both())
        self.assertNotIn("secret", self.codes("steady"))

    def test_schema_that_tries_to_escape(self):
        self.write(self.models("steady"))
        base, _ = self.both()
        self.assertEqual(self.check(base, with_parameters(POSTGRES, schema='faults_pr"."steady"; drop schema faults_pr; --')), 2)
        self.assertEqual(self.codes("steady"), ["missing_relation"])

    def test_too_large_and_timed_out_say_how_large(self):
        psql("create table if not exists faults_prod.big as select g as id from generate_series(1, 5000) g;"
             "create table if not exists faults_pr.big as table faults_prod.big; analyze faults_prod.big; analyze faults_pr.big")
        self.addCleanup(psql, "drop table faults_prod.big, faults_pr.big")
        self.write([*self.models("big", "steady")], options="{max_rows: 4000}")
        self.assertEqual(self.check(*self.both()), 2, self.said)
        self.assertEqual(self.codes("big"), ["too_large"])
        self.assertIn("about 5,000 rows by pg_class.reltuples", json.dumps(self.gate("big")))

    def test_progress_on_a_terminal(self):
        """A long count is not silent."""
        self.write(self.models("slow"), timeout=3)
        terminal, stderr = os.openpty()
        process = subprocess.Popen([str(w) for w in self.command(*self.both())], stdout=subprocess.DEVNULL, stderr=stderr,
                                   env=clean_environment())
        os.close(stderr)
        seen = b""
        while True:
            try:
                part = os.read(terminal, 4096)
            except OSError:
                break
            if not part:
                break
            seen += part
        os.close(terminal)
        process.wait(timeout=20)
        self.assertIn(b"0 of 1 gates, 2 s", seen)

    def test_dry_run_sends_nothing(self):
        self.write(self.models("steady"), gates="row_count_diff explain_plan", options="{key: [id]}")
        base, head = self.both()
        done = subprocess.run([str(w) for w in self.command(base, head.replace("127.0.0.1", "no-such-host.invalid"), "--dry-run")],
                              capture_output=True, text=True, timeout=60, env=clean_environment(), check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('from "layergate"."faults_pr"."steady"', done.stdout)
        self.assertIn("explain (format json, verbose)", done.stdout)
        self.assertIn("none was sent", done.stderr)


# SQL that a pull request might bring: (engine, compiled SQL). Each is given to every gate that sends SQL of the pull request.
ATTACKS = {
    "writing_cte": "with d as (delete from {s}.steady returning id) select o.id, d.id as x from {s}.steady as o left join d on d.id = o.id",
    "second_statement": "select o.id from {s}.steady as o left join {s}.secret as p on p.id = o.id; delete from {s}.steady",
    "commit_first": "select 1 as id; commit; delete from {s}.steady",
    "comment_hides": "select o.id from {s}.steady as o left join (select 1 as id) as p on p.id = o.id -- \n; delete from {s}.steady",
    "open_comment": "select o.id from {s}.steady as o left join {s}.secret as p on p.id = o.id /* ; delete from {s}.steady",
    "dollar_quotes": "with p as (select $a$ ; delete from {s}.steady; $a$ as t, 1 as id) select o.id from {s}.steady as o join p on p.id = o.id",
    "do_block": "do $$ begin delete from {s}.steady; end $$",
    "sequence": "with p as (select nextval('{s}.numbers') as id) select o.id from {s}.steady as o left join p on p.id = o.id",
    "large_object": "with p as (select lo_create(4711) as id) select o.id from {s}.steady as o left join p on p.id = o.id",
    "server_file": "with p as (select lo_export(1, '/tmp/x') as id) select o.id from {s}.steady as o left join p on p.id = o.id",
    "settings": "with p as (select set_config('transaction_read_only', 'off', false) as t, 1 as id) select o.id from {s}.steady as o "
                "left join p on p.id = o.id",
    "writing_function": "with p as (select {s}.wipe() as id) select o.id from {s}.steady as o left join p on p.id = o.id",
    "immutable_function": "select o.id from {s}.steady as o left join {s}.secret as p on p.id = {s}.wipe_now() and p.id = o.id",
    "explain_analyze": "analyze delete from {s}.steady",
    "copy_program": "copy (select 1) to program 'touch {marker}'",
    "into": "select o.id into {s}.stolen from {s}.steady as o",
    "lock": "with p as (select id from {s}.steady for update) select o.id from {s}.steady as o left join p on p.id = o.id",
    "sleeps": "with p as (select 1 as id from pg_sleep(20)) select o.id from {s}.steady as o left join p on p.id = o.id",
}


class Attacks(WarehouseTest):
    """A pull request's SQL is planned, and its joins are counted: nothing else may come of it."""

    S = "faults_attack"

    def test_postgres(self):
        psql(f"""set client_min_messages = error; drop schema if exists {self.S} cascade; create schema {self.S};
            create table {self.S}.steady as select g as id from generate_series(1, 100) g; create table {self.S}.secret as select 1 as id;
            create sequence {self.S}.numbers;
            create function {self.S}.wipe() returns int language plpgsql as $$ begin delete from {self.S}.steady; return 1; end $$;
            create function {self.S}.wipe_now() returns int immutable language plpgsql as $$ begin delete from {self.S}.steady; return 1; end $$;""")
        self.addCleanup(psql, f"set client_min_messages = error; drop schema {self.S} cascade")
        marker = self.work / "marker"
        models = [model("steady", "select 1 as id", "select 2 as id", schemas=(self.S, self.S), alias="steady")]
        for name, sql in ATTACKS.items():
            text = sql.format(s=self.S, marker=marker)
            models.append(model(name, f"select id from {self.S}.steady", text, schemas=(self.S, self.S), alias="steady"))
        self.write(models, gates="join_fanout explain_plan row_count_diff", timeout=4)
        before = dump([self.S]), psql("select count(*) from pg_largeobject_metadata")
        begin = time.monotonic()
        self.check(POSTGRES, POSTGRES, timeout=120)
        self.assertEqual((dump([self.S]), psql("select count(*) from pg_largeobject_metadata")), before, self.said)
        self.assertFalse(marker.exists())
        self.assertLess(time.monotonic() - begin, 60)
        self.assertEqual(psql("select count(*) from pg_locks where locktype = 'advisory'"), "0")

    def test_sqlite(self):
        file = self.work / "x.db"
        database = sqlite3.connect(file)
        database.executescript("create table steady (id int); insert into steady values (1), (2);")
        database.close()
        evil = self.work / "evil"
        before = file.read_bytes()
        attacks = [f"with p as (select load_extension('{evil}') as id) select o.id from main.steady as o left join p on p.id = o.id",
                   f"with p as (select 1 as id) select o.id from main.steady as o left join p on p.id = o.id; attach '{evil}' as y",
                   f"with p as (select writefile('{evil}', 'x') as id) select o.id from main.steady as o left join p on p.id = o.id",
                   "with p as (select 1 as id from pragma_query_only(0)) select o.id from main.steady as o left join p on p.id = o.id"]
        models = [model(f"m{i}", "select 1 as id", sql, schemas=("main", "main"), database="", alias="steady") for i, sql in enumerate(attacks)]
        self.write(models, adapter="sqlite", gates="join_fanout explain_plan")
        self.check(f"sqlite://{file}", f"sqlite://{file}")
        self.assertEqual(file.read_bytes(), before)
        self.assertEqual(sorted(p.name for p in self.work.iterdir() if p.name.startswith("evil")), [])

    @unittest.skipUnless(MARIADB, "LAYERGATE_TEST_MARIADB_URL is not set")
    def test_mariadb(self):
        s = self.S
        mariadb(f"""drop database if exists {s}; create database {s}; create table {s}.steady (id int); insert into {s}.steady values (1), (2);
            create function {s}.wipe() returns int modifies sql data return (select count(*) from {s}.steady);""")
        self.addCleanup(mariadb, f"drop database {s}")
        out = self.work / "out"
        attacks = [f"select id from {s}.steady into outfile '{out}'", f"select id from {s}.steady; delete from {s}.steady",
                   f"select id from {s}.steady /*! into outfile '{out}' */", f"load data local infile '/etc/hostname' into table {s}.steady",
                   f"with p as (select load_file('/etc/hostname') as id) select o.id from {s}.steady as o left join p on p.id = o.id",
                   f"with p as (select get_lock('x', 10) as id) select o.id from {s}.steady as o left join p on p.id = o.id",
                   f"select o.id from {s}.steady as o left join (select sleep(20) as id) as p on p.id = o.id"]
        models = [model(f"m{i}", "select 1 as id", sql, schemas=(s, s), database="", alias="steady") for i, sql in enumerate(attacks)]
        self.write(models, adapter="mysql", gates="join_fanout explain_plan", timeout=4)
        before = mariadb(f"checksum table {s}.steady")
        self.check(MARIADB, MARIADB, timeout=90)
        self.assertEqual(mariadb(f"checksum table {s}.steady"), before)
        self.assertFalse(out.exists())

    @unittest.skipUnless((PEERS / "duckdb" / "libduckdb.so").exists() and (PEERS / "dbt" / "bin" / "python").exists(), "no DuckDB")
    def test_duckdb(self):
        file, out = self.work / "x.duckdb", self.work / "out"
        subprocess.run([PEERS / "dbt" / "bin" / "python", "-c", f"import duckdb\nc = duckdb.connect()\nc.execute(\"attach '{file}' as x "
                        "(storage_version 'v1.2.0')\")\nc.execute('create table x.steady as select range as id from range(9)')"], check=True)
        before = file.read_bytes()
        attacks = [f"copy (select 1) to '{out}'", f"select id from steady; attach '{out}' as y", "install httpfs", "load httpfs",
                   "with p as (select content, 1 as id from read_text('/etc/hostname')) select o.id from steady as o left join p on p.id = o.id",
                   "with p as (select 1 as id from read_csv('/etc/passwd')) select o.id from steady as o left join p on p.id = o.id",
                   "with p as (select 1 as id from glob('/*')) select o.id from steady as o left join p on p.id = o.id",
                   "select o.id from steady as o left join '/etc/passwd' as p on p.id = o.id", "analyze delete from steady",
                   "set enable_external_access = true"]
        models = [model(f"m{i}", "select 1 as id", sql, schemas=("main", "main"), database="", alias="steady") for i, sql in enumerate(attacks)]
        self.write(models, adapter="duckdb", gates="join_fanout explain_plan")
        self.check(f"duckdb://{file}", f"duckdb://{file}",
                   env=clean_environment(LAYERGATE_DUCKDB_LIBRARY=PEERS / "duckdb" / "libduckdb.so"))
        self.assertEqual(file.read_bytes(), before)
        self.assertFalse(out.exists())
        self.assertNotIn("root:", self.said)

    def test_environment_of_libpq(self):
        """What libpq would take from its environment: a service file, a password file, options."""
        services = self.work / "pg_service.conf"
        services.write_text("[evil]\nhost=127.0.0.1\nport=1\noptions=-c default_transaction_read_only=off\n")
        psql(f"set client_min_messages = error; drop schema if exists {self.S} cascade; create schema {self.S}; create table {self.S}.steady as select 1 as id;")
        self.addCleanup(psql, f"drop schema {self.S} cascade")
        self.write([model("steady", "select 1 as id", f"with d as (delete from {self.S}.steady returning id) select o.id from {self.S}.steady as o "
                          "left join d on d.id = o.id", schemas=(self.S, self.S))], gates="join_fanout")
        env = clean_environment(PGOPTIONS="-c default_transaction_read_only=off -c transaction_read_only=off")
        self.check(POSTGRES, POSTGRES, env=env)
        self.assertEqual(psql(f"select count(*) from {self.S}.steady"), "1")

    def test_profiles_that_want_more(self):
        """Keys of profiles.yml that load files or run SQL have no effect, or are refused; none is ever executed."""
        at = client(POSTGRES)
        profiles = self.work / "profiles"
        profiles.mkdir()
        psql(f"set client_min_messages = error; drop schema if exists {self.S} cascade; create schema {self.S}; create table {self.S}.steady as select 1 as id;")
        self.addCleanup(psql, f"drop schema {self.S} cascade")
        self.write([model("steady", "select 1 as id", "select 2 as id", schemas=(self.S, "faults_none"))])
        for more in ("options: '-c default_transaction_read_only=off'", "service: evil", "passfile: /etc/passwd", "search_path: x; drop",
                     "init_sql: 'drop schema faults_attack cascade'", "keepalives_idle: 0"):
            with self.subTest(more):
                output = (f"{{type: postgres, host: {at.hostname}, port: {at.port}, user: {at.username}, password: {CANARY}, dbname: {at.path[1:]}, "
                          f"schema: x, {more}}}")
                (profiles / "profiles.yml").write_text(f"shop:\n  target: prod\n  outputs:\n    prod: {output}\n    pr: {output}\n")
                self.assertEqual(self.check("", "", "--target-base", "prod", "--target-head", "pr", "--profiles-dir", profiles, "--profile", "shop"),
                                 2, self.said)
        self.assertEqual(psql(f"select count(*) from {self.S}.steady"), "1")


# The smallest driver that does what SQL Server's does: a statement in the mode SHOWPLAN_XML gives its plan. Writes down what it is sent.
FAKE_DRIVER = r"""
#include <sql.h>
#include <sqlext.h>
#include <stdio.h>
#include <string.h>
static int showplan, fetched;
static char answer[4096];
static SQLRETURN ok(void) { return SQL_SUCCESS; }
SQLRETURN SQLAllocHandle(SQLSMALLINT t, SQLHANDLE p, SQLHANDLE* out) { static int h; (void)t; (void)p; *out = (SQLHANDLE)(long)(++h); return ok(); }
SQLRETURN SQLFreeHandle(SQLSMALLINT t, SQLHANDLE h) { (void)t; (void)h; return ok(); }
SQLRETURN SQLSetEnvAttr(SQLHENV e, SQLINTEGER a, SQLPOINTER v, SQLINTEGER l) { (void)e; (void)a; (void)v; (void)l; return ok(); }
SQLRETURN SQLSetConnectAttr(SQLHDBC e, SQLINTEGER a, SQLPOINTER v, SQLINTEGER l) { (void)e; (void)a; (void)v; (void)l; return ok(); }
SQLRETURN SQLSetStmtAttr(SQLHSTMT e, SQLINTEGER a, SQLPOINTER v, SQLINTEGER l) { (void)e; (void)a; (void)v; (void)l; return ok(); }
SQLRETURN SQLGetStmtAttr(SQLHSTMT e, SQLINTEGER a, SQLPOINTER v, SQLINTEGER l, SQLINTEGER* n) { (void)e; (void)a; (void)l; if (v) *(SQLPOINTER*)v = 0; if (n) *n = 0; return ok(); }
SQLRETURN SQLDriverConnect(SQLHDBC c, SQLHWND w, SQLCHAR* i, SQLSMALLINT il, SQLCHAR* o, SQLSMALLINT ol, SQLSMALLINT* n, SQLUSMALLINT d)
{ (void)c; (void)w; (void)i; (void)il; (void)o; (void)ol; (void)d; if (n) *n = 0; return ok(); }
SQLRETURN SQLDisconnect(SQLHDBC c) { (void)c; return ok(); }
SQLRETURN SQLGetInfo(SQLHDBC c, SQLUSMALLINT t, SQLPOINTER v, SQLSMALLINT l, SQLSMALLINT* n)
{ (void)c; (void)t; if (v && l > 0) memset(v, 0, (size_t)l); if (n) *n = 0; return ok(); }
#define PLAN \
  "<ShowPlanXML><RelOp NodeId='0' PhysicalOp='Nested Loops' LogicalOp='Inner Join' EstimateRows='500000000'>" \
  "<Warnings NoJoinPredicate='1'/><NestedLoops>" \
  "<RelOp NodeId='1' PhysicalOp='Table Scan' LogicalOp='Table Scan' EstimateRows='100000'>" \
  "<TableScan><Object Database='[d]' Schema='[dbo]' Table='[orders]'/></TableScan></RelOp>" \
  "<RelOp NodeId='2' PhysicalOp='Table Scan' LogicalOp='Table Scan' EstimateRows='5000'>" \
  "<TableScan><Object Database='[d]' Schema='[dbo]' Table='[customers]'/></TableScan></RelOp>" \
  "</NestedLoops></RelOp></ShowPlanXML>"
SQLRETURN SQLGetDiagRec(SQLSMALLINT t, SQLHANDLE h, SQLSMALLINT r, SQLCHAR* s, SQLINTEGER* n, SQLCHAR* m, SQLSMALLINT l, SQLSMALLINT* o)
{ (void)t; (void)h; (void)r; (void)s; (void)n; (void)m; (void)l; (void)o; return SQL_NO_DATA; }
SQLRETURN SQLCancel(SQLHSTMT s) { (void)s; return ok(); }
SQLRETURN SQLFreeStmt(SQLHSTMT s, SQLUSMALLINT o) { (void)s; (void)o; return ok(); }
SQLRETURN SQLExecDirect(SQLHSTMT h, SQLCHAR* text, SQLINTEGER l)
{
  (void)h;
  FILE* log = fopen(LOG, "a");
  fprintf(log, "%.*s\n", (int)l, (char*)text);
  fclose(log);
  fetched = 1;
  if (strncmp((char*)text, "set showplan_xml on", 19) == 0) showplan = !DEAF;
  else if (strncmp((char*)text, "set showplan_xml off", 20) == 0) showplan = 0;
  else if (strncmp((char*)text, "set ", 4) != 0) {
    fetched = 0;
    strcpy(answer, showplan ? PLAN : "1");
  }
  return ok();
}
SQLRETURN SQLNumResultCols(SQLHSTMT h, SQLSMALLINT* n) { (void)h; *n = fetched ? 0 : 1; return ok(); }
SQLRETURN SQLDescribeCol(SQLHSTMT h, SQLUSMALLINT c, SQLCHAR* n, SQLSMALLINT l, SQLSMALLINT* o, SQLSMALLINT* t, SQLULEN* z, SQLSMALLINT* d, SQLSMALLINT* u)
{ (void)h; (void)c; if (n && l > 1) strcpy((char*)n, "x"); if (o) *o = 1; if (t) *t = SQL_VARCHAR; if (z) *z = 4000; if (d) *d = 0; if (u) *u = 1; return ok(); }
SQLRETURN SQLFetch(SQLHSTMT h) { (void)h; if (fetched) return SQL_NO_DATA; fetched = 1; return ok(); }
SQLRETURN SQLGetData(SQLHSTMT h, SQLUSMALLINT c, SQLSMALLINT t, SQLPOINTER v, SQLLEN l, SQLLEN* n)
{ (void)h; (void)c; (void)t; strncpy((char*)v, answer, (size_t)l); *n = (SQLLEN)strlen(answer); return ok(); }
"""


class SqlServer(WarehouseTest):
    """Its plans come in a mode of the session. There is no SQL Server here: a driver of our own stands for its."""

    QUERY = "select o.id from dbo.orders as o cross join dbo.customers as c"

    def ask(self, deaf):
        if not shutil.which("cc") or not any(pathlib.Path(p, "sql.h").exists() for p in ("/usr/include", "/usr/local/include")):
            self.skipTest("no C compiler or no sql.h")
        driver, log = self.work / "libtdsodbc.so", self.work / "sent.log"
        source = self.work / "driver.c"
        source.write_text(FAKE_DRIVER)
        subprocess.run(["cc", "-shared", "-fPIC", "-w", f'-DLOG="{log}"', f"-DDEAF={deaf}", "-o", driver, source], check=True)
        self.write([model("orders", None, self.QUERY, schemas=("dbo", "dbo"))], adapter="sqlserver", gates="explain_plan")
        url = f"odbc:Driver={driver};Server=h;UID=u;PWD={CANARY}"
        self.code = self.check(url, url)
        return log.read_text().splitlines()

    def test_plan(self):
        sent = self.ask(0)
        self.assertEqual(self.codes("orders", "explain_plan"), ["explain_plan.cartesian_product"], self.said)
        self.assertEqual(self.code, 1)
        at = sent.index(self.QUERY)
        self.assertEqual(sent[at - 2:at + 2], ["set showplan_xml on", "select 1", self.QUERY, "set showplan_xml off"], sent)

    def test_a_server_that_would_run_it(self):
        sent = self.ask(1)
        self.assertEqual(self.code, 2)
        self.assertNotIn(self.QUERY, sent)
        self.assertEqual(sent[-1], "set showplan_xml off")


class Drivers(WarehouseTest):
    """Libraries that must not be loaded."""

    def setUp(self):
        super().setUp()
        self.write([model("steady", "select 1 as id", "select 2 as id", schemas=("a", "b"))])
        if not shutil.which("cc"):
            self.skipTest("no C compiler")
        self.marker = self.work / "loaded"
        source = self.work / "evil.c"
        source.write_text('#include <stdio.h>\n__attribute__((constructor)) static void f(void)'
                          f'{{ FILE* m = fopen("{self.marker}", "w"); if (m) fclose(m); }}\n')
        for name in ("libmaodbc.so", "libduckdb.so", "evil.so"):
            subprocess.run(["cc", "-shared", "-fPIC", "-o", self.work / name, source], check=True)
        self.git = self.work / "repository"
        self.git.mkdir()

    def refused(self, url, *more, env=None):
        code = self.check(url, url, *more, env=env)
        self.assertEqual(code, 2, self.said)
        self.assertFalse(self.marker.exists(), f"a library was loaded: {self.said}")

    def test_odbc(self):
        evil = self.work / "evil.so"
        self.refused(f"odbc:Driver={evil};Server=h;PWD={CANARY}")
        self.refused(f"odbc:Driver=MariaDB Unicode;Server=h;Driver={evil}")
        self.refused(f"odbc:Driver=MariaDB Unicode;Server={{h}};FILEDSN={evil}")
        self.refused(f"odbc:Driver=MariaDB Unicode;Server=h;PLUGIN_DIR={self.work}")
        self.refused("odbc:Driver=./libmaodbc.so;Server=h")

    def test_duckdb(self):
        (self.work / "x.duckdb").write_text("nothing")
        self.refused(f"duckdb://{self.work}/x.duckdb?library={self.work}/libduckdb.so")
        self.refused(f"duckdb://{self.work}/x.duckdb", env=clean_environment(LAYERGATE_DUCKDB_LIBRARY="libduckdb.so"))

    def test_library_of_the_repository(self):
        repository = self.work / "repository"
        for command in (["git", "init", "-q", "-b", "main"], ["git", "add", "-A"],
                        ["git", "commit", "-q", "--allow-empty", "-m", "base"], ["git", "commit", "-q", "--allow-empty", "-m", "head"]):
            if command[1] == "add":
                shutil.copy(self.work / "libduckdb.so", repository / "libduckdb.so")
                (repository / "dbt_project.yml").write_text("name: shop\n")
            subprocess.run(command, cwd=repository, check=True, env=clean_environment())
        (self.work / "x.duckdb").write_text("nothing")
        done = subprocess.run([BINARY, "check", "--project-dir", repository, "--base", "HEAD~1", "--head", "HEAD",
                               "--base-manifest", self.work / "base.json", "--head-manifest", self.work / "head.json",
                               "--base-url", f"duckdb://{self.work}/x.duckdb", "--head-url", f"duckdb://{self.work}/x.duckdb",
                               "--duckdb-library", repository / "libduckdb.so"], capture_output=True, text=True, timeout=60,
                              env=clean_environment(), check=False)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertIn("repository under test", done.stderr)
        self.assertFalse(self.marker.exists())


@unittest.skipUnless(MARIADB, "LAYERGATE_TEST_MARIADB_URL is not set")
class MariaDb(WarehouseTest):
    """Its driver takes a query time-out and ignores it."""

    def test_slow(self):
        for schema in SCHEMAS:
            mariadb(f"drop database if exists {schema}; create database {schema}; create table {schema}.steady (id int);"
                    f"insert into {schema}.steady values (1); create view {schema}.slow as select id from {schema}.steady where sleep(30) = 0;")
        self.write([model(name, "select 1 as id", "select 2 as id", schemas=SCHEMAS, database="") for name in ("steady", "slow")],
                   adapter="mysql", timeout=2)
        begin = time.monotonic()
        self.assertEqual(self.check(MARIADB, MARIADB), 2, self.said)
        self.assertLess(time.monotonic() - begin, 15)
        self.assertEqual(self.codes("slow"), ["timeout"])
        self.assertEqual(self.gate("steady")["status"], "pass")
        self.assertEqual(mariadb("select count(*) from information_schema.processlist where info like '%sleep%' and info not "
                                 "like '%processlist%'"), "0")


if __name__ == "__main__":
    skip_without(POSTGRES, "LAYERGATE_TEST_POSTGRES_URL")
    unittest.main()
