#!/usr/bin/env python3
"""Applies mistakes and honest changes to the models of real dbt projects, one a pull request, and counts what the
static gates say. See README.md.

    $LAYERGATE_PEERS/sqlglot/bin/python bench/mistakes/run.py --layergate build/developer/bin/layergate
"""
import argparse
import collections
import concurrent.futures
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import sqlglot
from sqlglot import exp

import honest
import mistakes

ROOT = pathlib.Path(__file__).resolve().parents[2]
GATES = ["compile", "lineage_diff", "pii_carry_over", "metric_definition_review"]
DIALECTS = {"postgres": "postgres", "snowflake": "snowflake", "bigquery": "bigquery", "duckdb": "duckdb",
            "databricks": "databricks", "spark": "spark", "redshift": "redshift", "sqlite": "sqlite"}


class Project:
    def __init__(self, name, manifest, catalog):
        self.name = name
        self.manifest = json.loads(pathlib.Path(manifest).read_text())
        for macro in self.manifest["macros"].values():
            macro["macro_sql"] = ""  # the same on both sides, and most of the bytes
        self.nodes_text = {k: json.dumps(v) for k, v in self.manifest["nodes"].items()}
        self.rest_text = json.dumps({k: v for k, v in self.manifest.items() if k != "nodes"})
        self.manifest_path, self.catalog_path = manifest, catalog
        self.dialect = DIALECTS.get(self.manifest["metadata"].get("adapter_type", ""))
        self.columns = {}
        if catalog:
            tables = json.loads(pathlib.Path(catalog).read_text())
            for part in ("nodes", "sources"):
                for unique_id, table in tables.get(part, {}).items():
                    ordered = sorted(table["columns"].values(), key=lambda c: c["index"])
                    self.columns[unique_id] = [c["name"] for c in ordered]
        self.by_relation = {}
        for node in list(self.manifest["nodes"].values()) + list(self.manifest["sources"].values()):
            name = (node.get("relation_name") or "").replace('"', "").replace("`", "").lower()
            if name:
                self.by_relation[name] = node["unique_id"]

    def text(self, changed=None):
        """The manifest, with one node replaced."""
        nodes = dict(self.nodes_text)
        if changed is not None:
            nodes[changed["unique_id"]] = json.dumps(changed)
        body = ", ".join(f"{json.dumps(k)}: {v}" for k, v in nodes.items())
        return self.rest_text[:-1] + ', "nodes": {' + body + "}}"

    def models(self):
        for node in self.manifest["nodes"].values():
            if node["resource_type"] == "model" and node.get("language", "sql") == "sql" and node.get("compiled_code"):
                yield node

    def columns_of(self, table):
        path = ".".join(p.name for p in table.parts).lower()
        return self.columns.get(self.by_relation.get(path, ""), [])


class Case:
    """One pull request: one model with other SQL."""
    def __init__(self, project, node, operator, sql, expect):
        self.project, self.node, self.operator, self.sql, self.expect = project, node, operator, sql, expect
        self.findings, self.unknown, self.seconds, self.error = [], [], 0.0, ""

    @property
    def blocked(self):
        return bool(self.unknown) or any(f["severity"] == "fail" for f in self.findings)

    def speaks(self):
        return [f for f in self.findings if f["severity"] in ("fail", "warn")]

    def right(self):
        return [f for f in self.speaks() if f["rule"] in self.expect.rules]

    def right_column(self):
        wanted = self.expect.column.lower()
        return [f for f in self.right() if not wanted or f.get("column", "").lower() == wanted]


def parse(project, sql):
    return sqlglot.parse_one(sql, read=project.dialect)


def cases_of(project, name, function, is_mistake, limit, rng, usable):
    nodes = list(project.models())
    rng.shuffle(nodes)
    made = 0
    for node in nodes:
        if made >= limit:
            return
        if node["unique_id"] not in usable:
            continue
        count = len(list(function(parse(project, node["compiled_code"]), project)))
        if count == 0:
            continue
        # The tree is parsed again, so that each change starts from the same text.
        tree = parse(project, node["compiled_code"])
        site = list(function(tree, project))[rng.randrange(count)]
        change = site.change if is_mistake else site
        before = tree.sql(project.dialect)
        root = change()
        tree = root if isinstance(root, exp.Expression) and root.parent is None and isinstance(root, exp.Query) else tree
        sql = tree.sql(project.dialect, pretty=True)
        if is_mistake and tree.sql(project.dialect) == before:
            continue
        yield Case(project, node, name, sql, site.expect if is_mistake else None)
        made += 1


