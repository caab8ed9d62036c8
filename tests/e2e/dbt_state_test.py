"""Differential test: `layergate changes` against dbt's own state selectors.

Makes a project and some 350 mutations of it, asks real dbt which nodes each state selector picks, and compares selector
by selector and node by node. The Rust engine is asked as well where it is installed (dbt-2). Takes every dbt it is told of (LAYERGATE_DBT, a list like PATH), else the first in
build/peers/dbt*/bin (all of them with --all), else the one on PATH; without any it says so and is skipped (exit 77).

Run by hand: tests/e2e/dbt_state_test.py --binary build/developer/bin/layergate [--all] [--keep DIR] [NAME...]
             tests/e2e/dbt_state_test.py --binary build/developer/bin/layergate --random 50 --seed 7
"""
import argparse
import glob
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PEERS = pathlib.Path(os.environ.get("LAYERGATE_PEERS", ROOT / "build" / "peers"))
sys.path.insert(0, str(HERE / "dbt_state"))
from more_mutations import MORE, MORE_PAIRS  # noqa: E402
from mutations import MUTATIONS, PAIRS  # noqa: E402
from newest_mutations import NEWEST, NEWEST_ALSO, NEWEST_PAIRS, NEWEST_TOLD  # noqa: E402
from project import files_for  # noqa: E402
from rust_engine import TOLD_OTHERWISE, is_known  # noqa: E402

MUTATIONS.update({**MORE, **NEWEST})
PAIRS.update({**MORE_PAIRS, **NEWEST_PAIRS})

WORDS = {"new": "new", "modified": "modified", "modified.body": "body", "modified.configs": "configs",
         "modified.persisted_descriptions": "persisted_descriptions", "modified.relation": "relation",
         "modified.macros": "macros", "modified.contract": "contract"}

# One or two of every kind, for a run that somebody waits for.
QUICK = ["body", "config_in_sql", "folder_schema_jinja", "folder_meta", "description_persisted", "column_meta",
         "macro_nested", "seed", "test_severity", "test_removed", "source_schema", "source_new", "exposure_owner",
         "metric_measure", "measure_expression", "unit_test_rows", "contract_column", "access", "model_moved",
         "model_renamed"]

