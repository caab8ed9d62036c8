"""The engines that queries are tried on: each holds the same tables in many worlds that differ in one base column.

An engine has `worlds` (name -> tables) and answers run(world, sql) with (column names, rows), or raises QueryError when
it refuses the query. Nothing outside the standard library is needed but for DuckDB (python-duckdb) and, for
PostgreSQL and MariaDB, their command-line clients.
"""
import os
import sqlite3
import subprocess
import urllib.parse

# Several tests may ask one server at once: each process has worlds of its own.
OWN = f"_{os.getpid()}"


class QueryError(Exception):
    pass


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value)


def statements(tables, types):
    """CREATE TABLE and INSERT for tables {name: (columns [(name, type)], rows)}."""
    for name, (columns, rows) in tables.items():
        yield f"CREATE TABLE {name} ({', '.join(c + ' ' + types[t] for c, t in columns)})"
        values = ", ".join("(" + ", ".join(literal(v) for v in row) + ")" for row in rows)
        yield f"INSERT INTO {name} VALUES {values}"


class Sqlite:
    dialect = "sqlite"
    types = {"int": "INTEGER", "text": "TEXT"}

    def __init__(self):
        self.connections = {}

    def make_worlds(self, worlds):
        for connection in self.connections.values():
            connection.close()
        self.connections = {}
        for name, tables in worlds.items():
            connection = sqlite3.connect(":memory:")
            for statement in statements(tables, self.types):
                connection.execute(statement)
            self.connections[name] = connection

    def run(self, world, sql):
        connection = self.connections[world]
        steps = [0]

        def guard():
            steps[0] += 1
            return steps[0] > 200

        connection.set_progress_handler(guard, 10000)
        try:
            cursor = connection.execute(sql)
            return [d[0] for d in cursor.description], cursor.fetchmany(20000)
        except sqlite3.Error as error:
            raise QueryError(str(error)) from None


class DuckDb:
    dialect = "duckdb"
    types = {"int": "INTEGER", "text": "VARCHAR"}

    def __init__(self):
        import duckdb

        self.duckdb = duckdb
        self.connection = duckdb.connect(config={"threads": 1})
        self.current = None

    def make_worlds(self, worlds):
        self.connection.close()
        self.connection = self.duckdb.connect(config={"threads": 1})
        self.current = None
        for name, tables in worlds.items():
            self.connection.execute(f"CREATE SCHEMA {name}")
            self.use(name)
            for statement in statements(tables, self.types):
                self.connection.execute(statement)

    def use(self, world):
        if self.current != world:
            self.connection.execute(f"SET schema = '{world}'")
            self.current = world

    def run(self, world, sql):
        try:
            self.use(world)
            cursor = self.connection.execute(sql)
            return [d[0] for d in cursor.description], cursor.fetchall()
        except self.duckdb.Error as error:
            raise QueryError(str(error)) from None


class Client:
    """A command-line client that is kept open; every answer ends with a marker."""

    def __init__(self, command, environment=None):
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            encoding="utf-8",
            errors="replace",
            bufsize=1,
        )

    def ask(self, text, marker):
        self.process.stdin.write(text)
        self.process.stdin.flush()
        lines = []
        while True:
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError("the client ended: " + "".join(lines[-5:]))
            if line.rstrip("\n") == marker:
                return lines
            lines.append(line.rstrip("\n"))


class Postgres:
    dialect = "postgres"
    types = {"int": "integer", "text": "text"}

    def __init__(self, url):
        self.client = Client(["psql", "-X", "-q", "-A", "-F", "\x01", "-R", "\x02\n", "-P", "footer=off", "-P", "null=\x03", url])
        self.ask("SET client_min_messages = error; SET statement_timeout = '1s'; SET max_parallel_workers_per_gather = 0;")
        self.current = None
        self.made = []

    def ask(self, text):
        return self.client.ask(text + "\n\\echo\n\\echo <<<end>>>\n", "<<<end>>>")[:-1]

    def make_worlds(self, worlds):
        script = [f"DROP SCHEMA {name}{OWN} CASCADE;" for name in self.made]
        for name, tables in worlds.items():
            script.append(f"CREATE SCHEMA {name}{OWN}; SET search_path = {name}{OWN};")
            script += [s + ";" for s in statements(tables, self.types)]
        out = self.ask("\n".join(script))
        if any("ERROR" in line for line in out):
            raise RuntimeError("\n".join(out[:5]))
        self.made = list(worlds)
        self.current = None

    def run(self, world, sql):
        if self.current != world:
            self.ask(f"SET search_path = {world}{OWN};")
            self.current = world
        text = "\n".join(self.ask(sql + ";"))
        if text.startswith("ERROR") or "\nERROR" in text or text.startswith("psql:"):
            raise QueryError(text)
        lines = [line for line in text.split("\x02\n")]
        lines[-1] = lines[-1].rstrip("\x02")
        rows = [tuple(None if v == "\x03" else v for v in line.split("\x01")) for line in lines]
        return list(rows[0]), rows[1:]


class MariaDb:
    dialect = "mariadb"
    types = {"int": "int", "text": "varchar(40)"}

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        command = ["mariadb", "--no-defaults", "--batch", "--force", "--unbuffered", "-h", parts.hostname, "-P", str(parts.port or 3306)]
        if parts.username:
            command += ["-u", urllib.parse.unquote(parts.username)]
        environment = dict(os.environ)
        if parts.password:
            environment["MYSQL_PWD"] = urllib.parse.unquote(parts.password)
        self.client = Client(command, environment)
        self.ask("SET sql_mode = 'STRICT_TRANS_TABLES,PIPES_AS_CONCAT,ONLY_FULL_GROUP_BY'; SET max_statement_time = 1;")
        self.current = None
        self.made = []

    def ask(self, text):
        return self.client.ask(text + "\nSELECT '' AS '<<<end>>>';\n", "<<<end>>>")

    def make_worlds(self, worlds):
        script = [f"DROP DATABASE {name}{OWN};" for name in self.made]
        for name, tables in worlds.items():
            script.append(f"CREATE DATABASE {name}{OWN}; USE {name}{OWN};")
            script += [s + ";" for s in statements(tables, self.types)]
        out = [line for line in self.ask("\n".join(script)) if line]
        if out:
            raise RuntimeError("\n".join(out[:5]))
        self.made = list(worlds)
        self.current = None

    def run(self, world, sql):
        if self.current != world:
            self.ask(f"USE {world}{OWN};")
            self.current = world
        lines = self.ask(sql + ";")
        # The marker's own (empty) row comes in front of the next answer.
        if lines and lines[0] == "":
            lines = lines[1:]
        for line in lines:
            if line.startswith("ERROR "):
                raise QueryError(line)
        rows = [tuple(line.split("\t")) for line in lines]
        # A result without rows prints nothing: its names are not known.
        return (list(rows[0]), rows[1:]) if rows else (None, [])


def available(names):
    """(name, engine) for each that can be had, and the reasons for the others."""
    engines, missing = [], []
    for name in names:
        try:
            if name == "sqlite":
                engines.append((name, Sqlite()))
            elif name == "duckdb":
                engines.append((name, DuckDb()))
            elif name == "postgres":
                engines.append((name, Postgres(os.environ["LAYERGATE_TEST_POSTGRES_URL"])))
            elif name == "mariadb":
                engines.append((name, MariaDb(os.environ["LAYERGATE_TEST_MARIADB_URL"])))
        except ImportError as error:
            missing.append(f"{name}: {error}")
        except KeyError as error:
            missing.append(f"{name}: {error} is not set (scripts/with_databases)")
    return engines, missing