def mixed(case, rng):
    """The same mistake in a pull request that also tidies up."""
    for name in ("brackets", "wrapped in a CTE", "a CTE renamed", "conjuncts in another order", "import CTE", "a step more"):
        tree = parse(case.project, case.sql)
        changes = list(honest.OPERATORS[name](tree, case.project))
        if not changes:
            continue
        root = rng.choice(changes)()
        case.sql = (root if isinstance(root, exp.Query) else tree).sql(case.project.dialect, pretty=True)


def judge(case, layergate, folder, bases):
    head = folder / f"{id(case)}.json"
    result = folder / f"{id(case)}.result.json"
    node = dict(case.node)
    raw = node.get("raw_code", "")
    node["compiled_code"] = case.sql
    node["raw_code"] = raw + "\n-- changed" if "is_incremental" in raw else case.sql
    node["checksum"] = {"name": "sha256", "checksum": str(id(case))}
    head.write_text(case.project.text(node))
    command = [layergate, "check", "--no-git", "--quiet", "--base-manifest", bases[case.project.name], "--head-manifest", str(head),
               "--policy", str(ROOT / "bench/mistakes/policy.yml"), "--at", "2026-01-14T10:00:00Z", "--output", f"json:{result}"]
    for gate in GATES:
        command += ["--only", gate]
    if case.project.catalog_path:
        command += ["--base-catalog", str(case.project.catalog_path), "--head-catalog", str(case.project.catalog_path)]
    begin = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    case.seconds = time.monotonic() - begin
    head.unlink()
    if not result.exists():
        case.error = done.stderr.strip()[:300]
        return case
    for gate in json.loads(result.read_text())["gates"]:
        if gate["subject"] != node["unique_id"]:
            continue
        case.findings += gate["findings"]
        if gate["status"] == "unknown":
            case.unknown.append(f"{gate['gate']}: {gate['why']}")
    result.unlink()
    return case


def run(cases, arguments, projects):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        bases = {p.name: str(folder / f"base{i}.json") for i, p in enumerate(projects)}
        for project in projects:
            pathlib.Path(bases[project.name]).write_text(project.text())
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            return list(pool.map(lambda c: judge(c, arguments.layergate, folder, bases), cases))


def percent(part, whole):
    return f"{100.0 * part / whole:5.1f} %" if whole else "    - "


def table(title, cases, key, columns):
    print(f"\n{title}")
    groups = collections.defaultdict(list)
    for case in cases:
        groups[key(case)].append(case)
    for name in sorted(groups):
        print(f"  {name:36}" + "".join(f"{function(groups[name]):>16}" for function in columns))


def report_mistakes(cases, show):
    ok = [c for c in cases if not c.error]
    spoke = [c for c in ok if c.speaks() or c.unknown]
    right = [c for c in ok if c.right()]
    columns = [c for c in ok if c.right_column()]
    print(f"\nmistakes: {len(ok)} pull requests, {len(set(c.operator for c in ok))} operators")
    print(f"  something was said            {percent(len(spoke), len(ok))}")
    print(f"  by the right rule             {percent(len(right), len(ok))}   bar 95 %")
    print(f"  and the right column          {percent(len(columns), len(ok))}")
    print(f"  blocked                       {percent(sum(c.blocked for c in ok), len(ok))}")
    counts = [lambda g: f"{len(g)}", lambda g: percent(sum(bool(c.right()) for c in g), len(g)) + " right",
              lambda g: percent(sum(c.blocked for c in g), len(g)) + " blocked"]
    table("by operator", ok, lambda c: c.operator, counts)
    table("by dialect", ok, lambda c: c.project.dialect, counts)
    for case in [c for c in cases if c.error or not c.right_column()][:show]:
        tell(case, "missed" if not case.speaks() else "another rule or column")
    return len(right) / len(ok) if ok else 0.0


