"""The .deb that scripts/package makes: what is in it, what it depends on, and that what it unpacks runs."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from support import run

BUILD = pathlib.Path(os.environ.get("LAYERGATE_BUILD", ""))


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = pathlib.Path(tempfile.mkdtemp(prefix="layergate-package-"))
        cls.addClassCleanup(shutil.rmtree, cls.work)
        subprocess.run(["cpack", "--config", BUILD / "CPackConfig.cmake", "-B", cls.work], check=True, stdout=subprocess.DEVNULL)
        (cls.package,) = cls.work.glob("*.deb")
        subprocess.run(["dpkg-deb", "--extract", cls.package, cls.work / "root"], check=True)

    def field(self, name):
        return run(["dpkg-deb", "--field", self.package, name]).out.strip()

    def test_names_the_libraries_that_the_program_loads(self):
        depends = self.field("Depends")
        for library in ("libc6 (>=", "libgit2-", "libpq5", "libodbc"):
            self.assertIn(library, depends)
        self.assertNotIn("-dev", depends)
        self.assertEqual(self.field("Package"), "layergate")

    def test_what_it_unpacks_runs(self):
        program = self.work / "root/usr/bin/layergate"
        version = run([program, "--version"])
        self.assertEqual((version.code, version.out), (0, f"layergate {self.field('Version')}\n"))
        self.assertEqual(run([program, "rules"]).code, 0)

    def test_completions_and_schemas_lie_where_shells_and_editors_look(self):
        share = self.work / "root/usr/share"
        for shell, path in (("bash", "bash-completion/completions/layergate"), ("zsh", "zsh/site-functions/_layergate"),
                            ("fish", "fish/vendor_completions.d/layergate.fish")):
            self.assertEqual((share / path).read_text(), run([self.work / "root/usr/bin/layergate", "completions", shell]).out)
        for path in ("layergate/schema.json", "layergate/result-schema.json", "doc/layergate/copyright"):
            self.assertTrue((share / path).stat().st_size, path)


if __name__ == "__main__":
    if not shutil.which("dpkg-deb") or not shutil.which("dpkg-shlibdeps"):
        print("SKIPPED: dpkg-deb and dpkg-shlibdeps are not installed")
        sys.exit(77)
    unittest.main()
