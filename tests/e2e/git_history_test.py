#!/usr/bin/env python3
"""`layergate check` on hand-made histories: the right two commits, or the error whose command mends the clone.

Every remedy that names a git command is run as it stands, and then the check must pass.
"""
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

from small_manifest import manifest
from support import AT, BINARY, clean_environment, read_json, run

PROJECT = {"dbt_project.yml": "name: shop\nversion: '1'\n",
           "models/stg_orders.sql": "select 1 as id, 2 as amount\n",
           "models/fct_orders.sql": "select id, amount\nfrom {{ ref('stg_orders') }}\nwhere amount > 0\n",
           "models/dim.sql": "select id from {{ ref('stg_orders') }}\n"}
CHANGE = {"models/fct_orders.sql": PROJECT["models/fct_orders.sql"].replace("> 0", "> 1")}
OTHER = {"models/dim.sql": "select id, 1 as one from {{ ref('stg_orders') }}\n"}
FCT = [("model.shop.fct_orders", "modified")]


def below(prefix, files):
    return {prefix + path: text for path, text in files.items()}


class History(unittest.TestCase):
    def setUp(self):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="layergate-history-"))
        self.addCleanup(shutil.rmtree, self.work)
        self.env = clean_environment(GIT_CONFIG_COUNT=1, GIT_CONFIG_KEY_0="protocol.file.allow", GIT_CONFIG_VALUE_0="always")
        self.origin = self.work / "origin"
        self.made = 0

    def git(self, *arguments, cwd=None):
        done = subprocess.run(["git", *map(str, arguments)], cwd=cwd or self.origin, env=self.env, capture_output=True)
        self.assertEqual(done.returncode, 0, (arguments, done.stderr))
        return done.stdout.decode(errors="replace").strip()

    def commit(self, files, cwd=None):
        """`files`: path (text or bytes) -> text, None deletes. Gives the commit's id."""
        cwd = cwd or self.origin
        for path, text in files.items():
            target = os.path.join(os.fsencode(cwd), path if isinstance(path, bytes) else path.encode())
            if text is None:
                os.remove(target)
                continue
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "wb") as file:
                file.write(text.encode())
        self.git("add", "-A", cwd=cwd)
        self.git("commit", "-q", "--allow-empty", "-m", "change", cwd=cwd)
        return self.git("rev-parse", "HEAD", cwd=cwd)

    def start(self, prefix="", options=()):
        """An origin with the project on main, and the branch `feature` checked out."""
        self.origin.mkdir()
        self.git("init", "-q", "-b", "main", *options, ".")
        for allowed in ("allowFilter", "allowAnySHA1InWant"):
            self.git("config", f"uploadpack.{allowed}", "true")
        self.base = self.commit(below(prefix, PROJECT))
        self.git("checkout", "-q", "-b", "feature")

    def move_main_on(self):
        self.git("checkout", "-q", "main")
        self.moved = self.commit(OTHER)

    def clone(self, *options):
        """HEAD of the origin is main, as on a provider."""
        checked_out = self.git("symbolic-ref", "HEAD")
        self.git("symbolic-ref", "HEAD", "refs/heads/main")
        self.made += 1
        folder = self.work / f"clone{self.made}"
        self.git("clone", "-q", *options, f"file://{self.origin}", folder, cwd=self.work)
        self.git("symbolic-ref", "HEAD", checked_out)
        return folder

    def files_at(self, revision, prefix=""):
        listed = self.git("ls-tree", "-r", "--name-only", revision).splitlines()
        return {path[len(prefix):]: self.git("show", f"{revision}:{path}") for path in listed
                if path.startswith(prefix)}

    def check(self, clone, base, head, *arguments, env=None, project_dir=None, base_prefix=None, prefix=""):
        """Manifests of two revisions of the origin (or of files), judged in a clone; the record, or None with the run."""
        self.made += 1
        folder = self.work / f"manifests{self.made}"
        folder.mkdir()
        base_prefix = prefix if base_prefix is None else base_prefix
        for name, side, below_it in (("base", base, base_prefix), ("head", head, prefix)):
            files = side if isinstance(side, dict) else self.files_at(side, below_it)
            (folder / f"{name}.json").write_text(manifest(files))
        done = run([BINARY, "check", "--project-dir", project_dir or clone, "--base-manifest", folder / "base.json",
                    "--head-manifest", folder / "head.json", "--only", "parse", "--quiet", "--at", AT,
                    "--output", f"json:{folder}/out.json", *arguments], cwd=clone, env={**self.env, **(env or {})})
        record = read_json(folder / "out.json") if (folder / "out.json").exists() else None
        return done, record

    def passes(self, *arguments, changed=FCT, from_commit=None, **options):
        done, record = self.check(*arguments, **options)
        self.assertEqual(done.code, 0, f"{done} {record and record['changes']['unknown']}")
        self.assertEqual([(node["unique_id"], node["change"]) for node in record["changes"]["nodes"]], changed)
        if from_commit:
            self.assertEqual(record["base"]["commit"], from_commit)
        return record

    def is_mended(self, clone, *arguments, says, from_commit=None, **options):
        """Exit 2 with that message; the command that the remedy names mends the clone."""
        done, record = self.check(clone, *arguments, **options)
        self.assertEqual((done.code, record), (2, None), str(done))
        self.assertIn(says, done.err)
        command = re.search(r"`(git [^`]*)`", done.err)
        self.assertTrue(command, done.err)
        self.git(*shlex.split(command.group(1))[1:], cwd=clone)
        return self.passes(clone, *arguments, from_commit=from_commit, **options)

    # ---- the provider's merge commit ----

    def merge_commit(self):
        self.start()
        feature = self.commit(CHANGE)
        self.move_main_on()
        self.git("checkout", "-q", "--detach", "main")
        self.git("merge", "-q", "--no-ff", "-m", "Merge", feature)
        merge = self.git("rev-parse", "HEAD")
        self.git("update-ref", "refs/pull/7/merge", merge)
        self.git("checkout", "-q", "main")
        return merge, {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request", "GITHUB_BASE_REF": "main",
                       "GITHUB_REF": "refs/pull/7/merge", "GITHUB_SHA": merge}

    def check_out(self, merge, *depth):
        """As actions/checkout does it."""
        self.made += 1
        folder = self.work / f"checkout{self.made}"
        folder.mkdir()
        self.git("init", "-q", ".", cwd=folder)
        self.git("remote", "add", "origin", f"file://{self.origin}", cwd=folder)
        self.git("fetch", "-q", "--no-tags", *depth, "origin", f"+{merge}:refs/remotes/pull/7/merge", cwd=folder)
        self.git("checkout", "-q", "refs/remotes/pull/7/merge", cwd=folder)
        return folder

    def test_merge_commit_of_github(self):
        merge, env = self.merge_commit()
        for depth in ([], ["--depth=2"]):
            with self.subTest(depth=depth):
                self.passes(self.check_out(merge, *depth), "main", merge, env=env, from_commit=self.moved)
        with self.subTest(depth=1):
            self.is_mended(self.check_out(merge, "--depth=1"), "main", merge, env=env, from_commit=self.moved,
                           says="is not in this clone, which is shallow")

    def test_head_of_a_pull_request(self):
        merge, env = self.merge_commit()
        self.passes(self.clone("-b", "feature"), self.base, "feature", env=env, from_commit=self.base)
        self.passes(self.clone("-b", "feature", "--depth=2", "--no-single-branch"), self.base, "feature", env=env)
        self.is_mended(self.clone("-b", "feature", "--depth=1"), self.base, "feature", env=env,
                       says="the target branch 'main' is not in this clone")
        self.is_mended(self.clone("-b", "feature", "--depth=1", "--no-single-branch"), self.base, "feature", env=env,
                       says="lies beyond this shallow clone")
        self.is_mended(self.clone("-b", "feature", "--single-branch"), self.base, "feature", env=env,
                       says="the target branch 'main' is not in this clone")

    def test_merge_request_of_gitlab(self):
        self.merge_commit()
        env = {"GITLAB_CI": "true", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
               "CI_MERGE_REQUEST_DIFF_BASE_SHA": self.base, "CI_PIPELINE_SOURCE": "merge_request_event"}
        self.passes(self.clone("-b", "feature"), self.base, "feature", env=env, from_commit=self.base)
        self.is_mended(self.clone("-b", "feature", "--depth=1"), self.base, "feature", env=env,
                       says="the target branch 'main' is not in this clone")

    # ---- what people do to branches ----

    def test_squash_rebase_and_merge(self):
        with self.subTest("the branch goes on after it was squashed into main"):
            self.start()
            self.commit(CHANGE)
            self.git("checkout", "-q", "main")
            self.git("merge", "-q", "--squash", "feature")
            self.git("commit", "-q", "-m", "squashed")
            self.git("checkout", "-q", "feature")
            self.commit(OTHER)
            self.passes(self.clone("-b", "feature"), self.base, "feature", from_commit=self.base,
                        changed=[("model.shop.dim", "modified"), *FCT])
            done, record = self.check(self.clone("-b", "feature"), "main", "feature")
            self.assertEqual(done.code, 2)
            self.assertIn("the base manifest", record["changes"]["unknown"][0]["why"])
        shutil.rmtree(self.origin)
        for way in ("rebase", "merge"):
            with self.subTest(way):
                self.start()
                self.commit(CHANGE)
                self.move_main_on()
                self.git("checkout", "-q", "feature")
                self.git(way, "-q", *(["-m", "main"] if way == "merge" else []), "main")
                self.passes(self.clone("-b", "feature"), "main", "feature", from_commit=self.moved)
            shutil.rmtree(self.origin)

    def test_no_common_history(self):
        self.start()
        self.git("checkout", "-q", "--orphan", "other")
        self.commit(CHANGE)
        done, _ = self.check(self.clone("-b", "other"), "main", "other")
        self.assertEqual(done.code, 2)
        self.assertIn("have no common ancestor", done.err)

    def test_detached_head_and_names(self):
        self.start()
        self.commit(CHANGE)
        clone = self.clone("-b", "feature")
        self.git("checkout", "-q", "--detach", cwd=clone)
        self.passes(clone, "main", "feature")
        self.is_mended(self.clone("-b", "feature", "--single-branch"), "main", "feature", "--base", "origin/main",
                       says="there is no revision 'origin/main' in this clone")
        self.is_mended(self.clone("-b", "feature", "--single-branch"), "main", "feature",
                       says="there is no branch to compare with")
        clone = self.clone("-b", "feature", "--single-branch")
        done, _ = self.check(clone, "main", "feature", "--base", "main")
        self.assertIn("and name it origin/main", done.err)
        self.git(*shlex.split(re.search("`git ([^`]*)`", done.err).group(1)), cwd=clone)
        self.passes(clone, "main", "feature", "--base", "origin/main")

    # ---- renames ----

    def test_renames(self):
        fct = PROJECT["models/fct_orders.sql"]
        with self.subTest("a model"):
            self.start()
            self.commit({"models/fct_orders.sql": None, "models/fct_sales.sql": fct})
            self.passes(self.clone("-b", "feature"), "main", "feature", changed=[("model.shop.fct_sales", "renamed")])
        shutil.rmtree(self.origin)
        with self.subTest("a folder"):
            self.start()
            self.git("mv", "models", "moved")
            os.mkdir(self.origin / "models")
            self.git("mv", "moved", "models/marts")
            self.commit({})
            self.passes(self.clone("-b", "feature"), "main", "feature",
                        changed=[(f"model.shop.{name}", "modified") for name in ("dim", "fct_orders", "stg_orders")])
        shutil.rmtree(self.origin)
        for old, new in (("dbt/", "transform/"), ("dbt/", ""), ("", "dbt/")):
            with self.subTest(f"the project: {old} -> {new}"):
                self.start(old)
                self.git("checkout", "-q", "main")
                self.base = self.commit({old + ".layergate.yml": "version: 1\nextends: strict\n"})
                self.git("branch", "-q", "-f", "feature")
                self.git("checkout", "-q", "feature")
                os.makedirs(self.origin / new, exist_ok=True)
                for name in ("models", "dbt_project.yml", ".layergate.yml"):
                    self.git("mv", old + name, new + name)
                self.commit(below(new, CHANGE))
                clone = self.clone("-b", "feature")
                done, record = self.check(clone, "main", "feature", project_dir=clone / new, base_prefix=old, prefix=new)
                self.assertEqual([node["unique_id"] for node in record["changes"]["nodes"]], ["model.shop.fct_orders"])
                self.assertEqual(record["changes"]["unknown"], [], str(done))
                self.assertTrue(record["policy"]["ref"].startswith(old + ".layergate.yml@"), record["policy"])
            shutil.rmtree(self.origin)

    # ---- where the project lies ----

    def test_project_in_a_folder(self):
        self.start("dbt/")
        self.commit(below("dbt/", CHANGE))
        clone = self.clone("-b", "feature")
        self.passes(clone, "main", "feature", project_dir=clone / "dbt", prefix="dbt/")
        done, record = self.check(clone, "main", "feature", prefix="dbt/")
        self.assertEqual(done.code, 2, "the repository's root is not where the project lies")
        self.assertIn("the commit has no such file", record["changes"]["unknown"][0]["why"])

    def test_two_projects(self):
        self.start("a/")
        self.git("checkout", "-q", "main")
        self.commit(below("b/", PROJECT))
        self.git("branch", "-q", "-f", "feature")
        self.git("checkout", "-q", "feature")
        self.commit(below("b/", CHANGE))
        clone = self.clone("-b", "feature")
        self.passes(clone, "main", "feature", project_dir=clone / "a", prefix="a/", changed=[])
        self.passes(clone, "main", "feature", project_dir=clone / "b", prefix="b/")
        done, record = self.check(clone, "main", self.files_at("feature", "a/"), project_dir=clone / "b", prefix="b/")
        self.assertEqual(done.code, 2, "the manifest is the other project's")
        self.assertIn("the text in the manifest is not the text in the commit", record["changes"]["unknown"][0]["why"])

    def test_worktree_and_submodule(self):
        self.start()
        self.commit(CHANGE)
        clone = self.clone()
        self.git("worktree", "add", "-q", self.work / "tree", "origin/feature", cwd=clone)
        self.passes(self.work / "tree", "main", "feature")
        outer = self.work / "outer"
        outer.mkdir()
        self.git("init", "-q", "-b", "main", ".", cwd=outer)
        self.git("submodule", "add", "-q", "-b", "feature", f"file://{self.origin}", "dbt", cwd=outer)
        self.commit({"x": "1"}, cwd=outer)
        self.passes(outer, "main", "feature", project_dir=outer / "dbt")

    # ---- clones that lack something ----

    def test_partial_and_sparse_clones(self):
        self.start()
        self.commit(CHANGE)
        self.passes(self.clone("-b", "feature", "--sparse"), "main", "feature")
        for missing in ("blob:none", "tree:0"):
            with self.subTest(missing):
                self.is_mended(self.clone("-b", "feature", "--no-checkout", f"--filter={missing}"), "main", "feature",
                               says="is not in this clone")

    def test_what_cannot_be_read(self):
        self.start(options=["--object-format=sha256"])
        self.commit(CHANGE)
        done, _ = self.check(self.origin, PROJECT, {**PROJECT, **CHANGE})
        self.assertEqual(done.code, 2)
        self.assertIn("SHA-256", done.err)
        empty = self.work / "empty"
        empty.mkdir()
        self.git("init", "-q", ".", cwd=empty)
        done, _ = self.check(empty, PROJECT, PROJECT)
        self.assertIn("has no commit yet", done.err)
        done, _ = self.check(self.work, PROJECT, PROJECT)
        self.assertIn("not in a git repository", done.err)

    def test_hostile_paths(self):
        self.start()
        self.commit({**CHANGE, b"notes/caf\xe9.txt": "x", "notes/new\nline.txt": "x", "notes/\u202etxt.sql": "x"})
        head = {**PROJECT, **CHANGE}
        self.passes(self.clone("-b", "feature"), "main", head)
        self.commit({b"models/caf\xe9.sql": "select 1 as id\n"})
        done, record = self.check(self.clone("-b", "feature"), "main", head)
        self.assertEqual(done.code, 2)
        self.assertIn("the commit has this model, the manifest does not", record["changes"]["unknown"][0]["why"])


    def test_names_in_commands_are_quoted(self):
        self.start()
        target = "a;touch$IFS'hacked'&&b"
        self.git("branch", "-q", target, "main")
        self.commit(CHANGE)
        env = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request", "GITHUB_BASE_REF": target, "GITHUB_REF": "refs/heads/feature"}
        clone = self.clone("-b", "feature", "--single-branch")
        self.is_mended(clone, "main", "feature", env=env, says="is not in this clone")
        done, _ = self.check(self.clone("-b", "feature", "--single-branch"), "main", "feature", env=env)
        subprocess.run(["bash", "-c", re.search("`(git .*)`", done.err).group(1)], cwd=clone, env=self.env, check=True, capture_output=True)
        self.assertFalse((clone / "hacked").exists())

    def test_symbolic_links(self):
        self.start()
        (self.origin / "shared").mkdir()
        for link, to in (("models/inside.sql", "dim.sql"), ("models/out.sql", "/etc/hostname"), ("models/up.sql", "../../../x.sql"),
                         ("models/loop.sql", "loop.sql"), ("models/folder", "../shared")):
            os.symlink(to, self.origin / link)
        self.commit({**CHANGE, "shared/more.sql": "select 1 as id\n"})
        head = {**PROJECT, **CHANGE, "models/inside.sql": PROJECT["models/dim.sql"]}
        done, record = self.check(self.clone("-b", "feature"), "main", head)
        self.assertEqual(done.code, 2, done)
        told = {unknown["path"]: unknown["why"] for unknown in record["changes"]["unknown"]}
        self.assertEqual(set(told), {"models/out.sql", "models/up.sql", "models/loop.sql"}, told)
        self.assertIn("leads out of the repository", told["models/out.sql"])

    def test_repository_that_git_dir_names(self):
        self.start()
        self.commit(CHANGE)
        clone = self.clone("-b", "feature")
        shutil.move(clone / ".git", self.work / "elsewhere.git")
        self.passes(clone, "main", "feature", env={"GIT_DIR": str(self.work / "elsewhere.git"), "GIT_WORK_TREE": str(clone)})
        bare = self.work / "bare.git"
        self.git("clone", "-q", "--bare", self.origin, bare, cwd=self.work)
        self.passes(bare, "main", "feature", "--base", "main", "--head", "feature")

    def test_octopus_revert_and_replaced_commits(self):
        self.start()
        for branch in ("one", "two"):
            self.git("checkout", "-q", "-b", branch, "main")
            self.commit({f"models/{branch}.sql": "select 1 as id\n"})
        self.git("checkout", "-q", "feature")
        self.commit(CHANGE)
        self.git("merge", "-q", "-m", "octopus", "one", "two")
        self.passes(self.clone("-b", "feature"), "main", "feature",
                    changed=[*FCT, ("model.shop.one", "added"), ("model.shop.two", "added")])
        self.git("reset", "-q", "--hard", "HEAD^")
        clone = self.clone("-b", "feature")
        # `git replace` would show the target's tree in the place of the pull request's.
        head = self.git("rev-parse", "HEAD", cwd=clone)
        self.git("replace", head, self.git("commit-tree", "origin/main^{tree}", "-p", "origin/main", "-m", "x", cwd=clone), cwd=clone)
        self.passes(clone, "main", "feature")
        self.git("revert", "--no-edit", "HEAD")
        self.passes(self.clone("-b", "feature"), "main", "feature", changed=[])

    def test_project_that_moves_is_judged_without_dbt(self):
        for old, new in (("dbt/", "transform/"), ("dbt/", ""), ("", "dbt/")):
            with self.subTest(f"{old} -> {new}"):
                self.start(old)
                os.makedirs(self.origin / new, exist_ok=True)
                for name in ("models", "dbt_project.yml"):
                    self.git("mv", old + name, new + name)
                self.commit(below(new, CHANGE))
                clone = self.clone("-b", "feature")
                base = self.work / "base.json"
                base.write_text(manifest(self.files_at("main", old)))
                out = self.work / "out.json"
                done = run([BINARY, "check", "--project-dir", clone / new, "--base-manifest", base, "--quiet", "--at", AT, "--output",
                            f"json:{out}"], cwd=clone, env=self.env)
                changes = read_json(out)["changes"]
                self.assertEqual([node["unique_id"] for node in changes["nodes"]], ["model.shop.fct_orders"], str(done))
                self.assertEqual(changes["unknown"], [])
                done = run([BINARY, "check", "--project-dir", clone / "models", "--base-manifest", base, "--quiet", "--at", AT], cwd=clone,
                           env=self.env)
                self.assertEqual(done.code, 2)
            shutil.rmtree(self.origin)

    def test_package_beside_the_project(self):
        """Outside the project's folder, and part of it all the same."""
        self.start("dbt/")
        self.git("checkout", "-q", "main")
        package = {"shared/dbt_project.yml": "name: shared\n", "shared/macros/m.sql": "{% macro m() %}1{% endmacro %}\n"}
        self.commit({"dbt/packages.yml": "packages:\n  - local: ../shared\n", **package})
        self.git("branch", "-q", "-f", "feature")
        self.git("checkout", "-q", "feature")
        self.commit({"shared/macros/m.sql": "{% macro m() %}2{% endmacro %}\n", "other/notes.sql": "select 1\n"})
        clone = self.clone("-b", "feature")
        base, out = self.work / "base.json", self.work / "out.json"
        base.write_text(manifest(self.files_at("main", "dbt/")))
        run([BINARY, "check", "--project-dir", clone / "dbt", "--base-manifest", base, "--quiet", "--at", AT, "--output", f"json:{out}"],
            cwd=clone, env=self.env)
        self.assertEqual([unknown["path"] for unknown in read_json(out)["changes"]["unknown"]], ["shared/macros/m.sql"])

    def test_places_of_a_package_around_the_project(self):
        """The project of a package's integration tests: what is told of the package's models has their place in the repository."""
        tests = {"integration_tests/dbt_project.yml": "name: shop_tests\n",
                 "integration_tests/packages.yml": "packages:\n  - local: ../\n"}
        self.start()
        self.git("checkout", "-q", "main")
        self.commit(tests)
        self.git("branch", "-q", "-f", "feature")
        self.git("checkout", "-q", "feature")
        broken = {"models/dim.sql": "-- nothing\n"}
        self.commit({**broken, **CHANGE})
        clone = self.clone("-b", "feature")

        def installed(files):
            """The package's nodes in the manifest of the project around which it lies."""
            document = json.loads(manifest(files))
            document["metadata"]["project_name"] = "shop_tests"
            return json.dumps(document)
        for name, files in (("base", PROJECT), ("head", {**PROJECT, **CHANGE, **broken})):
            (self.work / f"{name}.json").write_text(installed(files))
        out, annotations = self.work / "out.json", self.work / "annotations"
        done = run([BINARY, "check", "--project-dir", clone / "integration_tests", "--base-manifest", self.work / "base.json",
                    "--head-manifest", self.work / "head.json", "--only", "parse", "--quiet", "--at", AT, "--output", f"json:{out}",
                    "--output", f"github:{annotations}"], cwd=clone, env=self.env)
        record = read_json(out)
        self.assertEqual(record["changes"]["unknown"], [], done)
        paths = {reason["path"] for node in record["changes"]["nodes"] for reason in node["reasons"]}
        self.assertEqual(paths, {"models/dim.sql", "models/fct_orders.sql"})
        self.assertIn("file=models/dim.sql", annotations.read_text())
        # Without dbt: told to be unknown, and what dbt does not read is nothing.
        self.commit({"README.md": "x", ".github/workflows/ci.yml": "x: y"})
        clone = self.clone("-b", "feature")
        done = run([BINARY, "check", "--project-dir", clone / "integration_tests", "--base-manifest", self.work / "base.json", "--quiet",
                    "--at", AT, "--output", f"json:{out}"], cwd=clone, env=self.env)
        self.assertEqual(done.code, 2, done)
        self.assertEqual([unknown["path"] for unknown in read_json(out)["changes"]["unknown"]],
                         ["models/dim.sql", "models/fct_orders.sql"])

    def test_pointer_of_git_lfs(self):
        """What the commit has of a large seed is not its content, so its manifest is neither right nor stale."""
        pointer = ("version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 12345\n")
        self.start()
        self.commit({"seeds/big.csv": pointer % ("a" * 64), **CHANGE})
        clone = self.clone("-b", "feature")
        head = json.loads(manifest({**PROJECT, **CHANGE}))
        head["nodes"]["seed.shop.big"] = {
            "unique_id": "seed.shop.big", "resource_type": "seed", "package_name": "shop", "name": "big", "fqn": ["shop", "big"],
            "original_file_path": "seeds/big.csv", "path": "big.csv", "database": "db", "schema": "main", "alias": "big",
            "relation_name": '"db"."main"."big"', "raw_code": "", "checksum": {"name": "sha256", "checksum": "b" * 64},
            "config": {"materialized": "seed", "enabled": True}, "depends_on": {"macros": []}}
        (self.work / "base.json").write_text(manifest(PROJECT))
        (self.work / "head.json").write_text(json.dumps(head))
        out = self.work / "out.json"
        done = run([BINARY, "check", "--project-dir", clone, "--base-manifest", self.work / "base.json", "--head-manifest",
                    self.work / "head.json", "--only", "parse", "--quiet", "--at", AT, "--output", f"json:{out}"], env=self.env)
        self.assertEqual(done.code, 2, done)
        told = read_json(out)["changes"]["unknown"]
        self.assertEqual([unknown["path"] for unknown in told], ["seeds/big.csv"], told)
        self.assertIn("has a pointer of Git LFS here and not the content", told[0]["why"])


if __name__ == "__main__":
    unittest.main()