# Mutations that some versions of dbt refuse to parse.
NOT_FOR_EVERY_DBT = {"metric_cumulative_window", "saved_query_tags", *MORE, *NEWEST}

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
    "metric_window": ("metric.shop.revenue_growth", "metric_definition"),
    "metric_expression": ("metric.shop.revenue_growth", "metric_definition"),
    "metric_ratio": ("metric.shop.share_de", "metric_definition"),
    "metric_filter_removed": ("metric.shop.orders_de", "metric_definition"),
    "metric_fill_nulls": ("metric.shop.orders_de", "metric_definition"),
    "metric_cumulative_window": ("metric.shop.revenue_to_date", "metric_definition"),
    "metric_type": ("metric.shop.revenue", "metric_definition"),
    "semantic_entity": ("semantic_model.shop.orders", "metric_definition"),
    "semantic_time_granularity": ("semantic_model.shop.orders", "metric_definition"),
    "saved_query_metrics": ("saved_query.shop.by_day", "metric_definition"),
    "saved_query_where": ("saved_query.shop.by_day", "metric_definition"),
    "test_disabled": ("model.shop.fct_orders", "tests"),
    "test_error_if": ("model.shop.fct_orders", "tests"),
    "test_added": ("model.shop.stg_orders", "tests"),
    "test_singular": ("model.shop.fct_orders", "tests"),
    "unit_test_rows": ("model.shop.dim_users", "tests"),
    "config_unique_key": ("model.shop.fct_orders", "unique_key"),
    "config_in_sql": ("model.shop.fct_orders", "materialized"),
    "folder_materialized": ("model.shop.stg_orders", "materialized"),
    "exposure_owner": ("exposure.shop.weekly", "exposures"),
    "model_meta": ("model.shop.stg_orders", "meta"),
    "model_group": ("model.shop.dim_users", "group"),
    "model_constraint": ("model.shop.dim_users", "constraints"),
    "contract_off": ("model.shop.dim_users", "contract"),
    "latest_version": ("model.shop.dim_plan.v1", "version"),
    "source_columns": ("source.shop.raw.orders", "columns"),
    "alias": ("model.shop.stg_users", "relation_name"),
    "source_schema": ("source.shop.raw.orders", "relation_name"),
    "flag_source_schema": ("source.shop.raw.orders", "relation_name"),
    "unit_test_input": ("model.shop.dim_users", "tests"),
    "test_where": ("model.shop.fct_orders", "tests"),
    "test_limit": ("model.shop.fct_orders", "tests"),
    "test_warn_if": ("model.shop.fct_orders", "tests"),
    "test_fail_calc": ("model.shop.fct_orders", "tests"),
    "test_severity_of_folder": ("model.shop.stg_orders", "tests"),
    "exposure_parents": ("exposure.shop.weekly", "exposures"),
    "exposure_type": ("exposure.shop.weekly", "exposures"),
    "exposure_tags": ("exposure.shop.weekly", "tags"),
    "source_tags": ("source.shop.raw.orders", "tags"),
    "source_loader": ("source.shop.raw.orders", "loader"),
    "doc_block": ("model.shop.fct_orders", "columns"),
    "column_description_not_persisted": ("model.shop.stg_orders", "columns"),
    "more_policy_tags": ("model.shop.stg_users", "column_meta"),
    "more_masking_policy": ("model.shop.stg_users", "column_meta"),
    "more_masking_in_config": ("model.shop.stg_users", "column_meta"),
    "more_classifier": ("model.shop.stg_users", "column_meta"),
    "more_marked_column_new": ("model.shop.stg_users", "column_meta"),
    "more_source_column_tags": ("source.shop.raw.orders", "column_meta"),
    "more_hook_of_folder": ("model.shop.stg_orders", "hooks"),
    "more_naming_macro_edited": ("model.shop.stg_orders", "relation_name"),
    "more_measure_percentile": ("metric.shop.revenue", "metric_definition"),
    "more_measure_non_additive": ("metric.shop.revenue", "metric_definition"),
    "more_metric_join_to_timespine": ("metric.shop.orders_de", "metric_definition"),
    "more_metric_grain_to_date": ("metric.shop.revenue_to_date", "metric_definition"),
    "more_conversion_window": ("metric.shop.converted", "metric_definition"),
    "more_saved_query_limit": ("saved_query.shop.by_day", "metric_definition"),
    **NEWEST_ALSO,
}

# What must be told of one node as a whole: mutation -> (node, change, cosmetic).
TOLD = {
    "model_removed": ("model.shop.dim_users", "removed", False),
    "model_renamed": ("model.shop.stg_shop_orders", "renamed", False),
    "model_moved": ("model.shop.stg_orders", "modified", False),
    "project_renamed": ("model.store.dim_users", "renamed", True),
    "exposure_removed": ("exposure.shop.weekly", "removed", False),
    "source_renamed": ("source.shop.raw.people", "added", False),
    "config_to_environment": ("model.shop.stg_orders", "modified", True),
    "more_enabled_folder": ("model.shop.stg_orders", "modified", True),
    "flag_source_schema_same": ("source.shop.raw.orders", "modified", True),
    "flag_yaml_expression": ("model.shop.dim_users", "modified", True),
    "more_disabled_comes_back": ("analysis.shop.top", "added", False),
    "body": ("model.shop.fct_orders", "modified", False),
    **NEWEST_TOLD,
}

# Expectations of what came with a version: none for older ones.
SINCE = {"unit_test_input": (1, 8), "unit_test_removed": (1, 8), "unit_test_rows": (1, 8),
         "flag_source_schema_same": (1, 9), "flag_yaml_expression": (1, 9), "more_tests_for_data_tests": (1, 8)}

