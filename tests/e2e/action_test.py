"""The steps of action.yml as a runner executes them: a recorded event, a runner's environment, a stand-in for the API."""
import http.server
import json
import re
import threading

import support
from support import BINARY, ROOT, ShopTest, clean_environment, read_json, run

SCRIPTS = ROOT / "github_action"
ACTION = (ROOT / "action.yml").read_text(encoding="utf-8")


class Api:
    """Answers every request with one status, and remembers what was asked."""

    def __init__(self, status):
        api = self
        self.requests = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                api.requests.append((self.command, self.path, body, self.headers.get("Authorization")))
                self.send_response(status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            do_POST = do_DELETE = do_PUT = do_GET = do_PATCH = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Answers:
    """Answers GET requests for these paths of the repository, by pages of what was asked for; 404 for others."""

    def __init__(self, answers):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                path, _, query = self.path.partition("?")
                words = dict(word.split("=") for word in query.split("&") if word)
                answer = answers.get(path.removeprefix("/repos/example/shop"))
                if isinstance(answer, list):
                    size, page = int(words["per_page"]), int(words["page"])
                    answer = answer[size * (page - 1):size * page]
                body = json.dumps(answer).encode()
                self.send_response(404 if answer is None else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def parse_outputs(text):
    """The file format of GITHUB_OUTPUT: name<<word, lines, word."""
    outputs = {}
    lines = iter(text.split("\n"))
    for line in lines:
        if not line:
            continue
        name, word = line.split("<<", 1)
        value = []
        for inner in lines:
            if inner == word:
                break
            value.append(inner)
        outputs[name] = "\n".join(value)
    return outputs


def commands(log):
    """What a runner would obey in this log: ::stop-commands::word switches it off until ::word::."""
    obeyed, stopped = [], None
    for line in log.split("\n"):
        line = line.strip()
        if stopped:
            if line == f"::{stopped}::":
                stopped = None
            continue
        match = re.match(r"::stop-commands::(.+)", line)
        if match:
            stopped = match[1]
        elif line.startswith("::") or "##[" in line:
            obeyed.append(line)
    return obeyed


class Action(ShopTest):
    def runner(self, name, event=None, **inputs):
        """What the runner gives to the steps: the checked-out merge commit, the event, files for outputs and summary."""
        self.git("checkout", "--quiet", "--detach", "main")
        self.git("merge", "--quiet", "--no-ff", "--message", f"Merge {name} into main", name)
        self.put_artifacts(name)
        recorded = (ROOT / "tests" / "e2e" / "pull_request_event.json").read_text(encoding="utf-8")
        recorded = recorded.replace("HEAD_SHA", self.git("rev-parse", name)).replace("BASE_SHA", self.git("rev-parse", "main"))
        payload = json.loads(recorded)
        payload["pull_request"]["head"]["ref"] = name
        payload.update(event or {})
        (self.work / "event.json").write_text(json.dumps(payload))
        for file in ("output", "summary"):
            (self.work / file).write_text("")
        (self.work / "tmp").mkdir(exist_ok=True)
        self.env = clean_environment(
            **self.urls(name), CI="true", GITHUB_ACTIONS="true", GITHUB_EVENT_NAME="pull_request",
            GITHUB_EVENT_PATH=self.work / "event.json", GITHUB_REPOSITORY="example/shop", GITHUB_BASE_REF="main",
            GITHUB_HEAD_REF=name, GITHUB_REF="refs/pull/7/merge", GITHUB_SHA=self.git("rev-parse", "HEAD"),
            GITHUB_WORKSPACE=self.repository, GITHUB_OUTPUT=self.work / "output", GITHUB_STEP_SUMMARY=self.work / "summary",
            RUNNER_TEMP=self.work / "tmp", GITHUB_ACTION_PATH=ROOT, INPUT_BINARY_PATH=BINARY, INPUT_PROJECT_DIR=".",
            INPUT_BASE_CATALOG="prod-manifest/catalog.json", INPUT_HEAD_CATALOG="target/catalog.json",
            INPUT_RUN_RESULTS="target/run_results.json")
        self.env.update({f"INPUT_{key.upper()}": value for key, value in inputs.items()})

    def step(self, script, **more):
        return run([SCRIPTS / script], cwd=self.repository, env={**self.env, **more})

    def judge(self):
        result = self.step("check.sh")
        self.assertEqual(result.code, 0, result)
        outputs = parse_outputs((self.work / "output").read_text())
        return result, outputs

    def verdict(self, outputs, **more):
        return self.step("verdict.sh", EXIT_CODE=outputs.get("exit-code", ""), **more).code

    def test_bad_is_blocked(self):
        self.runner("bad")
        result, outputs = self.judge()
        self.assertEqual(outputs["outcome"], "blocked", result)
        self.assertEqual(outputs["exit-code"], "1")
        self.assertEqual(outputs["llm-touched"], "true")
        self.assertIn("needs-senior-review", outputs["labels"].split("\n"))
        self.assertEqual(read_json(outputs["report-path"])["verdict"], "blocked")
        self.assertIn("fct_orders", (self.work / "summary").read_text())
        errors = [line for line in commands(result.out) if line.startswith("::error")]
        self.assertTrue(any("fct_orders" in line for line in errors), result)
        self.assertLessEqual(len(errors), 10)
        self.assertEqual(self.verdict(outputs), 1)
        self.assertEqual(self.verdict(outputs, INPUT_MODE="audit"), 0)
        self.assertEqual(self.verdict(outputs, INPUT_MODE="typo"), 2)

    def test_good_passes(self):
        self.runner("good")
        result, outputs = self.judge()
        self.assertEqual(outputs["outcome"], "pass", result)
        self.assertEqual(self.verdict(outputs), 0)
        self.assertEqual([line for line in commands(result.out) if line.startswith("::error")], [])

    def test_no_recorded_exit_code_is_not_a_pass(self):
        self.runner("good")
        for code in ("", "3", "x", "0 "):
            self.assertEqual(self.step("verdict.sh", EXIT_CODE=code).code, 2, code)

    def test_a_program_that_crashes_or_is_missing_is_not_a_pass(self):
        crashing = self.work / "crashing"
        crashing.write_text('#!/bin/sh\n[ "$1" = --version ] && { echo layergate 9; exit 0; }\nkill -SEGV $$\n')
        crashing.chmod(0o755)
        for program in (crashing, self.work / "nothing-here"):
            self.runner("good", binary_path=str(program))
            _, outputs = self.judge()
            self.assertEqual(outputs["outcome"], "error")
            self.assertEqual(self.verdict(outputs), 2)
            self.git("checkout", "--quiet", "main")

    def test_an_error_has_a_message_and_no_stale_report(self):
        reports = self.work / "reports"
        reports.mkdir()
        (reports / "layergate.json").write_text('{"verdict": "pass"}')
        self.runner("good", head_manifest="nothing/manifest.json", report_dir=str(reports))
        result, outputs = self.judge()
        self.assertEqual(outputs["outcome"], "error", result)
        self.assertEqual(self.verdict(outputs), 2)
        self.assertIn("nothing/manifest.json", result.out)
        self.assertFalse((reports / "layergate.json").exists())

    def test_a_shallow_clone_without_the_base_is_not_a_pass(self):
        self.runner("good")
        shallow = self.work / "shallow"
        self.git("clone", "--quiet", "--depth", "1", "--branch", "good", f"file://{self.repository}", shallow)
        for folder in ("prod-manifest", "target"):
            support.shutil.copytree(self.repository / folder, shallow / folder)
        result = run([SCRIPTS / "check.sh"], cwd=shallow, env=self.env)
        outputs = parse_outputs((self.work / "output").read_text())
        self.assertEqual(outputs["exit-code"], "2", result)
        self.assertIn("fetch", result.out)

    def test_text_of_the_pull_request_is_never_obeyed(self):
        hostile = "::set-output name=x::y\n::add-mask::e\n##[error]x\n$(touch pwned)`touch pwned`\n"
        self.runner("bad", event=None)
        payload = read_json(self.work / "event.json")
        payload["pull_request"].update(body=hostile, title=hostile)
        payload["pull_request"]["labels"] = [{"name": "::error::label"}]
        (self.work / "event.json").write_text(json.dumps(payload))
        self.git("checkout", "--quiet", "bad")
        self.git("commit", "--quiet", "--allow-empty", "--message", "Innocent\n\n" + hostile + "\nAssisted-by: ::error::tool")
        self.env["INPUT_HEAD"] = self.git("rev-parse", "bad")
        self.env["INPUT_BASE"] = "main"
        self.env["INPUT_ONLY"] = "lineage_diff pii_carry_over"
        result, outputs = self.judge()
        self.assertEqual(outputs["outcome"], "blocked", result)
        for line in commands(result.out):
            self.assertRegex(line, r"^::(error|warning|notice|group|endgroup)")
            self.assertNotIn("set-output", line)
        self.assertFalse(list(self.work.rglob("pwned")))

    def test_labels_are_set_and_stale_ones_removed(self):
        self.runner("bad")
        payload = read_json(self.work / "event.json")
        payload["pull_request"]["labels"] = [{"name": "layergate:pass"}, {"name": "theirs"}]
        (self.work / "event.json").write_text(json.dumps(payload))
        _, outputs = self.judge()
        api = Api(200)
        self.addCleanup(api.close)
        result = self.step("publish.sh", REPORT_PATH=outputs["report-path"], GITHUB_TOKEN="t0p-secret", GITHUB_API_URL=api.url)
        self.assertEqual(result.code, 0, result)
        method, path, body, authorization = api.requests[0]
        self.assertEqual((method, path), ("POST", "/repos/example/shop/issues/7/labels"))
        self.assertIn("layergate:blocked", json.loads(body)["labels"])
        self.assertEqual(authorization, "Bearer t0p-secret")
        self.assertEqual([request[:2] for request in api.requests[1:]],
                         [("DELETE", "/repos/example/shop/issues/7/labels/layergate%3Apass")])
        self.assertNotIn("t0p-secret", result.out + result.err)

    def test_a_refused_token_is_a_warning(self):
        self.runner("bad")
        _, outputs = self.judge()
        api = Api(403)
        self.addCleanup(api.close)
        result = self.step("publish.sh", REPORT_PATH=outputs["report-path"], GITHUB_TOKEN="read-only", GITHUB_API_URL=api.url)
        self.assertEqual(result.code, 0, result)
        self.assertIn("::warning", result.out)
        self.assertIn("403", result.out)
        for more in ({"GITHUB_TOKEN": ""}, {"GITHUB_TOKEN": "x", "GITHUB_API_URL": "http://127.0.0.1:1"}):
            result = self.step("publish.sh", REPORT_PATH=outputs["report-path"], **more)
            self.assertEqual(result.code, 0, result)
            self.assertIn("::warning", result.out)

    def test_approvals_are_fetched_page_by_page(self):
        self.runner("good")
        head = self.git("rev-parse", "good")
        review = {"user": {"login": "ana", "type": "User"}, "state": "COMMENTED", "commit_id": head}
        answers = {"/pulls/7": {"user": {"login": "robin"}, "head": {"sha": head}, "auto_merge": None},
                   "/pulls/7/reviews": [review] * 100 + [dict(review, state="APPROVED")],
                   "/pulls/7/commits": [], "/issues/7/timeline": [], "/issues/7/comments": []}
        api = Answers(answers)
        self.addCleanup(api.close)
        result = self.step("reviews.sh", GITHUB_TOKEN="t0p-secret", GITHUB_API_URL=api.url)
        self.assertEqual(result.code, 0, result)
        path = parse_outputs((self.work / "output").read_text())["reviews-path"]
        saved = read_json(path)
        self.assertEqual(len(saved["reviews"]), 101)
        self.assertEqual(saved["reviews"][-1]["state"], "APPROVED")
        self.env["REVIEWS_PATH"] = path
        _, outputs = self.judge()
        record = read_json(outputs["report-path"])
        self.assertIn("who made the commits", record["required_reviewers"][0]["why"])
        del answers["/pulls/7/reviews"]
        result = self.step("reviews.sh", GITHUB_TOKEN="t0p-secret", GITHUB_API_URL=api.url)
        self.assertEqual(result.code, 0, result)
        self.assertIn("approvals are pending", result.out)

    def test_no_expression_reaches_a_shell(self):
        runs = re.findall(r"^\s+run: (.*)$", ACTION, re.M)
        self.assertEqual(len(runs), 4)
        for line in runs:
            self.assertNotIn("${{", line)
        for script in SCRIPTS.glob("*.sh"):
            text = script.read_text(encoding="utf-8")
            self.assertNotIn("${{", text)
            self.assertNotIn("eval ", text)

    def test_every_input_is_used(self):
        text = "".join(script.read_text(encoding="utf-8") for script in SCRIPTS.glob("*.sh"))
        for variable in set(re.findall(r"(INPUT_[A-Z_]+):", ACTION)):
            self.assertIn(variable, text)
        declared = set(re.findall(r"^  ([a-z-]+):$", ACTION.split("outputs:")[0], re.M))
        used = set(re.findall(r"inputs\.([a-z-]+)", ACTION))
        self.assertEqual(declared, used)


if __name__ == "__main__":
    support.main()
