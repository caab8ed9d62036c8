"""Asks dbt's Rust engine. The same folders and the same answers.json as oracle.py; runs under a Python that has PyYAML.

Usage: rust_oracle.py DBT FOLDER

The engine takes what it calls configs (meta, tags, access, freshness, ...) only under `config:`, where dbt 1.10 began to
put them; the projects here are written for every dbt, so their YAML is rewritten that way first.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys

import yaml

SELECTORS = ["new", "modified", "modified.body", "modified.configs", "modified.persisted_descriptions",
             "modified.relation", "modified.macros", "modified.contract"]
MOVED = ["meta", "tags", "access", "group", "docs", "freshness", "loaded_at_field", "loaded_at_query"]
KINDS = ["models", "seeds", "snapshots", "sources", "exposures", "unit_tests", "functions", "analyses", "data_tests",
         "saved_queries"]


def move(entry, keys=MOVED):
    if not isinstance(entry, dict):
        return
    for key in keys:
        if key in entry:
            value = entry.pop(key)
            config = entry.setdefault("config", {})
            config[key] = {**value, **config.get(key, {})} if key == "meta" else config.get(key, value)
    for column in entry.get("columns") or []:
        move(column, ["meta", "tags"])
    for inner in [*(entry.get("tables") or []), *(entry.get("versions") or [])]:
        move(inner)


def modernise(folder):
    for path in pathlib.Path(folder).rglob("*.yml"):
        if path.name in ("dbt_project.yml", "profiles.yml", "packages.yml", ".user.yml") or "target" in path.parts:
            continue
        document = yaml.safe_load(path.read_text())
        for kind in KINDS:
            for entry in document.get(kind) or []:
                move(entry)
        for entry in document.get("macros") or []:
            move(entry, ["meta", "docs"])
        path.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True))


def dbt(program, folder, *arguments):
    return subprocess.run([program, *arguments, "--quiet", "--project-dir", folder, "--profiles-dir", folder,
                           "--target-path", os.path.join(folder, "target"), "--log-path", os.path.join(folder, "logs")],
                          capture_output=True, text=True, cwd=folder)


def parse(program, folder):
    modernise(folder)
    done = dbt(program, folder, "parse")
    if done.returncode != 0:
        raise ValueError(f"dbt parse failed: {done.stdout[-1000:]}{done.stderr[-1000:]}")
    shutil.copy(os.path.join(folder, "target", "manifest.json"), os.path.join(folder, "manifest.json"))


def selected(program, folder, state, selector):
    done = dbt(program, folder, "ls", "--state", state, "--select", "state:" + selector, "--indirect-selection", "empty",
               "--output", "json", "--output-keys", "unique_id")
    if done.returncode != 0:
        return None
    return sorted(json.loads(line)["unique_id"] for line in done.stdout.splitlines() if line.startswith("{"))


def answer(program, root, name):
    folder, base = os.path.join(root, name), os.path.join(root, name + ".base")
    state = os.path.join(root, "state")
    if os.path.isdir(base):
        parse(program, base)
        state = os.path.join(base, "state")  # the engine warns of a manifest beside the project
        os.makedirs(state)
        shutil.copy(os.path.join(base, "manifest.json"), state)
    parse(program, folder)
    return {selector: selected(program, folder, state, selector) for selector in SELECTORS}


def main():
    program, root = sys.argv[1:3]
    os.environ["DO_NOT_TRACK"] = "1"
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "False"
    state = os.path.join(root, "state")
    if not os.path.exists(os.path.join(state, "manifest.json")):
        os.makedirs(state)
        parse(program, os.path.join(root, "nothing"))
        shutil.copy(os.path.join(root, "nothing", "manifest.json"), state)
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    answers, why = {}, {}
    for name in sorted(os.listdir(root)):
        if name == "state" or name.endswith(".base") or not os.path.isdir(os.path.join(root, name)):
            continue
        try:
            answers[name] = answer(program, root, name)
        except (ValueError, yaml.YAMLError) as error:
            why[name] = str(error)
    with open(os.path.join(root, "answers.json"), "w") as file:
        json.dump({"dbt": version, "answers": answers, "why": why}, file, indent=1)


main()