# What is nothing: no node may be told of at all.
NOTHING = {"config_dict_order", "macro_added", "macro_unused", "macro_documented", "more_yaml_reordered", "body_outer_whitespace",
           "more_tests_for_data_tests", "more_test_severity_in_capitals", "more_macro_arguments", "group_owner"}


def find_dbts():
    told = os.environ.get("LAYERGATE_DBT")
    if told:
        return [path for path in told.split(os.pathsep) if path]
    found = [path for path in sorted(glob.glob(str(PEERS / "dbt*" / "bin" / "dbt")))
             if subprocess.run([path, "--version"], capture_output=True).returncode == 0]
    on_path = shutil.which("dbt")
    return found or ([on_path] if on_path else [])


def is_rust(dbt):
    with open(dbt, "rb") as program:
        return program.read(4) == b"\x7fELF"


def python_of(dbt):
    """The interpreter in a dbt script's first line; beside the Rust engine, which is none, the one of its folder."""
    if is_rust(dbt):
        beside = pathlib.Path(dbt).parent / "python"
        return str(beside) if beside.exists() else sys.executable
    with open(dbt, errors="replace") as script:
        first = script.readline()
    return first[2:].strip() if first.startswith("#!") else sys.executable


def version_of(dbt):
    """(1, 11) of a dbt script, without the second that starting dbt takes."""
    if is_rust(dbt):
        return (2, 0)
    code = "import importlib.metadata as m; print(m.version('dbt-core'))"
    text = subprocess.run([python_of(dbt), "-c", code], capture_output=True, text=True, check=True).stdout
    return tuple(int(part) for part in text.split(".")[:2])


def random_pairs(count, seed):
    """Several mutations at once, on both sides: name -> (base, head)."""
    generator = random.Random(seed)
    names = sorted(set(MUTATIONS) - {"nothing"})

    def several(chosen):
        def mutate(files):
            for name in chosen:
                MUTATIONS[name](files)
        return mutate

    pairs = {}
    for number in range(count):
        base = generator.sample(names, generator.randint(0, 3))
        head = generator.sample(names, generator.randint(1, 4))
        pairs[f"random_{seed}_{number}:" + "+".join(base) + ":" + "+".join(head)] = (several(base), several(head))
    return pairs


def write_project(folder, files):
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(target, "w", newline="") as file:
            file.write(text if path.endswith(".csv") else text.lstrip("\n"))


def write_projects(root, names, pairs, version):
    """Writes what can be written, and gives those names: not every mutation is one for every dbt, or after another."""
    written = []
    for number, name in enumerate(names):
        base, head = pairs.get(name) or (None, MUTATIONS.get(name))
        files = files_for(version)
        folder = name if name in MUTATIONS or name in PAIRS else f"random_{number}"
        try:
            if base:
                base(files)
                before = dict(files)
            head(files)
        except (AssertionError, KeyError):
            continue
        if base:
            write_project(root / (folder + ".base"), before)
        write_project(root / folder, files)
        written.append((name, folder))
    return written


def changes_of(binary, root, folder):
    base = root / (folder + ".base")
    state = base if base.is_dir() else root / "state"
    output = subprocess.run(
        [binary, "changes", "--base-manifest", state / "manifest.json", "--head-manifest",
         root / folder / "manifest.json", "--project-dir", root / folder, "--format", "json"],
        capture_output=True, text=True)
    assert output.returncode == 0, output.stderr
    return json.loads(output.stdout)["nodes"]


