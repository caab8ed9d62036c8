"""500 models over two connections, and an engine of several nodes of which one dies in the middle: a PostgreSQL
coordinator whose tables lie on two others (postgres_fdw). SHARDS=0 leaves the second part out."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from warehouse import MARIADB, POSTGRES, WarehouseTest, dump, login, mariadb, model, psql, skip_without, with_parameters

SPIDER = [path for folder in ("/usr/lib/mysql/plugin", "/usr/lib64/mysql/plugin", "/usr/lib/mariadb/plugin")
          if (path := pathlib.Path(folder, "ha_spider.so")).exists()]
MODELS = int(os.environ.get("LAYERGATE_TEST_MODELS", "500"))


class Scale(WarehouseTest):
    SCHEMAS = ("scale_prod", "scale_pr")

    def test_many_models_on_two_connections(self):
        sql = ["set client_min_messages = error;",
               "do $$ begin create role scale_two login; exception when duplicate_object then null; end $$;",
               "alter role scale_two connection limit 2;"]
        for schema in self.SCHEMAS:
            # Every 50th model has lost a row in ten, and more; the others are the same on both sides.
            rows = "case when i % 50 = 0 then 50 else 100 end" if schema == "scale_pr" else "100"
            sql.append(f"""drop schema if exists {schema} cascade; create schema {schema};
                do $$ begin for i in 1..{MODELS} loop
                  execute format('create table {schema}.m%s as select g as id from generate_series(1, %s) g', i, {rows});
                end loop; end $$;
                grant usage on schema {schema} to scale_two; grant select on all tables in schema {schema} to scale_two;""")
        psql("\n".join(sql))
        models = [model(f"m{i}", "select 1 as id", "select 2 as id", schemas=self.SCHEMAS, unique_key="id")
                  for i in range(1, MODELS + 1)]
        self.write(models)
        url = login(POSTGRES, "scale_two")
        begin = time.monotonic()
        code = self.check(with_parameters(url, schema=self.SCHEMAS[0]), with_parameters(url, schema=self.SCHEMAS[1]),
                          "--connections", "1", "--threads", "8")
        took = time.monotonic() - begin
        self.assertEqual(code, 1, self.said[-2000:])
        failed = {g["subject"] for g in self.result["gates"] if g["status"] == "fail"}
        self.assertEqual(failed, {f"model.shop.m{i}" for i in range(50, MODELS + 1, 50)})
        self.assertEqual({g["status"] for g in self.result["gates"]}, {"pass", "fail"})
        used = self.result["timings"]["run"]["databases"]
        self.assertLessEqual(used["base"]["connections"] + used["head"]["connections"], 2)
        print(f"{MODELS} models, two connections: {took:.1f} s, {used}")
        psql("".join(f"drop schema {schema} cascade;" for schema in self.SCHEMAS))


class Node:
    """A PostgreSQL server of its own, started with the binaries of the test server."""

    def __init__(self, folder, bindir):
        self.data = folder / "data"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.as_postgres = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        folder.mkdir()
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
        self.run(bindir / "initdb", "-D", self.data, "-U", "ci", "--auth=trust", "-E", "UTF8", "--no-sync", "--locale=C")
        self.run(bindir / "pg_ctl", "-D", self.data, "-l", folder / "log", "-w", "-o",
                 f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off", "start")
        self.url = f"postgres://ci@127.0.0.1:{self.port}/postgres"

    def run(self, *command):
        # pg_ctl leaves the server with its output open.
        subprocess.run([*self.as_postgres, *[str(word) for word in command]], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=60, check=True)

    def kill(self):
        """As a machine goes: without a word to anybody."""
        pid_file = self.data / "postmaster.pid"
        if pid_file.exists():
            os.kill(int(pid_file.read_text().splitlines()[0]), signal.SIGQUIT)


def postgres_binaries():
    found = shutil.which("initdb")
    if found:
        return pathlib.Path(found).resolve().parent
    versions = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return versions[-1].parent if versions else None


@unittest.skipIf(os.environ.get("SHARDS") == "0", "SHARDS=0")
class Shards(WarehouseTest):
    SCHEMAS = ("shards_prod", "shards_pr")

    def setUp(self):
        super().setUp()
        bindir = postgres_binaries()
        if not bindir:
            self.skipTest("PostgreSQL's server is not installed")
        if psql("select count(*) from pg_available_extensions where name = 'postgres_fdw'") == "0":
            self.skipTest("postgres_fdw is not installed")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="layergate-shards-"))
        self.folder.chmod(0o755)
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.nodes = []
        for i in (1, 2):
            self.nodes.append(Node(self.folder / f"node{i}", bindir))
            self.addCleanup(self.nodes[-1].kill)
        sql = ["set client_min_messages = error; create extension if not exists postgres_fdw;"]
        for i, node in enumerate(self.nodes):
            psql(f"""create schema shards_prod; create schema shards_pr;
                create table shards_prod.orders as select g as id from generate_series(1, 40000) g where g % 2 = {i};
                create table shards_pr.orders as select * from shards_prod.orders;
                create table shards_pr.doubled as select * from shards_prod.orders union all select * from shards_prod.orders;
                create table shards_prod.doubled as select * from shards_prod.orders;""", node.url)
            sql.append(f"""drop server if exists node{i} cascade;
                create server node{i} foreign data wrapper postgres_fdw options (host '127.0.0.1', port '{node.port}', dbname 'postgres');
                create user mapping for public server node{i} options (user 'ci');""")
        for schema in self.SCHEMAS:
            sql.append(f"""drop schema if exists {schema} cascade; create schema {schema};
                create table {schema}.local as select g as id from generate_series(1, 100) g;""")
            for table in ("orders", "doubled"):
                sql.append(f"create table {schema}.{table} (id integer) partition by hash (id);")
                sql += [f"create foreign table {schema}.{table}_{i} partition of {schema}.{table} for values with (modulus 2, "
                        f"remainder {i}) server node{i} options (schema_name '{schema}', table_name '{table}');" for i in (0, 1)]
            # The second node is read first when it is gone already.
            sql.append(f"create view {schema}.slow as select o.id from (select pg_sleep(1.5)) z, {schema}.orders o;")
        psql("\n".join(sql))
        self.addCleanup(psql, "drop schema shards_prod cascade; drop schema shards_pr cascade; drop server node0 cascade; "
                              "drop server node1 cascade;")

    def both(self):
        return with_parameters(POSTGRES, schema=self.SCHEMAS[0]), with_parameters(POSTGRES, schema=self.SCHEMAS[1])

    def test_a_node_dies_in_the_middle(self):
        models = [model(name, "select 1 as id", "select 2 as id", schemas=self.SCHEMAS, unique_key="id")
                  for name in ("local", "orders", "doubled")]
        self.write(models)
        self.assertEqual(self.check(*self.both()), 1, self.said)
        self.assertEqual(self.gate("orders")["measured"]["head"], {"rows": 40000, "keys": 40000, "rows_without_key": 0})
        self.assertEqual(self.codes("doubled"), ["row_count_diff.change", "row_count_diff.key_multiplied"])
        self.assertIn("every key exactly twice: 40,000 of 40,000", json.dumps(self.gate("doubled")))
        before = dump(self.SCHEMAS, self.nodes[0].url)

        self.write([*models, model("slow", "select 1 as id", "select 2 as id", schemas=self.SCHEMAS)])
        killer = threading.Timer(0.7, self.nodes[1].kill)
        killer.start()
        code = self.check(*self.both(), "--threads", "1")
        killer.join()
        self.assertEqual(code & ~1, 2 if code == 2 else 0, self.said)
        self.assertNotEqual(code, 0, self.said)
        self.assertIn(self.codes("slow"), (["connection_lost"], ["sql_error", "sql_error"], ["connection_lost", "connection_lost"]))
        self.assertEqual(self.gate("local")["status"], "pass")
        # From now on the node is gone: what lies on it is unknown, the rest is judged.
        self.write(models)
        self.assertEqual(self.check(*self.both()), 2, self.said)
        self.assertEqual(self.gate("local")["status"], "pass")
        self.assertEqual(self.gate("orders")["status"], "unknown")
        self.assertEqual(dump(self.SCHEMAS, self.nodes[0].url), before)


def mariadb_server():
    return shutil.which("mariadbd", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")


@unittest.skipUnless(MARIADB and mariadb_server(), "no MariaDB server")
@unittest.skipUnless(SPIDER, "no Spider (mariadb-plugin-spider)")
class Spider(WarehouseTest):
    """MariaDB as a front whose tables lie on another MariaDB."""

    SCHEMAS = ("spider_prod", "spider_pr")

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="layergate-spider-"))
        self.folder.chmod(0o755)
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        data = self.folder / "data"
        data.mkdir()
        words = []
        if os.getuid() == 0:
            shutil.chown(data, "mysql")
            words = ["runuser", "-u", "mysql", "--"]
        made = subprocess.run([*words, "mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db",
                               "--auth-root-authentication-method=normal"], capture_output=True, text=True, check=False)
        self.assertEqual(made.returncode, 0, made.stdout + made.stderr)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        tables = "".join(f"create database {schema}; use {schema}; create table orders (id int primary key); insert into orders "
                         "select seq from seq_1_to_20000;\n" for schema in self.SCHEMAS)
        (self.folder / "init.sql").write_text("create user ci@'127.0.0.1' identified by 'node';\ngrant all on *.* to ci@'127.0.0.1';\n")
        self.node = subprocess.Popen([*words, mariadb_server(), "--no-defaults", f"--datadir={data}", f"--port={self.port}",
                                      "--bind-address=127.0.0.1", f"--socket={data}/socket", f"--pid-file={data}/pid",
                                      f"--init-file={self.folder}/init.sql", "--skip-name-resolve",
                                      "--innodb-flush-log-at-trx-commit=0"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(self.stop)
        self.on_node(tables, tries=100)
        if mariadb("select count(*) from information_schema.engines where engine = 'SPIDER'") == "0":
            mariadb("install soname 'ha_spider'")
        mariadb(f"drop server if exists node; create server node foreign data wrapper mysql options (host '127.0.0.1', port "
                f"{self.port}, user 'ci', password 'node');")
        for schema in self.SCHEMAS:
            mariadb(f"""drop database if exists {schema}; create database {schema}; use {schema};
                create table local (id int primary key); insert into local select seq from seq_1_to_100;
                create table orders (id int primary key) engine=spider comment='wrapper "mysql", srv "node", database "{schema}", table "orders"';""")

    def on_node(self, sql, tries=1):
        for i in range(tries):
            done = subprocess.run(["mariadb", "-h", "127.0.0.1", "-P", str(self.port), "-uci", "-pnode"], input=sql, text=True,
                                  capture_output=True, check=False)
            if done.returncode == 0:
                return
            time.sleep(0.1)
        self.fail(done.stderr)

    def stop(self):
        pid = self.folder / "data" / "pid"
        if pid.exists():
            os.kill(int(pid.read_text()), signal.SIGKILL)
            pid.unlink()
        self.node.wait(timeout=20)

    def test_a_node_dies(self):
        models = [model(name, "select 1 as id", "select 2 as id", schemas=self.SCHEMAS, database="", unique_key="id")
                  for name in ("local", "orders")]
        self.write(models, adapter="mysql", timeout=20)
        self.assertEqual(self.check(MARIADB, MARIADB), 0, self.said)
        self.assertEqual(self.gate("orders")["measured"]["head"]["rows"], 20000)
        self.stop()
        self.assertEqual(self.check(MARIADB, MARIADB), 2, self.said)
        self.assertEqual(self.gate("orders")["status"], "unknown")
        self.assertEqual(self.gate("local")["status"], "pass")


if __name__ == "__main__":
    skip_without(POSTGRES, "LAYERGATE_TEST_POSTGRES_URL")
    unittest.main()
