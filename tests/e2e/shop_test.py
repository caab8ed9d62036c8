"""The two pull requests of the demo: what is found, what is written, which exit code."""
import sys
import xml.etree.ElementTree as ElementTree

import support
from support import SHOP, ShopTest, read_json, run


class Shop(ShopTest):
    def findings(self, record):
        return [finding for gate in record["gates"] for finding in gate["findings"]]

    def test_bad_is_blocked_for_the_three_reasons(self):
        result = self.check_shop("bad", "--output", f"json:{self.work}/result.json")
        self.assertEqual(result.code, 1, result)
        record = read_json(self.work / "result.json")
        self.assertEqual(record["verdict"], "blocked")
        self.assertEqual(record["exit_code"], 1)
        failed = {(gate["gate"], gate["subject"]) for gate in record["gates"] if gate["status"] == "fail"}
        self.assertIn(("row_count_diff", "model.shop.fct_orders"), failed)
        self.assertIn(("lineage_diff", "model.shop.dim_customers"), failed)
        self.assertIn(("pii_carry_over", "model.shop.crm_contacts"), failed)

        rows = [f for f in self.findings(record)
                if f["rule"].startswith("row_count_diff.") and f["subject"] == "model.shop.fct_orders"]
        self.assertEqual((rows[0]["base"]["rows"], rows[0]["head"]["rows"]), (20000, 40000), rows)
        contact = [f for f in self.findings(record)
                   if f["rule"].startswith("lineage_diff.") and f["column"].lower() == "contact"]
        self.assertTrue(contact, result)
        personal = [f for f in self.findings(record)
                    if f["rule"].startswith("pii_carry_over.") and f["column"].lower() == "customer_contact"]
        self.assertTrue(personal, result)
        steps = " ".join(f"{step['node']}.{step['column']}" for step in personal[0]["path"])
        self.assertIn("stg_customers.email", steps)
        # A model that did not change is not judged.
        self.assertNotIn("model.shop.dim_products", {gate["subject"] for gate in record["gates"]})

    def test_bad_is_labelled_as_assisted(self):
        self.check_shop("bad", "--output", f"json:{self.work}/result.json")
        record = read_json(self.work / "result.json")
        self.assertEqual(record["provenance"]["status"], "llm")
        for label in ("assisted-by:llm", "needs-senior-review", "hallucination-budget"):
            self.assertIn(label, record["labels"])

    def test_good_passes(self):
        result = self.check_shop("good", "--output", f"json:{self.work}/result.json")
        self.assertEqual(result.code, 0, result)
        record = read_json(self.work / "result.json")
        self.assertEqual(record["verdict"], "pass")
        self.assertEqual([gate for gate in record["gates"] if gate["status"] in ("fail", "unknown")], [])
        self.assertIn("model.shop.fct_orders", {gate["subject"] for gate in record["gates"]})

    def test_every_format_is_written(self):
        formats = {"json": "r.json", "markdown": "r.md", "junit": "r.xml", "codequality": "q.json", "github": "r.gh",
                   "text": "r.txt"}
        outputs = [word for name, file in formats.items() for word in ("--output", f"{name}:{self.work}/{file}")]
        result = self.check_shop("bad", *outputs)
        self.assertEqual(result.code, 1, result)
        suites = ElementTree.parse(self.work / "r.xml").getroot()
        self.assertTrue(list(suites.iter("failure")))
        quality = read_json(self.work / "q.json")
        self.assertTrue(quality)
        self.assertEqual(len({entry["fingerprint"] for entry in quality}), len(quality))
        for entry in quality:
            self.assertTrue((self.repository / entry["location"]["path"]).exists(), entry)
        self.assertIn("::error", (self.work / "r.gh").read_text())
        self.assertIn("fct_orders", (self.work / "r.md").read_text())
        self.assertIn("fct_orders", (self.work / "r.txt").read_text())

    def test_same_inputs_same_bytes(self):
        records = []
        for turn in ("one", "two"):
            self.check_shop("bad", "--output", f"json:{self.work}/{turn}.json", "--output", f"markdown:{self.work}/{turn}.md")
            record = read_json(self.work / f"{turn}.json")
            del record["timings"]
            records.append((record, (self.work / f"{turn}.md").read_bytes()))
        self.assertEqual(records[0], records[1])

    def test_the_exit_code_does_not_depend_on_the_format(self):
        for name in ("json", "markdown", "github", "junit", "codequality", "text"):
            self.assertEqual(self.check_shop("bad", "--output", f"{name}:-").code, 1, name)

    def test_exit_zero_reports_and_blocks_nothing(self):
        result = self.check_shop("bad", "--exit-zero", "--output", f"json:{self.work}/result.json")
        self.assertEqual(result.code, 0, result)
        self.assertEqual(read_json(self.work / "result.json")["verdict"], "blocked")

    def test_without_a_database_nothing_passes(self):
        env = support.clean_environment()
        result = self.check_shop("good", "--output", f"json:{self.work}/result.json", env=env)
        self.assertEqual(result.code, 2, result)
        record = read_json(self.work / "result.json")
        self.assertEqual(record["verdict"], "undecided")
        unknown = {gate["gate"] for gate in record["gates"] if gate["status"] == "unknown"}
        self.assertIn("row_count_diff", unknown)

    def test_a_manifest_of_another_commit_proves_nothing(self):
        result = self.check_shop("bad", "--output", f"json:{self.work}/result.json", head_manifest=self.artifact("good"))
        self.assertNotEqual(result.code, 0, result)
        record = read_json(self.work / "result.json")
        self.assertTrue(record["changes"]["unknown"] or record["verdict"] == "blocked", record["summary"])

    def test_the_pull_request_cannot_change_its_own_policy(self):
        self.git("checkout", "--quiet", "bad")
        (self.repository / ".layergate.yml").write_text(
            "version: 1\nextends: default\ndefaults: {severity: audit, unknown: pass}\n")
        self.git("commit", "--quiet", "--all", "--message", "Relax")
        result = self.check_shop("bad", "--output", f"json:{self.work}/result.json")
        self.assertEqual(result.code, 1, result)

    def test_the_artifacts_were_made_from_these_files(self):
        for name in ("base", "bad", "good"):
            manifest = read_json(self.artifact(name))
            run_results = read_json(self.artifact(name, "run_results.json"))
            self.assertEqual(manifest["metadata"]["invocation_id"], run_results["metadata"]["invocation_id"])
            models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
            self.assertGreaterEqual(len(models), 12)
            for model in models:
                path = SHOP / "pull_requests" / name / model["original_file_path"]
                if not path.exists():
                    path = SHOP / "project" / model["original_file_path"]
                self.assertEqual(model["raw_code"].strip(), path.read_text(encoding="utf-8").strip(),
                                 f"{path}: run examples/shop/make_artifacts")
            written = run([sys.executable, SHOP / "warehouse_sql.py", self.artifact(name)])
            self.assertEqual(written.out, self.artifact(name, "warehouse.sql").read_text(encoding="utf-8"))


if __name__ == "__main__":
    support.main()
