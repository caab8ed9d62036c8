"""`git push` between two local repositories, with the hook installed."""
import os

import support
from support import BINARY, ShopTest, clean_environment, run


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


if __name__ == "__main__":
    support.main()
