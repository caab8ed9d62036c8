"""Differential test: the head project put together without dbt against the one that dbt parses.

usage: python offline_test.py [--project shop|garden|vars] [--dbt dbt] [--each | --all | --count 2 --seed 1 --edits 6] [--only NAME] [--together A+B]

Each round edits a project, commits that, and judges the commit twice: from production's manifest and the commit alone, and with
the manifest that dbt makes of that commit. Both must tell the same changes for the same reasons and come to the same findings, or
the first must say what it cannot tell: of that node, its file or the whole project. Needs a dbt with DuckDB in LAYERGATE_PEERS (or build/peers); without one it is skipped
(exit 77).
"""
import argparse
import collections
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import offline_garden
import offline_shop
import support
from support import BINARY, ROOT, clean_environment, run

PEERS = pathlib.Path(os.environ.get("LAYERGATE_PEERS", ROOT / "build" / "peers"))
PROJECTS = {"shop": lambda: (offline_shop.PROJECT, offline_shop.EDITS), "garden": lambda: (offline_garden.PROJECT, offline_garden.EDITS),
            "vars": offline_garden.with_vars_file}


class Dbt:
    """dbt in a process of its own that stays up between rounds."""

    def __init__(self, home, folder, cwd):
        env = {**clean_environment(), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DBT_NO_USE_COLORS": "1"}
        self.process = subprocess.Popen([home / "bin" / "python", pathlib.Path(__file__).with_name("dbt_server.py"), folder / "dbt.log"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=cwd, env=env)

    def __call__(self, *arguments):
        print(json.dumps([str(word) for word in arguments]), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Lab:
    def __init__(self, home, folder, project):
        self.folder, self.repository, self.project = folder, folder / "repository", project
        self.repository.mkdir()
        self.git("init", "--quiet", "-b", "main")
        self.dbt = Dbt(home, folder, self.repository)
        self.write(project)
        self.commit("base")
        assert self.compile(folder / "base.json"), "dbt compiles the base project"

    def git(self, *words):
        result = run(["git", *words], cwd=self.repository)
        assert result.code == 0, result
        return result.out.strip()

    def write(self, files):
        for path in self.repository.rglob("*"):
            if path.is_file() and not path.is_symlink() and not {".git", "dbt_packages"} & set(path.parts):
                path.unlink()
        for name, text in files.items():
            path = self.repository / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())

    def commit(self, message):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)

    def compile(self, to):
        """dbt's manifest of the work tree; None where dbt itself refuses it."""
        target = self.folder / "target"
        shutil.rmtree(target, ignore_errors=True)
        if "packages.yml" in self.project:
            shutil.rmtree(self.repository / "dbt_packages", ignore_errors=True)
            self.dbt("deps", "--profiles-dir", ".")
        done = self.dbt("compile", "--profiles-dir", ".", "--target-path", target, "--no-partial-parse", "--quiet")
        shutil.rmtree(self.repository / "logs", ignore_errors=True)
        if not done["success"]:
            print("  dbt refuses:", " ".join(done["said"].split())[-300:])
            return None
        shutil.copy(target / "manifest.json", to)
        return to

    def judge(self, *arguments):
        out = self.folder / "out.json"
        out.unlink(missing_ok=True)
        result = run([BINARY, "check", "--base", "main", "--head", "head", "--base-manifest", self.folder / "base.json", "--at", support.AT,
                      "--output", f"json:{out}", "-q", *arguments], cwd=self.repository)
        assert out.exists(), result
        return json.loads(out.read_text())


def short(unique_id):
    """Without the hash in a test's id, which is dbt's own."""
    return unique_id.rsplit(".", 1)[0] if unique_id.startswith("test.") and unique_id.count(".") > 2 else unique_id


def shown(reason, side):
    value = reason.get(side)
    return json.dumps(short(value) if reason["kind"] == "renamed" and value else value)


SHOWN = 10  # differences of a round


def told(record):
    facts = {}
    for node in record["changes"]["nodes"]:
        reasons = sorted({f"{r['kind']} {r['detail']} {shown(r, 'base')} -> {shown(r, 'head')}" for r in node["reasons"]})
        facts[short(node["unique_id"])] = {"change": node["change"], "dbt_state": sorted(node["dbt_state"]), "also": sorted(node["also"]),
                                           "cosmetic": node["cosmetic"], "why": reasons}
    for gate in record["gates"]:
        findings = sorted(f"{f['rule']}: {f['message']}" for f in gate["findings"])
        if findings:
            facts[f"{gate['gate']} of {short(gate['subject'])}"] = {"findings": findings}
    return facts


def differences(theirs, ours):
    """What differs, by node or gate; two sides each."""
    found = {}
    for key in sorted(set(theirs) | set(ours)):
        a, b = theirs.get(key, {}), ours.get(key, {})
        parts = [part for part in {**a, **b} if a.get(part) != b.get(part)]
        if parts:
            found[key] = ({part: a.get(part) for part in parts} if a else "nothing", {part: b.get(part) for part in parts} if b else "nothing")
    return found


def places(manifest, found):
    """Adds the files of each node: its own, and that of its YAML; tests of the same name share one entry."""
    for section in ("nodes", "sources", "exposures", "metrics", "semantic_models", "saved_queries", "groups", "unit_tests", "functions"):
        for key, node in manifest.get(section, {}).items():
            patch = (node.get("patch_path") or "").split("://")[-1]
            found.setdefault(short(key), set()).update({node.get("original_file_path"), patch} - {"", None})
    return found


def unnamed(wrong, unknown, where):
    """The differences of nodes that no unknown part speaks of: not by the id, not by the file, and not as the whole project."""
    ids = sorted(where, key=len, reverse=True)
    files = set().union(*where.values())
    whole = [one for one in unknown if one["path"] not in files and not any(key in one["why"] for key in ids)]
    if any(not one["path"].startswith("packages/") for one in whole):
        return []
    if whole:  # of the package, and of what reads it
        wrong = [key for key in wrong if not key.split(" of ")[-1].split(".")[1] == "util"]
    said = " ".join(one["why"] for one in unknown)
    paths = {one["path"] for one in unknown}
    return [key for key in wrong if key.split(" of ")[-1] not in said and not where.get(key.split(" of ")[-1], set()) & paths]


def one_round(lab, edits, names, count):
    files = dict(lab.project)
    names = [name for name in names if edits[name](files) is not False]
    lab.git("checkout", "--quiet", "-B", "head", "main")
    lab.write(files)
    lab.commit(", ".join(names))
    head = lab.compile(lab.folder / "head.json")
    if head is None:
        count["refused by dbt"] += 1
        print(f"{', '.join(names)}: refused by dbt")
        return True
    theirs, ours = lab.judge("--head-manifest", head), lab.judge()
    wrong = differences(told(theirs), told(ours))
    unknown = ours["changes"]["unknown"]
    stale = theirs["changes"]["unknown"]
    print(f"{', '.join(names)}: {len(theirs['changes']['nodes'])} changes, {len(wrong)} differences, {len(unknown)} unknown")
    for one in stale:
        print(f"    dbt's own manifest is doubted: {one['path']}: {one['why']}")
    for one in unknown:
        print(f"    unknown {one['path']}: {one['why']}")
    for key, (dbts, own) in list(wrong.items())[:SHOWN]:
        print(f"    {key}\n      dbt: {str(dbts)[:700]}\n      own: {str(own)[:700]}")
    if len(wrong) > SHOWN:
        print(f"    and {len(wrong) - SHOWN} more")
    where = {}
    for manifest in (lab.folder / "base.json", head):
        places(json.loads(manifest.read_text()), where)
    beside = unnamed(wrong, unknown, where) if unknown else list(wrong)
    if unknown and beside:
        print(f"    DIFFERENT beside what is unknown: {', '.join(beside)}")
    count["unknown and elsewhere different" if unknown and beside else "unknown" if unknown else "equal" if not wrong else "different"] += 1
    count["doubts of dbt's own manifest"] += bool(stale)
    return not stale and not beside


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--project", choices=sorted(PROJECTS), default="shop")
    parser.add_argument("--dbt", default="dbt", help="folder in LAYERGATE_PEERS")
    parser.add_argument("--count", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", action="store_true", help="every edit alone")
    parser.add_argument("--all", action="store_true", help="every edit once, --edits of them in a round")
    parser.add_argument("--edits", type=int, default=6, help="edits in a round")
    parser.add_argument("--only", help="edits with this in their name, each alone")
    parser.add_argument("--together", help="edits with these names (a+b), in one round")
    arguments = parser.parse_args()
    home = PEERS / arguments.dbt
    if not (home / "bin" / "dbt").exists():
        print(f"SKIPPED: there is no {arguments.dbt} in {PEERS} (scripts/install_peers {arguments.dbt})")
        return 77
    project, edits = PROJECTS[arguments.project]()
    count = collections.Counter()
    with tempfile.TemporaryDirectory(prefix="layergate-offline-") as folder:
        lab = Lab(home, pathlib.Path(folder), project)
        source = random.Random(arguments.seed)
        if arguments.together:
            rounds = [arguments.together.split("+")]
        elif arguments.only:
            rounds = [[name] for name in edits if arguments.only in name]
        elif arguments.each:
            rounds = [[name] for name in edits]
        elif arguments.all:
            names = source.sample(sorted(edits), len(edits))
            rounds = [names[i:i + arguments.edits] for i in range(0, len(names), arguments.edits)]
        else:
            rounds = [source.sample(sorted(edits), arguments.edits) for _ in range(arguments.count)]
        good = [one_round(lab, edits, names, count) for names in rounds]
        lab.dbt.close()
    print(", ".join(f"{count[word]} {word}" for word in sorted(count)))
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
