"""Differential test: `layergate changes` against dbt's own state selectors.

Makes a project and some ninety mutations of it, asks real dbt which nodes each state selector picks, and compares
selector by selector and node by node. Takes every dbt it is told of (LAYERGATE_DBT, a list like PATH), else the first in
build/peers/dbt*/bin (all of them with --all), else the one on PATH; without any it says so and is skipped (exit 77).

Run by hand: tests/e2e/dbt_state_test.py --binary build/dev/bin/layergate [--all] [--keep DIR] [NAME...]
"""
import argparse
import glob
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PEERS = pathlib.Path(os.environ.get("LAYERGATE_PEERS", ROOT / "build" / "peers"))
sys.path.insert(0, str(HERE / "dbt_state"))
from project import FILES, MUTATIONS  # noqa: E402

WORDS = {"new": "new", "modified": "modified", "modified.body": "body", "modified.configs": "configs",
         "modified.persisted_descriptions": "persisted_descriptions", "modified.relation": "relation",
         "modified.macros": "macros", "modified.contract": "contract"}

# One or two of every kind, for a run that somebody waits for.
QUICK = ["body", "config_in_sql", "folder_schema_jinja", "folder_meta", "description_persisted", "column_meta",
         "macro_nested", "seed", "test_severity", "test_removed", "source_schema", "source_new", "exposure_owner",
         "metric_measure", "measure_expression", "unit_test_rows", "contract_column", "access", "model_moved",
         "model_renamed"]

# What must also be found though dbt does not see it: mutation -> (node, word).
ALSO = {
    "column_meta": ("model.shop.stg_users", "column_meta"),
    "column_tags": ("model.shop.stg_users", "column_meta"),
    "metric_measure": ("metric.shop.revenue", "metric_definition"),
    "metric_filter": ("metric.shop.orders_de", "metric_definition"),
    "measure_expression": ("metric.shop.revenue", "metric_definition"),
    "measure_aggregation": ("semantic_model.shop.orders", "metric_definition"),
    "test_removed": ("model.shop.stg_orders", "tests"),
    "test_severity": ("model.shop.fct_orders", "tests"),
    "test_arguments": ("model.shop.stg_orders", "tests"),
    "unit_test_removed": ("model.shop.dim_users", "tests"),
    "folder_tags": ("model.shop.stg_orders", "tags"),
    "folder_grants": ("model.shop.stg_orders", "grants"),
    "config_hook": ("model.shop.fct_orders", "hooks"),
    "macro_schema_name": ("model.shop.stg_orders", "relation_name"),
    "access": ("model.shop.dim_users", "access"),
}


def find_dbts():
    told = os.environ.get("LAYERGATE_DBT")
    if told:
        return [path for path in told.split(os.pathsep) if path]
    found = [path for path in sorted(glob.glob(str(PEERS / "dbt*" / "bin" / "dbt")))
             if subprocess.run([path, "--version"], capture_output=True).returncode == 0]
    on_path = shutil.which("dbt")
    return found or ([on_path] if on_path else [])


def python_of(dbt):
    """The interpreter in a dbt script's first line."""
    with open(dbt, errors="replace") as script:
        first = script.readline()
    return first[2:].strip() if first.startswith("#!") else sys.executable


def write_projects(root, names):
    for name in names:
        files = dict(FILES)
        MUTATIONS[name](files)
        for path, text in files.items():
            target = root / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text.lstrip("\n") if path != "seeds/countries.csv" else text)


def changes_of(binary, root, name):
    output = subprocess.run(
        [binary, "changes", "--base-manifest", root / "state" / "manifest.json", "--head-manifest",
         root / name / "manifest.json", "--format", "json"], capture_output=True, text=True)
    assert output.returncode == 0, output.stderr
    return json.loads(output.stdout)["nodes"]


def compare(name, answers, nodes, across_versions):
    """Lines that say where the two disagree."""
    ours = {selector: set() for selector in WORDS}
    for node in nodes:
        if node["change"] == "removed" or node["resource_type"] == "operation":
            continue
        for selector, word in WORDS.items():
            if word in node["dbt_state"]:
                ours[selector].add(node["unique_id"])
    problems = []
    for selector, theirs in answers.items():
        if theirs is None:
            continue
        for unique_id in sorted(set(theirs) - ours[selector]):
            problems.append(f"{name}: state:{selector}: dbt says {unique_id}, we don't")
        for unique_id in sorted(ours[selector] - set(theirs)):
            problems.append(f"{name}: state:{selector}: we say {unique_id}, dbt doesn't")
    if name in ALSO:
        wanted, word = ALSO[name]
        if not any(node["unique_id"] == wanted and word in node["also"] for node in nodes):
            problems.append(f"{name}: {wanted} should also have {word}")
    if name == "nothing" and nodes and not across_versions:
        problems.append(f"nothing changed, and we say {[node['unique_id'] for node in nodes]}")
    return problems


def run(dbt, binary, names, keep, base=None):
    """The base manifest is `base`, or the same dbt's of the unchanged project."""
    root = pathlib.Path(tempfile.mkdtemp(prefix="layergate-state-", dir=keep)).resolve()
    try:
        write_projects(root, names)
        if base:
            (root / "state").mkdir()
            shutil.copy(base, root / "state" / "manifest.json")
        oracle = subprocess.run([python_of(dbt), HERE / "dbt_state" / "oracle.py", root], capture_output=True,
                                text=True, cwd=root)
        if oracle.returncode != 0:
            return [f"the oracle failed: {oracle.stderr[-2000:]}{oracle.stdout[-2000:]}"], "?"
        told = json.loads((root / "answers.json").read_text())
        problems = []
        for name in names:
            problems += compare(name, told["answers"][name], changes_of(binary, root, name), bool(base))
        refused = [name for name in names if None in told["answers"][name].values()]
        if refused:
            print(f"  dbt refused some selectors for: {', '.join(refused)}")
        return problems, told["dbt"]
    finally:
        if keep:
            print(f"  kept in {root}")
        else:
            shutil.rmtree(root, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=os.environ.get("LAYERGATE_BINARY", "layergate"))
    parser.add_argument("--keep", help="make the projects in this folder and leave them there")
    parser.add_argument("--base", help="a base manifest that another dbt wrote of the unchanged project")
    parser.add_argument("--all", action="store_true", help="every mutation and every dbt, not a quick share of them")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    dbts = find_dbts()
    if not dbts:
        print("SKIPPED: no dbt found (set LAYERGATE_DBT, or run scripts/install_peers dbt)")
        return 77
    if not arguments.all and not os.environ.get("LAYERGATE_DBT"):
        dbts = dbts[:1]
    names = sorted({"nothing", *(arguments.names or (MUTATIONS if arguments.all else QUICK))})
    failed = False
    for dbt in dbts:
        problems, version = run(dbt, os.path.abspath(arguments.binary), names, arguments.keep, arguments.base)
        print(f"dbt {version} ({dbt}): {len(names)} mutations, {len(problems)} disagreements")
        for problem in problems:
            print("  " + problem)
        failed = failed or bool(problems)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