def report_honest(cases, show):
    ok = [c for c in cases if not c.error]
    blocked = [c for c in ok if c.blocked]
    warned = [c for c in ok if c.speaks()]
    print(f"\nhonest changes: {len(ok)} pull requests, {len(set(c.operator for c in ok))} operators")
    print(f"  blocked                       {percent(len(blocked), len(ok))}   bar 2 %")
    print(f"  warned of                     {percent(len(warned), len(ok))}")
    counts = [lambda g: f"{len(g)}", lambda g: percent(sum(c.blocked for c in g), len(g)) + " blocked",
              lambda g: percent(sum(bool(c.speaks()) for c in g), len(g)) + " warned"]
    table("by operator", ok, lambda c: c.operator, counts)
    table("by dialect", ok, lambda c: c.project.dialect, counts)
    for case in [c for c in cases if c.error or c.blocked or c.speaks()][:show]:
        tell(case, "false alarm")
    return len(blocked) / len(ok) if ok else 1.0


def tell(case, title):
    print(f"\n--- {title}: {case.operator} in {case.node['name']} ({case.project.name})")
    if case.error:
        print(f"    error: {case.error}")
    if case.expect:
        print(f"    expected {' or '.join(case.expect.rules)} {case.expect.column}")
    for f in case.findings:
        print(f"    {f['severity']} {f['rule']} {f.get('column', '')}: {f['message'][:300]}")
    for why in case.unknown:
        print(f"    unknown {why[:300]}")


def find_projects(arguments):
    shop = ROOT / "examples/shop/artifacts/base"
    found = [("shop", shop / "manifest.json", shop / "catalog.json")]
    for folder in arguments.project:
        path = pathlib.Path(folder)
        catalog = path / "catalog.json"
        found.append((path.parent.name + "/" + path.name, path / "manifest.json", catalog if catalog.exists() else None))
    return [Project(*each) for each in found]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--layergate", default=str(ROOT / "build/developer/bin/layergate"))
    parser.add_argument("--project", action="append", default=[], help="a folder with manifest.json and perhaps catalog.json")
    parser.add_argument("--each", type=int, default=2, help="pull requests for each operator and project")
    parser.add_argument("--models", type=int, default=0, help="take so many models of each project, by the seed; 0: all")
    parser.add_argument("--most", type=int, default=0, help="judge only so many of the pull requests of each kind; 0: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="operators whose name holds this")
    parser.add_argument("--mixed", action="store_true", help="mistakes in the middle of an honest clean-up")
    parser.add_argument("--show", type=int, default=40, help="how many misses to print")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    projects = find_projects(arguments)

    # A model that reads otherwise once sqlglot has written it is sqlglot's change: it can't serve.
    probes = []
    rng = random.Random(arguments.seed)
    for project in projects:
        nodes = list(project.models())
        if 0 < arguments.models < len(nodes):
            nodes = rng.sample(nodes, arguments.models)
        for node in nodes:
            try:
                sql = parse(project, node["compiled_code"]).sql(project.dialect, pretty=True)
            except Exception:
                continue
            probes.append(Case(project, node, "formatted", sql, None))
    probes = run(probes, arguments, projects)
    usable = {(c.project.name, c.node["unique_id"]) for c in probes if not c.error and not c.unknown and not c.speaks()}
    lost = [c for c in probes if (c.project.name, c.node["unique_id"]) not in usable]
    print(f"{len(probes)} models of {len(projects)} projects; {len(lost)} read otherwise when sqlglot has written them")
    for case in lost[:arguments.show]:
        tell(case, "formatted by sqlglot")

    made = {True: [], False: []}
    for is_mistake, operators in ((True, mistakes.OPERATORS), (False, honest.OPERATORS)):
        for name, function in operators.items():
            if arguments.only and arguments.only not in name:
                continue
            for project in projects:
                ids = {i for p, i in usable if p == project.name}
                for case in cases_of(project, name, function, is_mistake, arguments.each, rng, ids):
                    if is_mistake and arguments.mixed:
                        mixed(case, rng)
                    made[is_mistake].append(case)
    for kind, cases in made.items():
        if 0 < arguments.most < len(cases):
            made[kind] = rng.sample(cases, arguments.most)
    wrong = run(made[True], arguments, projects)
    good = run(made[False], arguments, projects)
    caught = report_mistakes(wrong, arguments.show)
    false_alarms = report_honest(good, arguments.show)
    seconds = sorted(c.seconds for c in wrong + good)
    if seconds:
        print(f"\ntime a pull request: median {1000 * seconds[len(seconds) // 2]:.0f} ms, slowest {1000 * seconds[-1]:.0f} ms")
    return 0 if caught >= 0.95 and false_alarms <= 0.02 else 1


if __name__ == "__main__":
    sys.exit(main())
