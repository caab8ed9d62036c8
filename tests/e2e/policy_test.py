"""The policy as its users meet it: a pull request that edits what judges it, people, time, and the commands around it."""
import json
import re
import shutil
import sys
import textwrap

import support
from support import ROOT, ShopTest, clean_environment, read_json, run

GATE = ROOT / "examples" / "external_gate"


class Policy(ShopTest):
    def write(self, path, text):
        file = self.repository / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))

    def commit(self, branch, message="change"):
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", message)
        return self.git("rev-parse", branch)

    def judged(self, name, *arguments, **changes):
        result = self.check_shop(name, "--output", f"json:{self.work}/result.json", *arguments, **changes)
        self.assertTrue((self.work / "result.json").exists(), result)
        return result, read_json(self.work / "result.json")

    def on_main(self, files):
        """Files of the target branch; both pull requests begin after it."""
        self.git("checkout", "--quiet", "main")
        for path, text in files.items():
            self.write(path, text)
        self.commit("main", "the base")
        for name in ("good", "bad"):
            self.git("checkout", "--quiet", name)
            self.git("rebase", "--quiet", "main")
        self.git("checkout", "--quiet", "main")

    def layergate(self, *arguments, cwd=None, code=0, stdin=""):
        result = run([support.BINARY, *arguments], cwd=cwd or self.repository, stdin=stdin)
        self.assertEqual(result.code, code, result)
        return result


class Bypass(Policy):
    """Everything that a pull request can touch, touched: the verdict stays the base's."""

    EDITS = {
        ".layergate.yml": """\
            version: 1
            extends: starter
            unmatched_layer: everything
            layers:
              - {name: everything, match: {path: "**"}, gates: []}
            waivers:
              - {rule: row_count_diff.change, subject: model.shop.fct_orders, owner: me, reason: fine, expires: 2099-01-01}
            baseline: {path: .layergate/baseline.json, expires: 2099-01-01}
            break_glass: {label: yolo, people: [me]}
            """,
        ".layergate/baseline.json": '{"schema_version": 1, "findings": []}',
        ".layergate/gates/no_select_star.py": "print('{\"schema_version\": 1, \"findings\": []}')\n",
        "CODEOWNERS": "* @me\n",
        ".github/CODEOWNERS": "* @me\n",
        ".github/workflows/layergate.yml": "on: push\njobs: {}\n",
        ".gitlab-ci.yml": "stages: []\n",
        ".pre-commit-config.yaml": "repos: []\n",
        "profiles.yml": "shop: {target: dev, outputs: {dev: {type: sqlite}}}\n",
    }

    def setUp(self):
        super().setUp()
        gate = (GATE / ".layergate/gates/no_select_star.py").read_text()
        policy = (GATE / ".layergate.yml").read_text()
        self.on_main({".layergate.yml": policy, ".layergate/gates/no_select_star.py": gate, "CODEOWNERS": "models/ @ana\n"})

    def failures(self, record):
        return {(f["rule"], f["subject"], f["column"]) for gate in record["gates"] for f in gate["findings"]
                if f["severity"] == "fail" and not f["waived_by"]}

    def test_all_at_once(self):
        _, before = self.judged("bad")
        self.git("checkout", "--quiet", "bad")
        for path, text in self.EDITS.items():
            self.write(path, text)
        self.commit("bad", "trust me")
        result, after = self.judged("bad")
        self.assertEqual(result.code, 1, result)
        self.assertEqual(after["policy"]["digest"], before["policy"]["digest"])
        self.assertLessEqual(self.failures(before), self.failures(after))
        self.assertEqual(after["waivers"]["used"], [])
        self.assertIsNone(after["baseline"])
        self.assertIn("policy_integrity.policy_with_models", {rule for rule, _, _ in self.failures(after)})
        told = {f["location"]["path"] for gate in after["gates"] if gate["gate"] == "policy_integrity"
                for f in gate["findings"] if f["location"]}
        self.assertLessEqual(set(self.EDITS), told)
        # Who must review is the base's CODEOWNERS.
        owners = [need for need in after["required_reviewers"] if need["role"] == "code owner"]
        self.assertEqual([need["people"] for need in owners], [["@ana"]])

    def test_one_by_one(self):
        for path, text in self.EDITS.items():
            with self.subTest(path=path):
                self.git("checkout", "--quiet", "-B", "edit", "bad")
                self.write(path, text)
                self.commit("edit", "trust me")
                _, record = self.judged("bad", head="edit")
                self.assertEqual(record["verdict"], "blocked")
                self.assertIn(("row_count_diff.change", "model.shop.fct_orders", ""), self.failures(record))

    def test_the_flag_names_a_file_of_the_base_only(self):
        self.git("checkout", "--quiet", "bad")
        self.write("lenient.yml", "version: 1\nextends: starter\n")
        self.commit("bad")
        result = self.check_shop("bad", "--policy", "lenient.yml")
        self.assertEqual(result.code, 2, result)
        self.assertIn("no such policy", result.err)

    def test_the_working_tree_is_not_read(self):
        self.git("checkout", "--quiet", "bad")
        self.write(".layergate.yml", self.EDITS[".layergate.yml"])
        self.write(".layergate/gates/no_select_star.py", "raise SystemExit(3)\n")
        _, record = self.judged("bad")
        self.assertEqual(record["verdict"], "blocked")
        external = [gate for gate in record["gates"] if gate["gate"] == "no_select_star"]
        self.assertTrue(external)
        self.assertEqual([gate for gate in external if gate["unknown"]], [])


