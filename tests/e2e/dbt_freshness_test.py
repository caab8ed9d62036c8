"""Whether a manifest belongs to its commit, with manifests that real dbt wrote: odd line ends, byte-order marks and white
space must be nothing, and a stale, a partial and a foreign manifest must be named.

Takes the dbt that LAYERGATE_DBT names, else the first in build/peers, with --all every one there; without one it is skipped
(exit 77).
"""
import argparse
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
    "tests/lines.sql": b"select 1\r\nwhere false\r\n", "tests/marked.sql": MARK + b"select 1 where false\n",
    "tests/generic/marked.sql": MARK + b"{% test odd(model) %}\r\nselect 1 from {{ model }} where false\r\n{% endtest %}\n",
    "analyses/lines.sql": MARK + b"\r\nselect 1\r\n",
    "models/marts/marked.yml": MARK + b"models:\n  - name: marked\n    description: Marked\n",
    "models/marts/frame.py": b"def model(dbt, session):\r\n    dbt.config(materialized='table')\r\n"
                             b"    return dbt.ref('stg_users')\r\n",
    "snapshots/two.sql": b"".join(b"\n{%- snapshot s_" + name + b" -%}\n{{ config(target_schema='s', unique_key='user_id', strategy='check', "
                                  b"check_cols='all') }}\nselect 1 as user_id\n{%- endsnapshot -%}\n" for name in (b"one", b"two")),
    "seeds/s_large.csv": b"a\n" + b"123456789\n" * 110_000,
    "models/marts/notes.md": MARK + b"{% docs note %}\r\nTwo\r\nlines\r\n{% enddocs %}\r\n",
    # What dbt does not read, or reads otherwise.
    "models/marts/empty.sql": b"", "models/marts/blank.sql": b"\n \n", "models/marts/.draft.sql": b"select 1\n",
    "models/marts/~old.sql": b"select 1\n", "macros/#m.sql#": b"{% macro m() %}1{% endmacro %}", "macros/.m.sql": b"{% macro m() %}1{% endmacro %}",
    "archive/helpers.sql": b"{% macro archived() %}1{% endmacro %}\n", ".dbtignore": b"drafts/\n*_wip.sql\n",
    "models/drafts/one.sql": b"select 1\n", "models/marts/two_wip.sql": b"select 1\n", "macros/m_wip.sql": b"{% macro wip() %}1{% endmacro %}\n",
    "models/marts/inner.sql": b"{% macro inner_one() %}1{% endmacro %}\nselect {{ inner_one() }} as a\n",
    "models/marts/off.sql": b"{{ config(enabled=false) }}\nselect 1 as a\n",
    "snapshots/off.sql": b"{% snapshot s_off %}{{ config(enabled=false, target_schema='s', unique_key='a', strategy='check', "
                         b"check_cols='all') }}select 1 as a{% endsnapshot %}\n",
}
TWO = ODD["snapshots/two.sql"]
# What a commit after the manifest may do: path, text (None deletes it), the node or the words that must be told.
LATER = [
    ("models/marts/lines.sql", b"select 1 as a,\r\n  3 as b\r\n", "model.shop.lines"),
    ("models/marts/marked.sql", MARK + b"select 2 as a\n", "model.shop.marked"),
    ("models/marts/padded.sql", None, "model.shop.padded"),
    ("models/marts/fresh.sql", MARK + b"select 1 as a\r\n", "the commit has this model"),
    ("models/marts/fresh.py", b"def model(dbt, session):\n    return dbt.ref('stg_users')\n", "the commit has this model"),
    ("models/marts/frame.py", ODD["models/marts/frame.py"].replace(b"stg_users", b"stg_orders"), "model.shop.frame"),
    ("models/marts/marked.yml", ODD["models/marts/marked.yml"].replace(b": Marked", b": Other"), "model.shop.marked"),
    ("models/marts/lines.yml", ODD["models/marts/lines.yml"].replace(b"pii", b"secret"), "model.shop.lines"),
    ("seeds/s_lines.csv", b"a,b\r\n1,3\r\n", "seed.shop.s_lines"),
    ("seeds/s_marked.csv", MARK + b"a,b\n1,3\n", "seed.shop.s_marked"),
    ("seeds/s_large.csv", None, "seed.shop.s_large"),
    ("macros/marked.sql", MARK + b"{% macro bom() %}2{% endmacro %}\n", "macro.shop.bom"),
    ("macros/lines.sql", ODD["macros/lines.sql"] + b"{% macro more() %}1{% endmacro %}\r\n", "macro.shop.more"),
    ("tests/generic/marked.sql", ODD["tests/generic/marked.sql"].replace(b"false", b"true"), "macro.shop.test_odd"),
    ("tests/lines.sql", b"select 1\r\nwhere true\r\n", "test.shop.lines"),
    ("analyses/lines.sql", b"select 2\r\n", "analysis.shop.lines"),
    ("snapshots/two.sql", TWO[::-1].replace(b"1 tceles", b"2 tceles", 1)[::-1], "snapshot.shop.s_two"),
    ("snapshots/two.sql", TWO.replace(b"user_id\n{%- end", b"user_id, 2 as b\n{%- end", 1), "snapshot.shop.s_one"),
    ("snapshots/two.sql", TWO.replace(b"\nselect 1 as", b"\n-- later\nselect 1 as"), "snapshot.shop.s_one"),
    ("snapshots/two.sql", TWO + TWO.replace(b"s_one", b"s_three").replace(b"s_two", b"s_four"), "snapshot.shop.s_four"),
    ("snapshots/three.sql", TWO.replace(b"s_one", b"s_three").replace(b"s_two", b"s_four"), "snapshot.shop.s_four"),
    ("seeds/s_fresh.csv", b"a\n1\n", "the commit has this seed"), ("tests/fresh.sql", b"select 1\n", "the commit has this test"),
]


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


def told_of_later_commits(folder, base, head):
    """A manifest is held against a commit that came after it: what is told wrongly."""
    wrong = []
    for path, text, expected in LATER:
        if text is None:
            (folder.project / path).unlink()
        else:
            folder.put({path: text})
        folder.commit()
        told = folder.unknown(base, head)
        if not told or not told[0].startswith(path + ": the head manifest") or expected not in told[0]:
            wrong.append(f"{path}, expected {expected}: {told}")
        folder.git("reset", "-q", "--hard", "HEAD~1")
    return wrong


def check(dbt, work):
    folder = Folder(dbt, work)
    folder.commit()
    base = folder.parse("base")
    folder.git("checkout", "-q", "-b", "feature")
    folder.put(ODD)
    folder.commit()
    head = folder.parse("head")
    assert folder.unknown(base, head) == [], folder.unknown(base, head)

    wrong = told_of_later_commits(folder, base, head)
    assert not wrong, "\n".join(wrong)

    stale = folder.unknown(base, base)
    assert any("the commit has this model, the manifest does not" in one for one in stale), stale
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
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", action="store_true", help="every dbt, not the first")
    arguments = parser.parse_args()
    dbts = find_dbts()
    if not dbts:
        print("SKIPPED: no dbt found (set LAYERGATE_DBT, or run scripts/install_peers dbt)")
        return 77
    for dbt in dbts if arguments.all else dbts[:1]:
        work = pathlib.Path(tempfile.mkdtemp(prefix="layergate-freshness-")).resolve()
        try:
            check(dbt, work)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        print(f"{dbt}: a manifest of its commit is recognised, {len(LATER)} later commits are named", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
