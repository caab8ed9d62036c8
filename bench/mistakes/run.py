#!/usr/bin/env python3
"""Applies mistakes and honest changes to real dbt projects, one a pull request, and counts what the static gates say.
See README.md.

    $LAYERGATE_PEERS/sqlglot/bin/python bench/mistakes/run.py --layergate build/developer/bin/layergate
"""
import argparse
import collections
import concurrent.futures
import itertools
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
import project_honest
import project_mistakes
from manifests import Project, with_sql
from project_mistakes import PullRequest

ROOT = pathlib.Path(__file__).resolve().parents[2]
GATES = ["compile", "lineage_diff", "pii_carry_over", "metric_definition_review", "test_weakening", "contract_break",
         "destructive_sql"]

# True of the project before and after, whatever the pull request does.
OF_THE_PROJECT = ("test_weakening.untested", "test_weakening.project_untested")


class Case:
    """One pull request and what was said of it."""
    def __init__(self, project, operator, pull_request):
        self.project, self.operator, self.change = project, operator, pull_request
        self.expect = pull_request.expect
        self.findings, self.others, self.unknown, self.seconds, self.error = [], [], [], 0.0, ""
        self.honest = []  # operators of the honest changes around the mistake
        self.report = ""

    @property
    def subject(self):
        return self.change.subject

    @property
    def blocked(self):
        return bool(self.unknown) or any(f["severity"] == "fail" for f in self.findings)

    def speaks(self):
        return [f for f in self.findings if f["severity"] in ("fail", "warn") and f["rule"] not in OF_THE_PROJECT]

    def right(self):
        return [f for f in self.speaks() if f["rule"] in self.expect.rules]

    def right_column(self):
        wanted = self.expect.column.lower()
        return [f for f in self.right() if not wanted or f.get("column", "").lower() == wanted
                or wanted in f["message"].lower()]


def parse(project, sql):
    return sqlglot.parse_one(sql, read=project.dialect)


def query_changes(project, function, is_mistake, rng, nodes):
    """Pull requests of an operator on queries: another place of another model each."""
    for node in nodes:
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
        if is_mistake and tree.sql(project.dialect) == before:
            continue
        changed = with_sql(node, tree.sql(project.dialect, pretty=True))
        yield PullRequest(node["unique_id"], site.expect if is_mistake else None, {("nodes", node["unique_id"]): changed})


def project_changes(project, function, rng, most=400):
    found = list(itertools.islice(function(project), most))
    rng.shuffle(found)
    return found


def cases_of(project, name, kind, limit, rng, usable):
    nodes = [n for n in project.models() if n["unique_id"] in usable]
    rng.shuffle(nodes)
    if name in kind["queries"]:
        changes = query_changes(project, kind["queries"][name], kind["mistakes"], rng, nodes)
    else:
        changes = project_changes(project, kind["projects"][name], rng)
    for change in itertools.islice(changes, limit):
        yield Case(project, name, change)


TIDY = ("brackets", "wrapped in a CTE", "a CTE renamed", "conjuncts in another order", "import CTE", "a step more")


def mixed(case, rng, usable, around):
    """The same mistake in the middle of an honest clean-up: of its own model, and of `around` others."""
    own = case.change.head.get(("nodes", case.subject))
    sites = [k for k, node in case.change.head.items()]
    if own and own.get("compiled_code") and case.operator in mistakes.OPERATORS:
        for name in TIDY:
            tree = parse(case.project, own["compiled_code"])
            changes = list(honest.OPERATORS[name](tree, case.project))
            if not changes:
                continue
            root = rng.choice(changes)()
            own = with_sql(own, (root if isinstance(root, exp.Query) else tree).sql(case.project.dialect, pretty=True))
        case.change.head[("nodes", case.subject)] = own
    touched = {k for k in sites} | set(case.change.base)
    others = [n for n in case.project.models()
              if n["unique_id"] in usable and n["unique_id"] != case.subject and ("nodes", n["unique_id"]) not in touched]
    rng.shuffle(others)
    for node in others[:around]:
        if rng.random() < 0.3:
            name = rng.choice(("a model's description", "columns described", "a tag and an owner", "a comment in the template"))
            found = [c for c in project_honest.OPERATORS[name](case.project) if c.subject == node["unique_id"]]
        else:
            name = rng.choice(sorted(honest.OPERATORS))
            found = list(itertools.islice(query_changes(case.project, honest.OPERATORS[name], False, rng, [node]), 1))
        if found:
            case.change.head.update(found[0].head)
            case.honest.append((node["unique_id"], name))


def judge(case, arguments, folder, bases):
    base = bases[case.project.name]
    if case.change.base:
        base = folder / f"{id(case)}.base.json"
        base.write_text(case.project.text(case.change.base))
    head = folder / f"{id(case)}.json"
    result = folder / f"{id(case)}.result.json"
    head.write_text(case.project.text(case.change.base, case.change.head))
    command = [arguments.layergate, "check", "--no-git", "--quiet", "--base-manifest", str(base), "--head-manifest", str(head),
               "--at", "2026-01-14T10:00:00Z", "--output", f"json:{result}"]
    if arguments.policy != "shipped":
        command += ["--policy", arguments.policy]
    for gate in GATES:
        command += ["--only", gate]
    if case.project.catalog_path:
        command += ["--base-catalog", str(case.project.catalog_path), "--head-catalog", str(case.project.catalog_path)]
    if arguments.reports:
        case.report = str(pathlib.Path(arguments.reports) / f"{case.operator}.{case.subject}.md".replace("/", "-").replace(" ", "_"))
        command += ["--output", f"markdown:{case.report}"]
    begin = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    case.seconds = time.monotonic() - begin
    head.unlink()
    if not result.exists():
        case.error = done.stderr.strip()[:300]
        return case
    tidied = {unique_id for unique_id, _ in case.honest}
    for gate in json.loads(result.read_text())["gates"]:
        if gate["subject"] in tidied:
            case.others += gate["findings"]
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
            return list(pool.map(lambda c: judge(c, arguments, folder, bases), cases))


