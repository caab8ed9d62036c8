"""Asks dbt itself. Runs under the Python that has dbt, in one process, so that dbt is imported once.

Usage: oracle.py FOLDER, where FOLDER/<name>/ holds one project each. The base is FOLDER/state/manifest.json when that
is there (written by another dbt, say), else FOLDER/nothing/. Parses every project and writes FOLDER/answers.json: {"dbt": version, "answers": {name: {selector: [unique_id...] or null}}}; null
means that dbt refused to answer (it does so for a contract that breaks).
"""
import json
import os
import shutil
import sys

from dbt.cli.main import dbtRunner
from dbt.version import __version__

SELECTORS = ["new", "modified", "modified.body", "modified.configs", "modified.persisted_descriptions",
             "modified.relation", "modified.macros", "modified.contract"]


def parse(folder):
    result = dbtRunner().invoke(["--quiet", "parse", "--project-dir", folder, "--profiles-dir", folder,
                                 "--no-partial-parse"])
    if not result.success:
        raise SystemExit(f"{folder}: dbt parse failed: {result.exception}")
    shutil.copy(os.path.join(folder, "target", "manifest.json"), os.path.join(folder, "manifest.json"))
    return result.result


def selected(manifest, folder, state, selector):
    result = dbtRunner(manifest=manifest).invoke(
        ["--quiet", "ls", "--project-dir", folder, "--profiles-dir", folder, "--state", state,
         "--select", "state:" + selector, "--indirect-selection", "empty",
         "--resource-type", "all", "--output", "json", "--output-keys", "unique_id"])
    if not result.success:
        return None
    return sorted(json.loads(line)["unique_id"] for line in result.result or [])


def main():
    root = sys.argv[1]
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "False"
    state = os.path.join(root, "state")
    if not os.path.exists(os.path.join(state, "manifest.json")):
        os.makedirs(state)
        parse(os.path.join(root, "nothing"))
        shutil.copy(os.path.join(root, "nothing", "manifest.json"), state)
    answers = {}
    for name in sorted(os.listdir(root)):
        folder = os.path.join(root, name)
        if name == "state" or not os.path.isdir(folder):
            continue
        manifest = parse(folder)
        answers[name] = {selector: selected(manifest, folder, state, selector) for selector in SELECTORS}
        print(name, flush=True)
    with open(os.path.join(root, "answers.json"), "w") as file:
        json.dump({"dbt": __version__, "answers": answers}, file, indent=1)


main()
