"""Everything that can go wrong with a database, on real ones: the verdict is "undecided" with the reason, the rest of the
run goes on, nothing is written, and no secret is printed (WarehouseTest.check looks for the canary in every output)."""
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import unittest

from support import BINARY, clean_environment
from warehouse import (CANARY, MARIADB, POSTGRES, WarehouseTest, dump, login, mariadb, model, psql, skip_without,
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