def percent(part, whole):
    return f"{100.0 * part / whole:5.1f} %" if whole else "    - "


def table(title, cases, key, columns):
    print(f"\n{title}")
    groups = collections.defaultdict(list)
    for case in cases:
        groups[key(case)].append(case)
    for name in sorted(groups):
        print(f"  {name:44}" + "".join(f"{function(groups[name]):>16}" for function in columns))


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
    tidied = sum(len(c.honest) for c in ok)
    if tidied:
        loud = [f for c in ok for f in c.others if f["severity"] == "fail"]
        print(f"  honest changes around them    {tidied}, of which wrongly blocked {percent(len({(f['subject']) for f in loud}), tidied)}")
        for finding in loud[:show]:
            print(f"    {finding['subject']} {finding['rule']}: {finding['message'][:200]}")
    counts = [lambda g: f"{len(g)}", lambda g: percent(sum(bool(c.right()) for c in g), len(g)) + " right",
              lambda g: percent(sum(c.blocked for c in g), len(g)) + " blocked"]
    table("by operator", ok, lambda c: c.operator, counts)
    table("by dialect", ok, lambda c: c.project.dialect, counts)
    for case in [c for c in cases if c.error or not c.right_column()][:show]:
        tell(case, "missed" if not case.speaks() else "another rule or column")
    return len(right) / len(ok) if ok else 1.0


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
    return len(blocked) / len(ok) if ok else 0.0


def tell(case, title):
    print(f"\n--- {title}: {case.operator} in {case.subject} ({case.project.name})")
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
        if path.is_file():
            catalog = path.parent / path.name.replace("manifest", "catalog")
            found.append((path.stem, path, catalog if catalog.exists() else None))
            continue
        catalog = path / "catalog.json"
        found.append((path.parent.name + "/" + path.name, path / "manifest.json", catalog if catalog.exists() else None))
    return [Project(*each) for each in found]


def usable_models(arguments, projects, rng):
    """A model that reads otherwise once sqlglot has written it is sqlglot's change: it can't serve."""
    probes = []
    for project in projects:
        nodes = list(project.models())
        if 0 < arguments.models < len(nodes):
            nodes = rng.sample(nodes, arguments.models)
        for node in nodes:
            try:
                sql = parse(project, node["compiled_code"]).sql(project.dialect, pretty=True)
            except Exception:
                continue
            probes.append(Case(project, "formatted", PullRequest(node["unique_id"], None,
                                                                 {("nodes", node["unique_id"]): with_sql(node, sql)})))
    probes = run(probes, arguments, projects)
    lost = [c for c in probes if c.error or c.unknown or c.speaks()]
    print(f"{len(probes)} models of {len(projects)} projects; {len(lost)} read otherwise when sqlglot has written them")
    for case in lost[:arguments.show]:
        tell(case, "formatted by sqlglot")
    return {(c.project.name, c.subject) for c in probes if c not in lost}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--layergate", default=str(ROOT / "build/developer/bin/layergate"))
    parser.add_argument("--project", action="append", default=[],
                        help="a folder with manifest.json and perhaps catalog.json, or a manifest")
    parser.add_argument("--policy", default=str(ROOT / "bench/mistakes/policy.yml"), help="a file, or 'shipped'")
    parser.add_argument("--each", type=int, default=2, help="pull requests for each operator and project")
    parser.add_argument("--models", type=int, default=0, help="take so many models of each project, by the seed; 0: all")
    parser.add_argument("--most", type=int, default=0, help="judge only so many of the pull requests of each kind; 0: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="operators whose name holds this")
    parser.add_argument("--mixed", action="store_true", help="mistakes in the middle of an honest clean-up")
    parser.add_argument("--around", type=int, default=15, help="with --mixed: other models that are tidied up")
    parser.add_argument("--show", type=int, default=40, help="how many misses to print")
    parser.add_argument("--reports", help="a folder for the Markdown reports")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    projects = find_projects(arguments)
    rng = random.Random(arguments.seed)
    usable = usable_models(arguments, projects, rng)

    kinds = {True: {"mistakes": True, "queries": mistakes.OPERATORS, "projects": project_mistakes.OPERATORS},
             False: {"mistakes": False, "queries": honest.OPERATORS, "projects": project_honest.OPERATORS}}
    made = {True: [], False: []}
    for is_mistake, kind in kinds.items():
        if arguments.mixed and not is_mistake:
            continue
        for name in list(kind["queries"]) + list(kind["projects"]):
            if arguments.only and arguments.only not in name:
                continue
            for project in projects:
                ids = {i for p, i in usable if p == project.name}
                for case in cases_of(project, name, kind, arguments.each, rng, ids):
                    if arguments.mixed:
                        mixed(case, rng, ids, arguments.around)
                    made[is_mistake].append(case)
    for is_mistake, cases in made.items():
        if 0 < arguments.most < len(cases):
            made[is_mistake] = rng.sample(cases, arguments.most)
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
