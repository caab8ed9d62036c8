"""What the end-to-end tests share: the example shop in a temporary folder, and the program under test."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHOP = ROOT / "examples" / "shop"
BINARY = os.environ.get("LAYERGATE_BINARY", "")
# Tuesday noon: inside the shop's merge window.
AT = "2026-01-06T11:00:00Z"


def clean_environment(**more):
    """Nothing of the CI host that runs these tests may reach the program, and no git configuration of the user."""
    keep = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "TMPDIR", "LANG", "ODBCSYSINI", "LD_LIBRARY_PATH")}
    for sanitizer in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
        if sanitizer in os.environ:
            keep[sanitizer] = os.environ[sanitizer]
    keep.update(GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_SYSTEM=os.devnull,
                GIT_AUTHOR_NAME="Test", GIT_AUTHOR_EMAIL="test@example.com",
                GIT_COMMITTER_NAME="Test", GIT_COMMITTER_EMAIL="test@example.com")
    keep.update({k: str(v) for k, v in more.items()})
    return keep


class Run:
    def __init__(self, completed):
        self.code = completed.returncode
        self.out = completed.stdout
        self.err = completed.stderr

    def __str__(self):
        return f"exit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


def run(command, cwd=None, env=None, stdin=""):
    completed = subprocess.run([str(word) for word in command], cwd=cwd, env=env or clean_environment(), input=stdin,
                               capture_output=True, text=True, timeout=120, check=False)
    return Run(completed)


class ShopTest(unittest.TestCase):
    """A fresh copy of the shop's repository for every test; the warehouses are made once, and nobody may write to them."""

    @classmethod
    def setUpClass(cls):
        if not os.access(BINARY, os.X_OK):
            raise RuntimeError("LAYERGATE_BINARY must name the program under test")
        cls.template = pathlib.Path(tempfile.mkdtemp(prefix="layergate-e2e-"))
        cls.addClassCleanup(shutil.rmtree, cls.template)
        subprocess.run([SHOP / "make_repository", cls.template], check=True)

    def setUp(self):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="layergate-e2e-"))
        self.addCleanup(shutil.rmtree, self.work)
        self.repository = self.work / "repository"
        shutil.copytree(self.template / "repository", self.repository)
        self.warehouses = self.template / "warehouses"

    def git(self, *arguments, cwd=None, check=True):
        result = run(["git", *arguments], cwd=cwd or self.repository)
        if check:
            self.assertEqual(result.code, 0, f"git {arguments}: {result}")
        return result.out.strip()

    def artifact(self, name, file="manifest.json"):
        return SHOP / "artifacts" / name / file

    def put_artifacts(self, name):
        """Where a dbt job leaves them: production's fetched, the pull request's in target/."""
        for source, folder in (("base", "prod-manifest"), (name, "target")):
            shutil.copytree(SHOP / "artifacts" / source, self.repository / folder, dirs_exist_ok=True)

    def urls(self, name):
        return {"LAYERGATE_BASE_URL": f"sqlite://{self.warehouses}/prod.db",
                "LAYERGATE_HEAD_URL": f"sqlite://{self.warehouses}/{name}.db"}

    def check(self, *arguments, env=None, cwd=None):
        return run([BINARY, "check", *arguments], cwd=cwd or self.repository, env=env)

    def check_shop(self, name, *arguments, env=None, **changes):
        """The demo's command. `changes` replaces options: head_manifest=..., None leaves one out."""
        options = {"project_dir": self.repository, "base": "main", "head": name, "at": AT,
                   "base_manifest": self.artifact("base"), "base_catalog": self.artifact("base", "catalog.json"),
                   "head_manifest": self.artifact(name), "head_catalog": self.artifact(name, "catalog.json"),
                   "run_results": self.artifact(name, "run_results.json")}
        options.update(changes)
        words = []
        for option, value in options.items():
            if value is not None:
                words += ["--" + option.replace("_", "-"), value]
        environment = clean_environment(**self.urls(name)) if env is None else env
        return self.check(*words, *arguments, env=environment)


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


main = unittest.main
