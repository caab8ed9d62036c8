#!/usr/bin/env python3
"""Makes dbt's artifacts small and free of other people's code and of this machine.

usage: strip_macros.py TARGET_DIR PROJECT_NAME OUT_DIR

- manifest.json: of macros of other packages (dbt's own, the adapter's) only those that our nodes name stay, by name
  alone and without their code; documentation blocks of other packages go.
- run_results.json: the command line and its paths go.
- catalog.json: only the relations of the project.
All are written with one space of indentation and a newline at the end, so that a diff can be read.
"""
import json
import pathlib
import sys


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def save(path, artifact):
    path.write_text(json.dumps(artifact, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def strip_manifest(manifest, project):
    named = set()
    for section in ("nodes", "sources", "exposures", "metrics", "semantic_models"):
        for node in manifest.get(section, {}).values():
            named.update(node.get("depends_on", {}).get("macros", []))
    for macro in manifest["macros"].values():
        if macro["package_name"] == project:
            named.update(macro["depends_on"]["macros"])
    macros = {}
    for unique_id, macro in sorted(manifest["macros"].items()):
        if macro["package_name"] == project:
            macros[unique_id] = macro
        elif unique_id in named:
            macro.update(macro_sql="", description="", arguments=[], depends_on={"macros": []})
            macros[unique_id] = macro
    manifest["macros"] = macros
    manifest["docs"] = {k: v for k, v in manifest["docs"].items() if v["package_name"] == project}
    manifest["metadata"]["user_id"] = None
    return manifest


def main(target, project, out):
    target, out = pathlib.Path(target), pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    save(out / "manifest.json", strip_manifest(load(target / "manifest.json"), project))

    run_results = load(target / "run_results.json")
    run_results["args"] = {"which": run_results["args"]["which"]}
    save(out / "run_results.json", run_results)

    catalog = load(target / "catalog.json")
    catalog["nodes"] = dict(sorted(catalog["nodes"].items()))
    catalog["sources"] = dict(sorted(catalog["sources"].items()))
    save(out / "catalog.json", catalog)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
