"""The script of templates/layergate.yml, run by /bin/sh with the variables of a merge request's job."""
import http.server
import json
import re
import threading
import xml.etree.ElementTree as ElementTree

import support
from support import BINARY, ROOT, ShopTest, clean_environment, read_json, run

TEMPLATE = (ROOT / "templates" / "layergate.yml").read_text(encoding="utf-8")


def block(text, key):
    """The lines below `  key:` of the job."""
    lines = text.split("\n")
    start = lines.index(f"  {key}:") + 1
    end = start
    while end < len(lines) and (lines[end].startswith("    ") or not lines[end].strip()):
        end += 1
    return lines[start:end]


def script():
    lines = block(TEMPLATE, "script")
    assert lines[0] == "    - |", lines[0]
    return "\n".join(line[6:] for line in lines[1:])


def variables(inputs):
    found = {}
    for line in block(TEMPLATE, "variables"):
        match = re.fullmatch(r'    ([A-Z_]+): "(.*)"', line)
        if match:
            found[match[1]] = re.sub(r"\$\[\[ inputs\.([a-z-]+) \]\]", lambda m: inputs.get(m[1], ""), match[2])
    return found


class Api:
    """GitLab's answers by the end of the path; lists have two pages, and a token that is not the right one gets 401."""

    def __init__(self, answers, token):
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                path, _, query = self.path.partition("?")
                name = path.removeprefix("/projects/5/merge_requests/7").strip("/")
                api.asked.append(self.path)
                allowed = token in (self.headers.get("JOB-TOKEN"), self.headers.get("PRIVATE-TOKEN"))
                self.send_response(200 if allowed and name in answers else 401)
                self.end_headers()
                answer = answers.get(name)
                if allowed and isinstance(answer, list):
                    answer = answer if "page=1" in query.split("&") else []
                self.wfile.write(json.dumps(answer if allowed else {"message": "401 Unauthorized"}).encode())

            def log_message(self, *_):
                pass

        self.asked = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class GitLab(ShopTest):
    def job(self, name, **more):
        self.git("checkout", "--quiet", "--detach", name)
        self.put_artifacts(name)
        inputs = {"binary-path": BINARY, "project-dir": ".", "run-results": "target/run_results.json",
                  "base-catalog": "prod-manifest/catalog.json", "head-catalog": "target/catalog.json"}
        env = clean_environment(
            **self.urls(name), **variables(inputs), GITLAB_CI="true", CI="true", CI_PIPELINE_SOURCE="merge_request_event",
            CI_COMMIT_SHA=self.git("rev-parse", name), CI_MERGE_REQUEST_IID="7",
            CI_MERGE_REQUEST_DIFF_BASE_SHA=self.git("merge-base", "main", name),
            CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main", CI_MERGE_REQUEST_SOURCE_BRANCH_NAME=name,
            CI_MERGE_REQUEST_LABELS="data,shop", CI_MERGE_REQUEST_DESCRIPTION="What finance asked for")
        env.update(more)
        return run(["sh", "-e", "-c", script()], cwd=self.repository, env=env)

    def test_bad_fails_the_job_and_leaves_its_reports(self):
        result = self.job("bad")
        self.assertEqual(result.code, 1, result)
        folder = self.repository / "layergate-report"
        self.assertEqual(read_json(folder / "layergate.json")["verdict"], "blocked")
        self.assertTrue(list(ElementTree.parse(folder / "junit.xml").getroot().iter("failure")))
        for entry in read_json(folder / "codequality.json"):
            self.assertLessEqual({"description", "check_name", "fingerprint", "severity", "location"}, set(entry))
        self.assertIn("blocked", result.out.lower())

    def test_good_passes(self):
        result = self.job("good")
        self.assertEqual(result.code, 0, result)
        self.assertEqual(read_json(self.repository / "layergate-report" / "codequality.json"), [])

    def test_reports_are_kept_when_the_job_fails(self):
        self.assertIn("    when: always", block(TEMPLATE, "artifacts"))

    def test_a_missing_merge_base_is_not_a_pass(self):
        result = self.job("good", CI_MERGE_REQUEST_DIFF_BASE_SHA="0123456789012345678901234567890123456789")
        self.assertEqual(result.code, 2, result)

    def test_approvals_are_fetched(self):
        head = self.git("rev-parse", "good")
        person = {"username": "ana", "name": "Ana"}
        answers = {"": {"iid": 7, "author": {"username": "robin"}, "merge_when_pipeline_succeeds": False},
                   "approvals": {"iid": 7, "approved_by": [{"user": person}]},
                   "commits": [{"id": head, "author_email": "robin@example.com", "committer_email": "robin@example.com"}],
                   "versions": [{"id": 1, "head_commit_sha": head, "created_at": "2026-01-05T10:00:00Z"}],
                   "resource_label_events": [], "notes": []}
        api = Api(answers, "s3cret")
        self.addCleanup(api.close)
        more = {"CI_API_V4_URL": api.url, "CI_PROJECT_ID": "5"}
        for token in ({"CI_JOB_TOKEN": "s3cret"}, {"CI_JOB_TOKEN": "x", "LAYERGATE_GITLAB_TOKEN": "s3cret"}):
            result = self.job("good", **more, **token)
            self.assertEqual(result.code, 0, result)
            self.assertNotIn("approvals are pending", result.out)
            self.assertNotIn("s3cret", result.out + result.err)
        self.assertIn("/projects/5/merge_requests/7/versions?per_page=100&page=2", api.asked)
        for broken in ({"CI_JOB_TOKEN": "wrong"}, {"CI_JOB_TOKEN": "s3cret", "CI_API_V4_URL": "http://127.0.0.1:1"}):
            result = self.job("good", **{**more, **broken})
            self.assertEqual(result.code, 0, result)
            self.assertIn("approvals are pending", result.out)

    def test_inputs_are_data(self):
        inputs_used = set(re.findall(r"\$\[\[ inputs\.([a-z-]+) \]\]", TEMPLATE))
        declared = set(re.findall(r"^    ([a-z-]+):$", TEMPLATE.split("---")[0], re.M))
        self.assertEqual(inputs_used, declared)
        self.assertNotIn("$[[", script())


if __name__ == "__main__":
    support.main()
