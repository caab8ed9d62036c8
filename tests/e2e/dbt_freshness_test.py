"""Whether a manifest belongs to its commit, with manifests that real dbt wrote: odd line ends, byte-order marks and white
space must be nothing, and a stale, a partial and a foreign manifest must be named.

Takes the dbt that LAYERGATE_DBT names, else the first in build/peers; without one it is skipped (exit 77). All versions:
    for dbt in build/peers/dbt*/bin/dbt; do LAYERGATE_DBT=$dbt tests/e2e/dbt_freshness_test.py; done
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import support
from dbt_state_test import find_dbts, version_of
from project import files_for

MARK = b"\xef\xbb\xbf"
ODD = {
    "models/marts/lines.sql": b"select 1 as a,\r\n  2 as b\r\n",
    "models/marts/marked.sql": MARK + b"select 1 as a\n",
    "models/marts/padded.sql": b"\n\n  select 1 as a   \n\t\n\n",
    "models/marts/spaces.sql": "\u00a0\nselect 1\f as a\u00a0\n".encode(),
    "models/marts/lines.yml": b"models:\r\n  - name: lines\r\n    description: |\r\n      Two\r\n      lines\r\n"
                              b"    columns: [{name: a, description: x, meta: {pii: true}}]\r\n",
    "seeds/s_lines.csv": b"a,b\r\n1,2\r\n", "seeds/s_old_mac.csv": b"a,b\r1,2\r", "seeds/s_marked.csv": MARK + b"a,b\n1,2\n",
    "seeds/s_padded.csv": b"a,b\n1,2\n\n\n", "seeds/s_spaces.csv": "a,b\n1,  2\n\u00e9,4\u00a0\n".encode(),
    "macros/lines.sql": b"{% macro crlf() %}\r\n  1\r\n{% endmacro %}\r\n",
    "macros/marked.sql": MARK + b"{% macro bom() %}1{% endmacro %}\n",
    "snapshots/lines.sql": b"{% snapshot s_lines %}\r\n{{ config(target_schema='s', unique_key='user_id', strategy='check', "
                           b"check_cols='all') }}\r\nselect 1 as user_id\r\n{% endsnapshot %}\r\n",
    "tests/lines.sql": b"select 1\r\nwhere false\r\n",
}


class Folder:
    def __init__(self, dbt, work):
        self.dbt, self.work, self.project = dbt, work, work / "project"
        self.env = support.clean_environment(DBT_SEND_ANONYMOUS_USAGE_STATS="False")
        self.git("init", "-q", "-b", "main", self.project, cwd=work)
        self.git("config", "core.autocrlf", "false")
        self.put({".gitignore": b"target/\nlogs/\n", **{path: (text if path.endswith(".csv") else text.lstrip("\n")).encode()
                                                          for path, text in files_for(version_of(dbt)).items()}})

    def git(self, *arguments, cwd=None):
        done = support.run(["git", *arguments], cwd=cwd or self.project, env=self.env)
        assert done.code == 0, done
        return done.out.strip()

    def put(self, files):
        for path, content in files.items():
            target = self.project / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "change")

    def parse(self, name):
        subprocess.run([self.dbt, "--quiet", "parse", "--project-dir", self.project, "--profiles-dir", self.project],
                       check=True, env=self.env, cwd=self.work)
        return shutil.copy(self.project / "target" / "manifest.json", self.work / f"{name}.json")

    def unknown(self, base, head):
        out = self.work / "out.json"
        done = support.run([support.BINARY, "check", "--project-dir", self.project, "--base", "main", "--base-manifest", base,
                            "--head-manifest", head, "--only", "parse", "--quiet", "--at", support.AT,
                            "--output", f"json:{out}"], env=self.env)
        record = support.read_json(out)
        assert (done.code == 2) == (record["verdict"] == "undecided"), done
        return [f"{one['path']}: {one['why']}" for one in record["changes"]["unknown"]]


def check(dbt, work):
    folder = Folder(dbt, work)
    folder.commit()
    base = folder.parse("base")
    folder.git("checkout", "-q", "-b", "feature")
    folder.put(ODD)
    folder.commit()
    head = folder.parse("head")
    assert folder.unknown(base, head) == [], folder.unknown(base, head)

    stale = folder.unknown(base, base)
    assert any("models/marts/lines.sql: the head manifest" in one and "the commit has this model, the manifest does not" in one
               for one in stale), stale
    document = json.loads(pathlib.Path(head).read_text())
    node = document["nodes"].pop("model.shop.padded")
    partial = work / "partial.json"
    partial.write_text(json.dumps(document))
    assert [one.split(":")[0] for one in folder.unknown(base, partial)] == ["models/marts/padded.sql"]
    document["nodes"]["model.shop.padded"] = {**node, "raw_code": "select 2 as a"}
    partial.write_text(json.dumps(document))
    assert "model.shop.padded" in folder.unknown(base, partial)[0]

    # Production lags: its manifest is older than the base commit.
    folder.git("checkout", "-q", "main")
    folder.put({"models/marts/dim_users.sql": b"select user_id, email, 1 as late from {{ ref('stg_users') }}\n"})
    folder.commit()
    folder.git("checkout", "-q", "feature")
    folder.git("merge", "-q", "-m", "main", "main")
    head = folder.parse("head")
    lagging = folder.unknown(base, head)
    assert len(lagging) == 1 and "the base manifest" in lagging[0] and "dim_users" in lagging[0], lagging
    folder.git("checkout", "-q", "main")
    folder.put({".layergate.yml": b"version: 1\nextends: default\nrequire_fresh_base: false\n"})
    folder.commit()
    folder.git("checkout", "-q", "feature")
    folder.git("merge", "-q", "-m", "main", "main")
    assert folder.unknown(base, head) == []


def main():
    dbts = find_dbts()
    if not dbts:
        print("SKIPPED: no dbt found (set LAYERGATE_DBT, or run scripts/install_peers dbt)")
        return 77
    work = pathlib.Path(tempfile.mkdtemp(prefix="layergate-freshness-")).resolve()
    try:
        check(dbts[0], work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"{dbts[0]}: manifests of their commits are recognised, others are named")
    return 0


if __name__ == "__main__":
    sys.exit(main())
