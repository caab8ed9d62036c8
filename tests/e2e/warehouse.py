"""What the tests on real databases share: two manifests over tables that are there, the check, and SQL by the engine's
own client. No dbt: relations are made by hand, so that each of them can be as odd as the test needs it."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

from support import BINARY, clean_environment

CANARY = "canary-4711"
POSTGRES = os.environ.get("LAYERGATE_TEST_POSTGRES_URL", "")
MARIADB = os.environ.get("LAYERGATE_TEST_MARIADB_URL", "")
PEERS = pathlib.Path(os.environ.get("LAYERGATE_PEERS") or pathlib.Path(__file__).resolve().parents[2] / "build" / "peers")


def skip_without(value, name):
    """Exit code 77 is a skipped test; the line says why."""
    if not value:
        print(f"SKIPPED: {name} is not set (scripts/with_databases sets it)")
        sys.exit(77)


def client(url):
    """The parts of a URL."""
    return urllib.parse.urlsplit(url)


def psql(sql, url=None):
    """Runs SQL as the server's owner; returns what it prints."""
    done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", url or POSTGRES], input=sql,
                          capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"psql: {done.stderr}\n{sql[:2000]}")
    return done.stdout.strip()


def mariadb(sql):
    at = client(MARIADB)
    done = subprocess.run(["mariadb", "-h", at.hostname, "-P", str(at.port), f"-u{at.username}", f"-p{at.password}", "-N"],
                          input=sql, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"mariadb: {done.stderr}")
    return done.stdout.strip()


def dump(schemas, url=None):
    """The text of schemas with all their data: what a test compares before and after."""
    command = ["pg_dump", "--no-owner", *[f"--schema={name}" for name in schemas], url or POSTGRES]
    text = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    # Newer pg_dump puts a random word into \restrict lines.
    return "\n".join(line for line in text.splitlines() if not line.startswith(("\\restrict", "\\unrestrict")))


def login(url, user, password=None):
    """The URL as another user."""
    at = client(url)
    who = user if password is None else f"{user}:{password}"
    return at._replace(netloc=f"{who}@{at.hostname}:{at.port}").geturl()


def with_parameters(url, **parameters):
    return url + ("&" if "?" in url else "?") + urllib.parse.urlencode(parameters)


def model(name, base_sql, head_sql, *, schemas, database="layergate", alias=None, materialized="table", **config):
    """Both sides of one model; relations in `schemas` = (base, head)."""
    sides = []
    for sql, schema in ((base_sql, schemas[0]), (head_sql, schemas[1])):
        if sql is None:
            sides.append(None)
            continue
        shown = alias or name
        quoted = shown.replace('"', '""')
        sides.append({
            "unique_id": f"model.shop.{name}", "resource_type": "model", "package_name": "shop", "name": name,
            "alias": shown, "database": database, "schema": schema, "path": f"marts/{name}.sql",
            "original_file_path": f"models/marts/{name}.sql", "fqn": ["shop", "marts", name], "language": "sql",
            "relation_name": f'"{database}"."{schema}"."{quoted}"', "raw_code": sql, "compiled_code": sql,
            "compiled": True, "checksum": {"name": "sha256", "checksum": str(hash(sql) & 0xffffffffffff)},
            "config": {"materialized": materialized, "enabled": True, **config}, "tags": [], "meta": {}, "columns": {},
            "description": "", "refs": [], "sources": [], "depends_on": {"nodes": [], "macros": []}})
    return sides


def manifest(nodes, adapter="postgres"):
    return {"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json", "dbt_version": "1.10.0",
                         "generated_at": "2026-01-01T00:00:00.000000Z", "invocation_id": "00000000-0000-4000-8000-000000000000",
                         "project_name": "shop", "adapter_type": adapter},
            "nodes": {node["unique_id"]: node for node in nodes if node}, "sources": {}, "macros": {}, "docs": {},
            "exposures": {}, "metrics": {}, "groups": {}, "selectors": {}, "disabled": {}, "semantic_models": {},
            "saved_queries": {}, "unit_tests": {},
            "parent_map": {node["unique_id"]: [] for node in nodes if node},
            "child_map": {node["unique_id"]: [] for node in nodes if node}}


class WarehouseTest(unittest.TestCase):
    def setUp(self):
        if not os.access(BINARY, os.X_OK):
            raise RuntimeError("LAYERGATE_BINARY must name the program under test")
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="layergate-warehouse-"))
        self.addCleanup(shutil.rmtree, self.work)

    def write(self, models, adapter="postgres", gates="row_count_diff", options="{}", timeout=None):
        """Manifests and a policy that asks for the given gates in every layer."""
        for side, index in (("base", 0), ("head", 1)):
            (self.work / f"{side}.json").write_text(json.dumps(manifest([m[index] for m in models], adapter)))
        lines = ["version: 1", "unmatched_layer: all", "layers:", "  - name: all", "    match: [{path: '**'}]", "    gates:"]
        for i, gate in enumerate(gates.split()):
            limit = f", timeout_seconds: {timeout}" if timeout else ""
            lines.append(f"      {gate}: {{options: {options if i == 0 else '{}'}{limit}}}")
        (self.work / "policy.yml").write_text("\n".join(lines) + "\n")

    def command(self, base_url, head_url, *more):
        return [BINARY, "check", "--no-git", "--project-dir", str(self.work), "--base-manifest", str(self.work / "base.json"),
                "--head-manifest", str(self.work / "head.json"), "--policy", str(self.work / "policy.yml"),
                "--at", "2026-01-06T11:00:00Z", "--output", f"json:{self.work}/result.json",
                "--output", f"markdown:{self.work}/report.md", "--output", f"junit:{self.work}/junit.xml",
                "--output", f"text:{self.work}/report.txt",
                *(["--base-url", base_url] if base_url else []), *(["--head-url", head_url] if head_url else []), *more]

    def check(self, base_url, head_url, *more, timeout=60, env=None):
        """Runs the check; no output of any kind may hold the canary."""
        for file in ("result.json", "report.md", "junit.xml", "report.txt"):
            (self.work / file).unlink(missing_ok=True)
        done = subprocess.run([str(w) for w in self.command(base_url, head_url, *more)], capture_output=True, text=True,
                              timeout=timeout, env=env or clean_environment(), check=False)
        self.said = done.stdout + done.stderr
        for file in self.work.iterdir():
            if file.is_file() and file.suffix in (".json", ".md", ".xml", ".txt"):
                self.assertNotIn(CANARY, file.read_text(), file)
        self.assertNotIn(CANARY, self.said)
        self.result = json.loads((self.work / "result.json").read_text()) if (self.work / "result.json").exists() else None
        return done.returncode

    def gate(self, name, gate="row_count_diff"):
        """The result of one model."""
        for result in self.result["gates"]:
            if result["subject"] == f"model.shop.{name}" and result["gate"] == gate:
                return result
        self.fail(f"no {gate} for {name}: {self.said}")
        return None

    def codes(self, name, gate="row_count_diff"):
        """Rules that spoke, and codes of what is unknown."""
        result = self.gate(name, gate)
        return sorted([f["rule"] for f in result["findings"]] + [u["code"] for u in result.get("unknown", [])])