def compare(name, answers, nodes, across_versions, rust=False, version=(9, 9)):
    """Lines that say where the two disagree."""
    ours = {selector: set() for selector in WORDS}
    for node in nodes:
        if node["change"] == "removed":
            continue
        for selector, word in WORDS.items():
            if word in node["dbt_state"]:
                ours[selector].add(node["unique_id"])
    problems = []
    for selector, theirs in answers.items():
        if theirs is None:
            continue
        for unique_id in sorted(set(theirs) - ours[selector]):
            if not (rust and is_known(name, selector, "dbt", unique_id, across_versions)):
                problems.append(f"{name}: state:{selector}: dbt says {unique_id}, we don't")
        for unique_id in sorted(ours[selector] - set(theirs)):
            if not (rust and is_known(name, selector, "we", unique_id, across_versions)):
                problems.append(f"{name}: state:{selector}: we say {unique_id}, dbt doesn't")
    if version < SINCE.get(name, version) or rust and name in TOLD_OTHERWISE:
        return problems
    if name in ALSO:
        wanted, word = ALSO[name]
        if not any(node["unique_id"] == wanted and word in node["also"] for node in nodes):
            problems.append(f"{name}: {wanted} should also have {word}")
    if name in TOLD:
        wanted, change, cosmetic = TOLD[name]
        told = [(node["change"], node["cosmetic"]) for node in nodes if node["unique_id"] == wanted]
        if told != [(change, cosmetic)]:
            problems.append(f"{name}: {wanted} should be {change}{', cosmetic' * cosmetic}; we say {told}")
    shown = [node["unique_id"] for node in nodes if not node["cosmetic"]]
    if name in NOTHING and shown and not across_versions:
        problems.append(f"{name}: nothing changed, and we say {shown}")
    if name == "nothing" and shown and not across_versions:
        problems.append(f"nothing changed, and we say {[node['unique_id'] for node in nodes]}")
    return problems


def run(dbt, binary, names, pairs, keep, base=None):
    """Lines of disagreement, and a line that says what was compared. The base manifest is `base`, or the same dbt's of
    the unchanged project."""
    root = pathlib.Path(tempfile.mkdtemp(prefix="layergate-state-", dir=keep)).resolve()
    try:
        version = version_of(dbt)
        written = write_projects(root, names, pairs, version)
        if base:
            (root / "state").mkdir()
            shutil.copy(base, root / "state" / "manifest.json")
        command = ["rust_oracle.py", dbt, root] if is_rust(dbt) else ["oracle.py", root, "body"]
        oracle = subprocess.run([python_of(dbt), HERE / "dbt_state" / command[0], *command[1:]], capture_output=True,
                                text=True, cwd=root)
        if oracle.returncode != 0:
            return [f"the oracle failed: {oracle.stderr[-2000:]}{oracle.stdout[-2000:]}"], f"dbt ({dbt})"
        told = json.loads((root / "answers.json").read_text())
        problems, refused = [], 0
        for name, folder in written:
            answers = told["answers"].get(folder)
            if answers is None:
                if name in MUTATIONS and name not in NOT_FOR_EVERY_DBT:
                    problems.append(f"{name}: {told['why'][folder][:300]}")
                continue
            refused += None in answers.values()
            problems += compare(name, answers, changes_of(binary, root, folder), bool(base), is_rust(dbt), version)
        said = f"{len(told['answers'])} of {len(names)} mutations, {len(problems)} disagreements"
        unknown = [name for name, folder in written if folder in told["why"]]
        if unknown:
            said += f", {len(unknown)} that this dbt does not parse"
        if refused:
            said += f", {refused} where dbt refuses some selector"
        return problems, f"dbt {told['dbt']} ({dbt}): {said}"
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
    parser.add_argument("--random", type=int, default=0, metavar="N", help="N pairs of several mutations each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    dbts = find_dbts()
    if not dbts:
        print("SKIPPED: no dbt found (set LAYERGATE_DBT, or run scripts/install_peers dbt)")
        return 77
    if not arguments.all and not os.environ.get("LAYERGATE_DBT"):
        dbts = dbts[:1]
    names = arguments.names or ([*MUTATIONS, *PAIRS] if arguments.all else [] if arguments.random else QUICK)
    pairs = {**PAIRS, **random_pairs(arguments.random, arguments.seed)}
    names = sorted({"nothing", "body", *names, *(set(pairs) - set(PAIRS))})
    failed = False
    for dbt in dbts:
        problems, summary = run(dbt, os.path.abspath(arguments.binary), names, pairs, arguments.keep, arguments.base)
        print(summary)
        for problem in problems:
            print("  " + problem)
        failed = failed or bool(problems)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
