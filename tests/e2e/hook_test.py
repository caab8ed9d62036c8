"""`git push` between two local repositories, with the hook installed."""
import os
import shutil

import support
from support import BINARY, SHOP, ShopTest, clean_environment, run


class Hook(ShopTest):
    def setUp(self):
        super().setUp()
        self.remote = self.work / "remote.git"
        self.git("init", "--quiet", "--bare", self.remote)
        self.git("remote", "add", "origin", self.remote)
        self.git("push", "--quiet", "origin", "main")

    def install(self):
        result = run([BINARY, "hook", "install"], cwd=self.repository)
        self.assertEqual(result.code, 0, result)

    def push(self, *refs, **environment):
        return run(["git", "push", "origin", *refs], cwd=self.repository, env=clean_environment(**environment))

    def on_remote(self, branch):
        return run(["git", "rev-parse", "--verify", "--quiet", branch], cwd=self.remote).code == 0

    def checkout(self, name):
        self.git("checkout", "--quiet", name)
        self.put_artifacts(name)

    def test_bad_is_not_pushed(self):
        self.install()
        self.checkout("bad")
        result = self.push("bad")
        self.assertNotEqual(result.code, 0, result)
        self.assertFalse(self.on_remote("bad"))
        self.assertIn("crm_contacts", result.err)

    def test_good_is_pushed(self):
        self.install()
        self.checkout("good")
        result = self.push("good")
        self.assertEqual(result.code, 0, result)
        self.assertTrue(self.on_remote("good"))
        self.assertIn("deferred to CI, not passed: ", result.err)

    def test_every_ref_is_judged_not_only_the_first(self):
        self.install()
        self.checkout("bad")
        self.git("branch", "aaa", "main")
        result = self.push("aaa", "bad")
        self.assertNotEqual(result.code, 0, result)
        self.assertFalse(self.on_remote("bad"))

    def test_deletions_tags_and_nothing_at_all_go_through(self):
        self.git("push", "--quiet", "origin", "good")
        self.install()
        self.git("tag", "v1", "main")
        for refs in ([":good"], ["v1"], ["main"]):
            result = self.push(*refs)
            self.assertEqual(result.code, 0, result)
        self.assertFalse(self.on_remote("good"))

    def test_no_manifest_is_not_a_pass(self):
        self.install()
        self.git("checkout", "--quiet", "good")
        result = self.push("good")
        self.assertNotEqual(result.code, 0, result)
        self.assertIn("manifest", result.err)
        self.assertFalse(self.on_remote("good"))

    def test_skip_is_loud(self):
        self.install()
        self.checkout("bad")
        result = self.push("bad", LAYERGATE_SKIP="1", LAYERGATE_SKIP_REASON="the office burns")
        self.assertEqual(result.code, 0, result)
        self.assertIn("the office burns", result.err)

    def test_a_hook_that_was_there_runs_first_and_comes_back(self):
        hook = self.repository / ".git" / "hooks" / "pre-push"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\ncat > seen.txt\nexit ${OLD_HOOK_EXIT:-0}\n")
        hook.chmod(0o755)
        before = hook.read_text()
        self.install()
        self.install()  # twice is the same as once
        self.checkout("good")
        refused = self.push("good", OLD_HOOK_EXIT="7")
        self.assertNotEqual(refused.code, 0, refused)
        self.assertFalse(self.on_remote("good"))
        accepted = self.push("good")
        self.assertEqual(accepted.code, 0, accepted)
        self.assertIn("refs/heads/good", (self.repository / "seen.txt").read_text())
        result = run([BINARY, "hook", "uninstall"], cwd=self.repository)
        self.assertEqual(result.code, 0, result)
        self.assertEqual(hook.read_text(), before)

    def test_hooks_path_is_heeded(self):
        hooks = self.work / "team hooks"
        hooks.mkdir()
        self.git("config", "core.hooksPath", hooks)
        self.install()
        self.assertTrue(os.access(hooks / "pre-push", os.X_OK))
        self.checkout("bad")
        self.assertNotEqual(self.push("bad").code, 0)