class ExternalGates(Policy):
    POLICY = """\
        version: 1
        extends: default
        external_gates:
          mine:
            summary: a gate of our own
            command: {command}
            rules: {{found: it is there}}
            environment: [NAMED]
            timeout_seconds: {limit}
            memory_mb: 200
        layers:
          - name: marts
            gates: {{mine: {{}}}}
        """

    def mine(self, program, command="[python3, .layergate/mine.py]", limit=60):
        policy = textwrap.dedent(self.POLICY).format(command=command, limit=limit)
        self.on_main({".layergate.yml": policy, ".layergate/mine.py": program})
        env = clean_environment(**self.urls("good"), SECRET="s3cret", NAMED="named")
        result, record = self.judged("good", env=env)
        gates = [gate for gate in record["gates"] if gate["gate"] == "mine"]
        self.assertTrue(gates, result)
        return result, gates

    def test_the_example(self):
        gate = (GATE / ".layergate/gates/no_select_star.py").read_text()
        self.on_main({".layergate.yml": (GATE / ".layergate.yml").read_text(), ".layergate/gates/no_select_star.py": gate})
        _, record = self.judged("good")
        gates = [gate for gate in record["gates"] if gate["gate"] == "no_select_star"]
        self.assertTrue(gates)
        self.assertTrue(all(gate["status"] in ("pass", "fail") for gate in gates), gates)
        answer = run([sys.executable, GATE / ".layergate/gates/no_select_star.py"],
                     stdin=json.dumps({"head": {"node": {"raw_code": "-- select *\nselect a.* from b", "name": "x"}}}))
        self.assertEqual([f["line"] for f in json.loads(answer.out)["findings"]], [2], answer)

    def test_what_it_sees(self):
        program = ("import json, os, sys\n"
                   "task = json.load(sys.stdin)\n"
                   "fds = sorted(int(n) for n in os.listdir('/proc/self/fd'))\n"
                   "seen = {'env': sorted(os.environ), 'task': sorted(task), 'files': sorted(os.listdir('.')), 'fds': len(fds),\n"
                   "        'sides': [sorted(task['base'] or {}), sorted(task['head'])]}\n"
                   "print(json.dumps({'schema_version': 1, 'findings': [{'rule': 'found', 'message': 'x', 'evidence': seen,\n"
                   "                  'line': 3, 'fix': 'y'}]}))\n")
        result, gates = self.mine(program)
        self.assertEqual(result.code, 1, result)
        finding = gates[0]["findings"][0]
        seen = finding["evidence"]
        self.assertEqual(finding["rule"], "mine.found")
        self.assertEqual(finding["location"]["line"], 3)
        self.assertNotIn("SECRET", seen["env"])
        self.assertNotIn("LAYERGATE_BASE_URL", seen["env"])
        self.assertIn("NAMED", seen["env"])
        self.assertEqual(seen["files"], [".layergate"])
        self.assertLessEqual(seen["fds"], 4)
        self.assertEqual(seen["task"], ["base", "change", "gate", "head", "layer", "options", "schema_version", "subject"])
        self.assertEqual(seen["sides"], [["lineage", "node"], ["lineage", "node"]])

    def test_a_broken_one_is_unknown(self):
        broken = {
            "exit code 3": "raise SystemExit(3)\n",
            "wrote nothing": "pass\n",
            "not JSON": "print('hello')\n",
            "schema_version": "print('{\"findings\": []}')\n",
            "no list \"findings\"": "print('{\"schema_version\": 1}')\n",
            "does not declare": "print('{\"schema_version\": 1, \"findings\": [{\"rule\": \"other\", \"message\": \"x\"}]}')\n",
            "limit of 2 s": "import time\ntime.sleep(60)\n",
            "memory": "x = bytearray(1 << 30)\nprint('{\"schema_version\": 1, \"findings\": []}')\n",
        }
        original = {name: self.git("rev-parse", name) for name in ("main", "good", "bad")}
        for expected, program in broken.items():
            with self.subTest(expected):
                for name, commit in original.items():
                    self.git("checkout", "--quiet", "-B", name, commit)
                result, gates = self.mine(program, limit=2 if "limit" in expected else 60)
                self.assertEqual(result.code, 2, result)
                for gate in gates:
                    self.assertEqual(gate["status"], "unknown", gate)
                if expected == "memory":
                    self.assertIn("MemoryError", gates[0]["unknown"][0]["reason"])
                else:
                    self.assertIn(expected, gates[0]["unknown"][0]["reason"])

    def test_a_program_that_is_not_there(self):
        result, gates = self.mine("", command="[no-such-program-here]")
        self.assertEqual(result.code, 2, result)
        self.assertIn("no program 'no-such-program-here'", gates[0]["unknown"][0]["reason"])

    def test_children_end_with_it(self):
        program = ("import subprocess, sys\n"
                   "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(50)'])\n"
                   "print('{\"schema_version\": 1, \"findings\": []}')\n")
        _, gates = self.mine(program)
        self.assertEqual({gate["status"] for gate in gates}, {"pass"})


