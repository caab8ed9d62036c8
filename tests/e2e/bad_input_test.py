"""Everything that can be wrong with what the program is given: exit 2, one clear message, no half-written report."""
import json
import os
import shutil
import urllib.parse

import support
from support import BINARY, ShopTest, clean_environment, read_json, run


class BadInput(ShopTest):
    def refused(self, result, *words):
        """Exit 2; the message says every one of `words`; nothing that looks like a report is left."""
        self.assertEqual(result.code, 2, result)
        for word in words:
            self.assertIn(word, result.err, result)
        self.assertEqual(result.err.count("layergate: "), 1, f"one message\n{result}")
        self.assertEqual(result.out, "", result)
        self.assertEqual(sorted(os.listdir(self.reports)), [], "no report, whole or half")

    def setUp(self):
        super().setUp()
        self.reports = self.work / "reports"
        self.reports.mkdir()
        self.outputs = ["--output", f"json:{self.reports}/r.json", "--output", f"markdown:{self.reports}/r.md"]

    def refuse(self, *words, arguments=(), **changes):
        self.refused(self.check_shop("good", *self.outputs, *arguments, **changes), *words)

    def file(self, name, text):
        path = self.work / name
        path.write_text(text, encoding="utf-8")
        return path

    # Artifacts

    def test_missing_manifest(self):
        self.refuse("nothing.json", "--head-manifest", head_manifest=self.work / "nothing.json")
        self.refuse("nothing.json", "--base-manifest", base_manifest=self.work / "nothing.json")

    def test_truncated_manifest(self):
        text = self.artifact("good").read_text()
        for size in (0, 1, 100, len(text) // 2, len(text) - 3):
            path = self.file("cut.json", text[:size])
            self.refuse("cut.json", head_manifest=path)
            self.refuse("cut.json", base_manifest=path)

    def test_manifest_of_an_unknown_version(self):
        manifest = read_json(self.artifact("good"))
        manifest["metadata"]["dbt_schema_version"] = "https://schemas.getdbt.com/dbt/manifest/v1.json"
        self.assertIn(self.check_shop("good", head_manifest=self.file("v1.json", json.dumps(manifest))).code, (0, 1, 2))
        manifest["metadata"]["dbt_schema_version"] = "https://schemas.getdbt.com/dbt/manifest/v3000.json"
        result = self.check_shop("good", *self.outputs, head_manifest=self.file("v3000.json", json.dumps(manifest)))
        # A later version is read with a warning when it only adds; it is never silently trusted.
        self.assertIn("3000", result.err + result.out, result)

    def test_something_else_than_a_manifest(self):
        for name, text in (("list.json", "[]"), ("null.json", "null"), ("run.json", '{"results": []}'), ("text.json", "hello")):
            self.refuse(name, head_manifest=self.file(name, text))
        self.refuse("catalog.json", head_manifest=self.artifact("good", "catalog.json"))

    def test_broken_catalog_and_run_results(self):
        self.refuse("cut.json", head_catalog=self.file("cut.json", '{"nodes": {'))
        self.refuse("cut.json", run_results=self.file("cut.json", '{"results": ['))
        self.refuse("nothing.json", run_results=self.work / "nothing.json")

    # Policy

    def test_policy_with_an_unknown_key_names_the_place_and_the_nearest_key(self):
        for text, place, word in (
                ("version: 1\nextends: default\nlayrs: []\n", ":3:1", "layers"),
                ("version: 1\nextends: default\ndefaults:\n  severety: fail\n", ":4:3", "severity"),
                ("version: 1\nextends: default\nlayers: 7\n", ":3:9", "layers"),
                ("version: 1\nextends: defualt\n", ":2:10", "default"),
                ("version: [\n", "policy.yml:", "")):
            self.refuse("policy.yml" + (place if place.startswith(":") else ""), word, base=None, head=None,
                        policy=self.file("policy.yml", text), arguments=["--no-git"])

    def test_policy_is_missing_in_the_base_commit(self):
        self.refuse("rules/strict.yml", "base commit", policy="rules/strict.yml")
        # It being in the working tree or in the pull request is not enough.
        self.git("checkout", "--quiet", "good")
        (self.repository / "rules").mkdir()
        (self.repository / "rules" / "strict.yml").write_text("version: 1\nextends: default\n")
        self.git("add", ".")
        self.git("commit", "--quiet", "--message", "Policy")
        self.refuse("rules/strict.yml", "base commit", policy="rules/strict.yml")

    def test_broken_policy_in_the_base_commit(self):
        (self.repository / ".layergate.yml").write_text("version: 1\nextends: default\nlayrs: []\n")
        self.git("commit", "--quiet", "--all", "--message", "Policy")
        self.git("checkout", "--quiet", "-b", "later")
        self.git("commit", "--quiet", "--allow-empty", "--message", "Later")
        self.refuse(".layergate.yml:3:1", "layers", head="later")

    # Git

    def test_no_merge_base(self):
        self.git("checkout", "--quiet", "--orphan", "alone")
        self.git("commit", "--quiet", "--message", "Alone")
        self.refuse("common ancestor", head="alone")

    def test_unknown_revision(self):
        self.refuse("no-such-branch", head="no-such-branch")
        self.refuse("no-such-branch", base="no-such-branch")
        self.refuse(project_dir=self.work)  # not a repository
        self.refuse("no-such-folder", project_dir=self.work / "no-such-folder")

    # Databases

    def test_database_that_does_not_answer(self):
        result = self.check_shop("good", *self.outputs, env=clean_environment(
            LAYERGATE_BASE_URL="postgres://gate:s3cret-word@127.0.0.1:1/shop", LAYERGATE_HEAD_URL=self.urls("good")["LAYERGATE_HEAD_URL"]))
        self.assertEqual(result.code, 2, result)
        record = (self.reports / "r.json").read_text()
        self.assertEqual(json.loads(record)["verdict"], "undecided")
        self.assertNotIn("s3cret-word", record + (self.reports / "r.md").read_text() + result.out + result.err)

    def test_database_settings_that_make_no_sense(self):
        for url, word in (("oracle://u:s3cret-word@h/x", "none of postgres"), ("postgres://u:s3cret-word@host:port/x", ""),
                          ("not a url s3cret-word", ""), ("sqlite://", "sqlite")):
            result = self.check_shop("good", *self.outputs, env=clean_environment(LAYERGATE_BASE_URL=url, LAYERGATE_HEAD_URL=url))
            self.assertEqual(result.code, 2, result)
            self.assertIn(word, result.err + result.out)
            self.assertNotIn("s3cret-word", result.err + result.out)

    def test_wrong_password(self):
        given = os.environ.get("LAYERGATE_TEST_POSTGRES_URL")
        if not given:
            self.skipTest("no PostgreSQL: run through scripts/with_databases")
        parts = urllib.parse.urlsplit(given)
        url = f"postgres://locked:s3cret-word@{parts.hostname}:{parts.port}{parts.path}"
        result = self.check_shop("good", *self.outputs, env=clean_environment(LAYERGATE_BASE_URL=url, LAYERGATE_HEAD_URL=url))
        self.assertEqual(result.code, 2, result)
        record = (self.reports / "r.json").read_text()
        self.assertEqual(json.loads(record)["verdict"], "undecided")
        self.assertNotIn("s3cret-word", record + (self.reports / "r.md").read_text() + result.out + result.err)

    def test_one_side_only(self):
        self.refuse("both", env=clean_environment(LAYERGATE_BASE_URL=self.urls("good")["LAYERGATE_BASE_URL"]))

    def test_relation_is_missing(self):
        for side, database in (("LAYERGATE_HEAD_URL", "good"), ("LAYERGATE_BASE_URL", "prod")):
            copy = self.work / f"{database}.db"
            shutil.copy(self.warehouses / f"{database}.db", copy)
            self.assertEqual(run(["sqlite3", copy, "drop table fct_orders"]).code, 0)
            urls = self.urls("good")
            urls[side] = f"sqlite://{copy}"
            result = self.check_shop("good", *self.outputs, env=clean_environment(**urls))
            self.assertIn(result.code, (1, 2), result)
            gates = [gate for gate in read_json(self.reports / "r.json")["gates"]
                     if gate["gate"] == "row_count_diff" and gate["subject"] == "model.shop.fct_orders"]
            self.assertIn(gates[0]["status"], ("fail", "unknown"), gates)

    def test_database_file_is_missing(self):
        urls = self.urls("good")
        urls["LAYERGATE_HEAD_URL"] = f"sqlite://{self.work}/nothing.db"
        result = self.check_shop("good", *self.outputs, env=clean_environment(**urls))
        self.assertEqual(result.code, 2, result)
        self.assertFalse((self.work / "nothing.db").exists(), "a read-only tool creates no database")

    # Command line

    def test_usage(self):
        for arguments in (["check", "--no-such-flag"], ["no-such-command"], ["check", "--at", "yesterday", "--no-git"],
                          ["check", "--output", "sarfi:x"], []):
            result = run([BINARY, *arguments], cwd=self.repository)
            self.assertEqual(result.code, 2, f"{arguments}: {result}")
            self.assertTrue(result.err or not arguments, result)

    def test_outputs_that_cannot_be_written(self):
        self.file("not-a-folder", "")
        result = self.check_shop("good", "--output", f"json:{self.work}/not-a-folder/r.json")
        self.assertEqual(result.code, 2, result)
        self.assertIn("not-a-folder", result.err)
        self.refuse("unheard-of", arguments=["--output", f"unheard-of:{self.reports}/x"])

    def test_unknown_gate(self):
        self.refuse("row_cuont_diff", arguments=["--only", "row_cuont_diff"])


if __name__ == "__main__":
    support.main()
