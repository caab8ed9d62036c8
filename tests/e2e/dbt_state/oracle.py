"""Asks dbt itself. Runs under the Python that has dbt, in one process, so that dbt is imported once.

Usage: oracle.py FOLDER [NAME...], where FOLDER/<name>/ holds one project each, and FOLDER/<name>.base/ the one that it
is compared with, else FOLDER/nothing/. A FOLDER/state/manifest.json, written by another dbt, say, takes the place of
the latter. Parses every project, leaves its manifest.json beside it, and writes FOLDER/answers.json: {"dbt": version,
"answers": {name: {selector: [unique_id...] or null}}}. A null answer: dbt refused (it does for a contract that breaks). A
name without answers: dbt could not parse the project, `why` says so.

One `dbt ls` answers all selectors of a project, because starting it costs far more than the comparison: dbt's own
search is asked for each of them when it is asked for the first. The names given after FOLDER are asked once more, with
one `dbt ls` for each selector, and must give the same.
"""
import json
import os
import shutil
import sys

from dbt.cli.main import dbtRunner
from dbt.graph.selector_methods import StateSelectorMethod
from dbt.version import __version__

SELECTORS = ["new", "modified", "modified.body", "modified.configs", "modified.persisted_descriptions",
             "modified.relation", "modified.macros", "modified.contract"]
SEARCH = StateSelectorMethod.search


def parse(folder):
    result = dbtRunner().invoke(["--quiet", "parse", "--project-dir", folder, "--profiles-dir", folder,
                                 "--no-partial-parse"])
    if not result.success:
        raise ValueError(f"dbt parse failed: {result.exception}")
    shutil.copy(os.path.join(folder, "target", "manifest.json"), os.path.join(folder, "manifest.json"))
    return result.result


def ls(manifest, folder, state, selector):
    return dbtRunner(manifest=manifest).invoke(
        ["--quiet", "ls", "--project-dir", folder, "--profiles-dir", folder, "--state", state,
         "--select", "state:" + selector, "--indirect-selection", "empty",
         "--resource-type", "all", "--output", "json", "--output-keys", "unique_id"])


def selected(manifest, folder, state, selector):
    result = ls(manifest, folder, state, selector)
    if not result.success:
        return None
    return sorted(json.loads(line)["unique_id"] for line in result.result or [])


def selected_by_all(manifest, folder, state):
    answers = {}

    def search(self, included_nodes, selector):
        for each in SELECTORS:
            try:
                answers[each] = sorted(SEARCH(self, included_nodes, each))
            except Exception:  # whatever dbt raises, it refuses to answer
                answers[each] = None
        return iter(answers["new"])

    StateSelectorMethod.search = search
    try:
        result = ls(manifest, folder, state, "new")
    finally:
        StateSelectorMethod.search = SEARCH
    if not result.success and not answers:
        raise ValueError(f"dbt ls failed: {result.exception}")
    return answers


def answer(root, name, ask_twice):
    folder, base = os.path.join(root, name), os.path.join(root, name + ".base")
    state = os.path.join(root, "state")
    if os.path.isdir(base):
        parse(base)
        state = base
    manifest = parse(folder)
    answers = selected_by_all(manifest, folder, state)
    if ask_twice:
        for selector in SELECTORS:
            again = selected(manifest, folder, state, selector)
            if again != answers[selector]:
                raise SystemExit(f"{name}: dbt ls --select state:{selector} gives {again}, not {answers[selector]}")
    return answers


def main():
    root, ask_twice = sys.argv[1], sys.argv[2:]
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "False"
    state = os.path.join(root, "state")
    if not os.path.exists(os.path.join(state, "manifest.json")):
        os.makedirs(state)
        parse(os.path.join(root, "nothing"))
        shutil.copy(os.path.join(root, "nothing", "manifest.json"), state)
    answers, why = {}, {}
    for name in sorted(os.listdir(root)):
        if name == "state" or name.endswith(".base") or not os.path.isdir(os.path.join(root, name)):
            continue
        try:
            answers[name] = answer(root, name, name in ask_twice)
        except ValueError as error:
            why[name] = str(error)
    with open(os.path.join(root, "answers.json"), "w") as file:
        json.dump({"dbt": __version__, "answers": answers, "why": why}, file, indent=1)


main()