class People(Policy):
    PEOPLE = """\
        version: 1
        extends: default
        people:
          roles: {senior-data-engineer: [ana], data-pm: [carla]}
          emails: {robin@example.com: robin}
        break_glass: {label: emergency, people: [senior-data-engineer], hours: 4}
        """

    def reviews(self, *approvals, **more):
        head = self.git("rev-parse", "good")
        bundle = {"pull_request": {"user": {"login": "robin"}, "head": {"sha": head}, "auto_merge": more.get("auto_merge")},
                  "commits": [{"sha": head, "author": None, "committer": None,
                               "commit": {"author": {"email": "robin@example.com"}, "committer": {"email": "robin@example.com"}}}],
                  "reviews": [{"user": {"login": who, "type": "User"}, "state": state, "commit_id": commit or head,
                               "submitted_at": "2026-01-06T10:45:00Z"} for who, state, commit in approvals]}
        file = self.work / "reviews.json"
        file.write_text(json.dumps(bundle))
        return "--reviews", file

    def needs(self, record):
        return {need["role"]: need["state"] for need in record["required_reviewers"]}

    def test_pending_without_the_answers_and_met_with_them(self):
        self.on_main({".layergate.yml": self.PEOPLE})
        result, record = self.judged("good")
        self.assertEqual(result.code, 0, result)
        self.assertEqual(set(self.needs(record).values()), {"pending"})
        self.assertTrue(record["pending"])
        _, record = self.judged("good", *self.reviews(("ana", "APPROVED", None), ("carla", "APPROVED", None)))
        self.assertEqual(set(self.needs(record).values()), {"met"}, record["required_reviewers"])
        self.assertEqual(record["pending"], [])
        _, record = self.judged("good", *self.reviews(("ana", "APPROVED", "0" * 40), ("robin", "APPROVED", None)))
        self.assertNotIn("met", self.needs(record).values())

    def test_pending_blocks_where_the_policy_says_so(self):
        self.on_main({".layergate.yml": self.PEOPLE.rstrip(" ") + "        pull_request: {pending: block}\n"})
        result, record = self.judged("good")
        self.assertEqual((result.code, record["verdict"]), (2, "undecided"), result)
        result, record = self.judged("good", *self.reviews(("ana", "APPROVED", None), ("carla", "APPROVED", None)))
        self.assertEqual((result.code, record["verdict"]), (0, "pass"), result)

    def test_auto_merge_is_a_finding(self):
        result, record = self.judged("good", *self.reviews(auto_merge={"enabled_by": {"login": "robin"}}))
        self.assertEqual(result.code, 1, result)
        self.assertIn("policy_integrity.auto_merge", {f["rule"] for gate in record["gates"] for f in gate["findings"]})

    def test_break_glass(self):
        self.on_main({".layergate.yml": self.PEOPLE})
        head = self.git("rev-parse", "bad")
        bundle = {"pull_request": {"user": {"login": "robin"}, "head": {"sha": head}, "auto_merge": None},
                  "commits": [], "reviews": [],
                  "timeline": [{"event": "committed", "sha": head},
                               {"event": "labeled", "label": {"name": "emergency"}, "actor": {"login": "ana"},
                                "created_at": "2026-01-06T10:00:00Z"}],
                  "comments": [{"user": {"login": "ana"}, "body": "break-glass: revenue is wrong on the wall",
                                "created_at": "2026-01-06T10:01:00Z"}]}
        file = self.work / "reviews.json"
        file.write_text(json.dumps(bundle))
        result, record = self.judged("bad", "--reviews", file)
        self.assertEqual((result.code, record["verdict"]), (0, "pass"), result)
        self.assertEqual(record["break_glass"]["by"], "ana")
        self.assertEqual(record["break_glass"]["until"], "2026-01-06T14:00:00Z")
        self.assertEqual(record["break_glass"]["reason"], "revenue is wrong on the wall")
        result, record = self.judged("bad", "--reviews", file, at="2026-01-06T14:00:00Z")
        self.assertEqual(result.code, 1, result)
        self.assertFalse(record["break_glass"]["holds"])
        # The label alone, without who set it, is nothing.
        event = self.work / "event.json"
        event.write_text(json.dumps({"pull_request": {"labels": [{"name": "emergency"}]}}))
        env = clean_environment(**self.urls("bad"), GITHUB_ACTIONS="true", GITHUB_EVENT_PATH=event,
                                GITHUB_EVENT_NAME="pull_request")
        result, record = self.judged("bad", env=env)
        self.assertEqual(result.code, 1, result)
        self.assertFalse(record["break_glass"]["holds"])


