"""`layergate doctor`: all there, and each thing missing on its own."""
import unittest

from support import BINARY, ShopTest, clean_environment, run


class Doctor(ShopTest):
    def doctor(self, *words, urls=True, code=0):
        environment = clean_environment(**(self.urls("good") if urls else {}))
        done = run([BINARY, "doctor", "--base", "main", "--head", "good", *words], cwd=self.repository, env=environment)
        self.assertEqual(done.code, code, done)
        return done.out

    def test_all_there(self):
        self.put_artifacts("good")
        said = self.doctor("--run-results", "target/run_results.json")
        self.assertIn("has all it needs", said)
        self.assertNotIn("\n--", said)
        self.assertIn("sqlite", said)

    def test_what_is_missing_is_named_with_its_remedy(self):
        said = self.doctor("--run-results", "target/run_results.json", code=2)
        self.assertIn("prod-manifest/manifest.json", said)
        self.put_artifacts("good")
        said = self.doctor("--run-results", "target/run_results.json", urls=False, code=2)
        self.assertIn("row_count_diff cannot judge", said)
        self.assertIn("LAYERGATE_BASE_URL", said)
        self.assertIn("--run-results", self.doctor(code=2))
        self.assertIn("no such policy", self.doctor("--policy", "other.yml", code=2))

    def test_a_stale_manifest(self):
        self.put_artifacts("bad")
        said = self.doctor("--run-results", "target/run_results.json", code=2)
        self.assertIn("does not belong to commit", said)

    def test_a_database_that_is_not_there(self):
        self.put_artifacts("good")
        said = self.doctor("--run-results", "target/run_results.json", "--head-url", f"sqlite://{self.work}/none.db", code=2)
        self.assertIn("there is no such file", said)
        self.assertIn("1 missing", said)


if __name__ == "__main__":
    unittest.main()