class HookWithoutDbt(Hook):
    """Only production's manifest is there: nobody has run dbt for what is pushed."""

    def put_artifacts(self, name):
        shutil.copytree(SHOP / "artifacts" / "base", self.repository / "prod-manifest", dirs_exist_ok=True)

    def branch(self, name, **files):
        """A branch from main with these files; a text of None removes the file."""
        self.git("checkout", "--quiet", "-b", name, "main")
        for path, text in files.items():
            path = self.repository / path
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", f"{name}")
        self.put_artifacts(name)

    def edited(self, path, old, new):
        text = (self.repository / path).read_text()
        self.assertIn(old, text)
        return text.replace(old, new)

    def push_branch(self, name, **files):
        self.install()
        self.branch(name, **files)
        return self.push(name)

    def test_stale_target_manifest_is_passed_over(self):
        self.install()
        self.checkout("good")
        shutil.copytree(SHOP / "artifacts" / "bad", self.repository / "target", dirs_exist_ok=True)
        result = self.push("good")
        self.assertEqual(result.code, 0, result)

    def test_ref_to_nothing_is_blocked(self):
        path = "models/marts/fct_orders.sql"
        result = self.push_branch("typo", **{path: self.edited(path, "ref('int_orders_enriched')", "ref('int_orders_enrched')")})
        self.assertNotEqual(result.code, 0, result)
        self.assertIn("int_orders_enrched", result.err)

    def changes(self, name, *arguments):
        out = self.work / f"{name}.json"
        result = self.check("--base", "main", "--head", name, "--at", support.AT, "--output", f"json:{out}", *arguments)
        self.assertTrue(out.exists(), result)
        return support.read_json(out)["changes"]

    def test_removed_test_is_seen(self):
        path = "models/marts/marts.yml"
        self.branch("untested", **{path: self.edited(path, "        data_tests: [not_null]\n", "")})
        changes = self.changes("untested")
        self.assertEqual(changes["unknown"], [])
        removed = [n["unique_id"] for n in changes["nodes"] if n["change"] == "removed"]
        self.assertEqual(len(removed), 3, removed)
        self.assertTrue(all(id.startswith("test.shop.not_null_") for id in removed), removed)

    def test_changes_are_those_of_dbts_own_manifest(self):
        for name in ("bad", "good"):
            self.checkout(name)
            own = self.changes(name)
            dbts = self.changes(name, "--head-manifest", self.artifact(name))
            self.assertEqual(own["unknown"], [])
            # dbt hashes the names of generic tests in a way of its own.
            told = lambda changes: [(n["unique_id"].rsplit(".", 1)[0] if n["unique_id"].startswith("test.") else n["unique_id"],
                                     n["change"], n["dbt_state"], n["also"], n["cosmetic"]) for n in changes["nodes"]]
            self.assertEqual(told(own), told(dbts))
            self.assertEqual({n["evidence"] for n in own["nodes"]} - {"rendered", "git"}, set())

    def test_removed_pii_mark_is_blocked(self):
        path = "models/marts/marts.yml"
        text = self.edited(path, "      - name: email\n        meta: {pii: true}\n", "      - name: email\n")
        result = self.push_branch("unmarked", **{path: text})
        self.assertNotEqual(result.code, 0, result)
        self.assertIn("pii_carry_over", result.err)

    def test_what_asks_the_database_is_unknown_with_its_line(self):
        path = "models/marts/dim_products.sql"
        text = (self.repository / path).read_text() + "\n-- {{ run_query('select 1') }}\n"
        result = self.push_branch("asks", **{path: text})
        self.assertEqual(result.code, 1, result)  # git's own code for a hook that refused
        self.assertIn("needs a database", result.err)
        self.assertFalse(self.on_remote("asks"))

    def test_white_space_goes_through(self):
        path = "models/marts/dim_products.sql"
        result = self.push_branch("spaces", **{path: (self.repository / path).read_text() + "\n\n"})
        self.assertEqual(result.code, 0, result)

    def test_changed_macro_reaches_its_models(self):
        path = "macros/cents_to_euros.sql"
        result = self.push_branch("macro", **{path: self.edited(path, "round({{ column }}", "round({{ in_cents(column) }}")})
        self.assertNotEqual(result.code, 0, result)
        self.assertIn("dim_products", result.err)


if __name__ == "__main__":
    support.main()