class Commands(Policy):
    def test_simulate_at_another_time(self):
        self.judged("good")
        saved = self.work / "result.json"
        closed = self.layergate("policy", "simulate", "--from", saved, "--at", "2026-01-10T12:00:00Z", "--format", "json")
        record = json.loads(closed.out)
        self.assertEqual(record["verdict"], "pass")
        self.assertEqual(record["merge_window"]["state"], "closed")
        self.assertIn("closed until Mon 2026-01-12 09:00 Europe/Berlin / 2026-01-12 08:00 UTC",
                      record["merge_window"]["text"])
        text = self.layergate("policy", "simulate", "--from", saved, "--labels", "assisted-by:llm")
        self.assertIn("senior data engineer", text.out)
        self.layergate("policy", "simulate", "--from", saved, "--at", "tomorrow", code=2)

    def test_explain_answers_why_who_and_when(self):
        self.judged("bad")
        manifest = self.artifact("bad")
        result = self.layergate("policy", "explain", "fct_orders", "--manifest", manifest, "--from", self.work / "result.json",
                                "--at", "2026-01-09T12:00:00Z")
        for words in ("layer     marts", "blocked   row_count_diff.change", "fix:", "waits     1 approval by senior data engineer",
                      "closed until Mon 2026-01-12 09:00 Europe/Berlin"):
            self.assertIn(words, result.out)
        self.assertLessEqual(len(result.out.splitlines()), 40, result.out)
        again = self.layergate("policy", "explain", "fct_orders", "--from", self.work / "result.json")
        self.assertIn("layer     marts (as the result says", again.out)

    def test_a_baseline_lets_what_was_known_through_and_ends(self):
        self.judged("bad")
        baseline = self.layergate("policy", "baseline", "--from", self.work / "result.json").out
        known = json.loads(baseline)
        self.assertGreater(len(known["findings"]), 3)
        self.on_main({".layergate.yml": "version: 1\nextends: default\n"
                                        "baseline: {path: .layergate/baseline.json, expires: 2026-01-31}\n",
                      ".layergate/baseline.json": baseline})
        _, record = self.judged("bad")
        standing = [f["rule"] for gate in record["gates"] for f in gate["findings"]
                    if f["severity"] == "fail" and not f["waived_by"]]
        self.assertEqual(standing, [])
        self.assertEqual(record["baseline"]["known"], len(known["findings"]))
        result, record = self.judged("bad", at="2026-02-01T11:00:00Z")
        self.assertEqual(result.code, 1, result)
        self.assertFalse(record["baseline"]["holds"])

    def test_init_writes_a_policy_that_is_valid_and_overwrites_nothing(self):
        (self.repository / ".layergate.yml").unlink()
        printed = self.layergate("init", "--print", "--manifest", self.artifact("base")).out
        self.assertTrue(printed.startswith("# yaml-language-server: $schema=.layergate/policy.schema.json\n"), printed)
        self.layergate("init", "--manifest", self.artifact("base"))
        self.assertEqual((self.repository / ".layergate.yml").read_text(), printed)
        self.assertTrue((self.repository / ".layergate" / "policy.schema.json").exists())
        valid = self.layergate("policy", "validate", "--manifest", self.artifact("base"))
        # Only the kinds of nodes that this project has none of are told.
        self.assertRegex(valid.err, r"^(layergate: warning: \S+ \{resource_type: saved_query\} matches nothing in \S+\n)?$")
        explained = self.layergate("policy", "explain", "fct_orders", "--manifest", self.artifact("base"))
        self.assertIn("layer     marts (path models/marts/**", explained.out)
        self.layergate("init", code=2)
        shutil.rmtree(self.repository / "models")
        (self.repository / "dbt_project.yml").unlink()
        self.assertIn("dbt_project.yml", self.layergate("init", "--force", code=2).err)

    def test_backtest_over_what_was_merged(self):
        self.git("merge", "--quiet", "--no-ff", "-m", "Merge the good one", "good")
        self.write(".layergate.yml", "version: 1\nextends: default\n")
        self.write("models/marts/fct_more.sql", "select 1 as one\n")
        last = self.commit("HEAD", "policy and a model in one")
        result = self.layergate("policy", "test", "--range", "main~2..main")
        self.assertIn("fail policy_integrity.policy_with_models", result.out)
        self.assertIn("2 merged changes, 2 of them to models: 1 would have been blocked", result.out)
        manifests = self.work / "manifests"
        manifests.mkdir()
        first = self.git("rev-parse", "main~2")
        merged = self.git("rev-parse", "main~1")
        shutil.copy(self.artifact("base"), manifests / f"{first}.json")
        shutil.copy(self.artifact("good"), manifests / f"{merged}.json")
        full = self.layergate("policy", "test", "--range", "main~2..main", "--manifests", manifests, "--format", "json")
        changes = json.loads(full.out)["changes"]
        self.assertEqual([change["judged_by"] for change in changes], ["manifests", "paths"])
        self.assertEqual(changes[1]["commit"], last)
        self.layergate("policy", "test", "--range", "main", code=2)

    def test_validate_tells_what_matches_nothing_and_what_has_ended(self):
        self.write("p.yml", """\
            version: 1
            extends: default
            layers:
              - {name: finance, like: marts, match: {path: "models/finance/**"}}
            models:
              fct_order: {layer: metrics}
            waivers:
              - {rule: row_count_diff.change, subject: model.shop.a, owner: a, reason: b, expires: 2026-01-01}
            """)
        result = self.layergate("policy", "validate", "--policy", "p.yml", "--manifest", self.artifact("base"),
                                "--at", "2026-01-06T00:00:00Z")
        for words in ("p.yml:4:41: {path: \"models/finance/**\"} matches nothing", "p.yml:6:3: there is no model fct_order",
                      "the waiver of row_count_diff.change for model.shop.a ended on 2026-01-01"):
            self.assertIn(words, result.err)

    def test_show_says_where_each_value_comes_from(self):
        self.write("p.yml", "version: 1\nextends: default\ndefaults: {unknown: warn}\n"
                            "layers:\n  - name: marts\n    rollback_sla_hours: 2\n")
        shown = self.layergate("policy", "show", "--policy", "p.yml").out
        self.assertRegex(shown, r"rollback_sla_hours: 2  # p.yml:6:5")
        self.assertRegex(shown, r"unknown: warn  # p.yml:3:12")
        self.assertRegex(shown, r"merge_window: business-hours  # default.yml:\d+:\d+")
        values = [line for line in shown.splitlines() if re.match(r"\s+(severity|unknown|reviewers|merge_window):", line)]
        self.assertTrue(all("  # " in line for line in values), values)


if __name__ == "__main__":
    support.main()
