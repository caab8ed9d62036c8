"""The audit log as a team keeps it: judged, merged, reverted, verified, exported, counted."""
import csv
import io
import json
import unittest

from support import AT, BINARY, ShopTest, clean_environment, run


class Audit(ShopTest):
    def setUp(self):
        super().setUp()
        self.log = self.work / "audit" / "log.jsonl"
        self.result = self.work / "result.json"

    def judge(self, name):
        self.put_artifacts(name)
        self.git("checkout", "-q", name)
        self.git("commit", "-q", "--amend", "--no-edit", "--trailer", "Assisted-by: claude:claude-opus-4 [dbt-mcp]")
        run([BINARY, "check", "--base", "main", "--head", name, "--at", AT, "--quiet", "--output", f"json:{self.result}"],
            cwd=self.repository, env=clean_environment(**self.urls(name)))
        self.assertTrue(self.result.exists())

    def audit(self, *words, code=0, env=None):
        done = run([BINARY, *words, "--log", self.log], cwd=self.repository, env=env)
        self.assertEqual(done.code, code, done)
        return done

    def test_a_change_from_judgement_to_revert(self):
        self.judge("bad")
        first = self.audit("audit", "append", "--from", self.result, "--pull-request", "42").out
        self.assertRegex(first, r"record 1, sha256:[0-9a-f]{64}\n$")
        merge = self.git("rev-parse", "bad")
        self.audit("audit", "append", "--event", "merged", "--at", "2026-01-07T11:00:00Z", "--from", self.result,
                   "--pull-request", "42", "--merge-commit", merge)
        self.audit("audit", "append", "--event", "reverted", "--at", "2026-01-08T11:00:00Z", "--pull-request", "42",
                   "--reason", "orders were counted twice")
        head = first.strip().split("sha256:")[1]
        self.assertIn("intact, 3 records", self.audit("audit", "verify", "--expect-head", head, "--expect-count", "3").out)

        rows = list(csv.DictReader(io.StringIO(self.audit("audit", "export").out)))
        self.assertEqual([row["event"] for row in rows], ["judged", "merged", "reverted"])
        self.assertEqual((rows[0]["verdict"], rows[0]["agents"], rows[0]["tools"]), ("blocked", "claude:claude-opus-4", "dbt-mcp"))
        self.assertIn("lineage_diff", rows[0]["gates_failed"])
        self.assertEqual(rows[2]["reason"], "orders were counted twice")
        later = self.audit("audit", "export", "--since", "2026-01-08", "--format", "json").out
        self.assertEqual([record["event"] for record in json.loads(later)], ["reverted"])

        budget = json.loads(self.audit("budget", "--period", "2026-Q1", "--format", "json").out)
        by_name = {share["name"]: share for share in budget["shares"]}
        self.assertEqual((by_name["rollback"]["part"], by_name["rollback"]["whole"]), (1, 1))
        self.assertEqual(by_name["stopped_by_gates"]["part"], 1)
        self.audit("budget", "--period", "2026-Q1", "--enforce", code=1)
        self.audit("budget", "--period", "2025", "--enforce")

    def test_what_the_branch_got_without_a_record(self):
        self.judge("good")
        self.audit("audit", "append", "--from", self.result)
        base = self.git("rev-parse", "main")
        self.git("checkout", "-q", "main")
        self.git("merge", "-q", "--no-ff", "-m", "Merge good", "good")
        done = self.audit("audit", "export", "--range", f"{base}..main")
        self.assertIn("0 without a record", done.err)
        self.git("commit", "-q", "--allow-empty", "-m", "Straight to main")
        (self.repository / "more.txt").write_text("x")
        self.git("add", "more.txt")
        self.git("commit", "-q", "-m", "Behind everybody's back")
        done = self.audit("audit", "export", "--range", f"{base}..main", code=1)
        self.assertIn("Behind everybody's back", done.err)

    def test_what_is_wrong_is_said(self):
        self.judge("good")
        missing = self.audit("audit", "verify", code=2)
        self.assertIn("log.jsonl", missing.err)
        for words in (["--event", "merged"], ["--event", "mergd", "--from", self.result], ["--event", "judged"],
                      ["--from", self.work / "nothing.json"], ["--event", "closed", "--pull-request", "1", "--at", "noon"]):
            refused = self.audit("audit", "append", "--all", *words, code=2)
            self.assertEqual(refused.out, "")
            self.assertFalse(self.log.exists(), words)
        self.audit("audit", "append", "--all", "--from", self.result)
        self.audit("audit", "append", "--all", "--from", self.result)
        text = self.log.read_text()
        self.log.write_text(text.replace('"pass"', '"fail"', 1))
        self.assertIn(":1: altered", self.audit("audit", "verify", code=1).out)
        self.audit("audit", "append", "--all", "--from", self.result, code=2)
        self.audit("audit", "export", code=2)
        self.audit("budget", code=2)
        self.log.write_text(text.splitlines(keepends=True)[0])
        self.audit("audit", "verify")
        head = json.loads(text.splitlines()[1])["hash"]
        self.assertIn("foreign", self.audit("audit", "verify", "--expect-head", head, code=1).out)

    def test_only_what_a_model_took_part_in(self):
        self.judge("good")
        record = json.loads(self.result.read_text())
        record["provenance"] = {"status": "undeclared", "signals": []}
        self.result.write_text(json.dumps(record))
        self.assertIn("nothing recorded", self.audit("audit", "append", "--from", self.result).out)
        self.assertFalse(self.log.exists())

    def test_what_the_host_knows(self):
        self.judge("bad")
        github = clean_environment(GITHUB_ACTIONS="true", GITHUB_REPOSITORY="shop/analytics", GITHUB_ACTOR="kim",
                                   GITHUB_REF="refs/pull/7/merge", GITHUB_RUN_ID="99", GITHUB_SERVER_URL="https://github.example")
        self.audit("audit", "append", "--from", self.result, env=github)
        gitlab = clean_environment(GITLAB_CI="true", CI_PROJECT_PATH="shop/analytics", GITLAB_USER_LOGIN="kim",
                                   CI_MERGE_REQUEST_IID="8", CI_JOB_URL="https://gitlab.example/-/jobs/1")
        self.audit("audit", "append", "--from", self.result, env=gitlab)
        first, second = (json.loads(line) for line in self.log.read_text().splitlines())
        self.assertEqual((first["pull_request"], first["author"]), ("7", "kim"))
        self.assertEqual(first["run"], "https://github.example/shop/analytics/actions/runs/99/attempts/1")
        self.assertEqual((second["pull_request"], second["run"]), ("8", "https://gitlab.example/-/jobs/1"))


if __name__ == "__main__":
    unittest.main()
