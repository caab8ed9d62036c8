"""`layergate init` on projects of many shapes: which layer it takes each folder for.

A file in init/ is one project: "PATH reads NAME..." a model each (`source` is a source, two words with a dot a model of a
package), then `expect` and the globs of the policy by layer; `none` are those that the policy names in a comment.
"""
import pathlib
import re
import tempfile
import unittest

from support import BINARY, run

CASES = sorted((pathlib.Path(__file__).parent / "init").glob("*.txt"))


def write_project(folder, lines):
    (folder / "dbt_project.yml").write_text("name: shop\nversion: '1.0'\n")
    for line in lines:
        path, _, names = line.partition(" reads ")
        reads = ["{{ source('raw', 't') }}" if name == "source" else "{{ ref('" + name + "') }}" for name in names.split()]
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("select 1 from " + ", ".join(reads) + "\n")


def layers_of(policy):
    layer, found = None, []
    for line in policy.splitlines():
        if match := re.match(r"  - name: (\w+)", line):
            layer = match[1]
        elif match := re.match(r'      - path: "([^"]+)"', line):
            found.append(f"{layer} {match[1]}")
        elif match := re.match(r"#   (\S+) \(\d+ models?\)", line):
            found.append(f"none {match[1]}")
    return found


class Init(unittest.TestCase):
    def test_layers(self):
        self.assertGreater(len(CASES), 5)
        for case in CASES:
            with self.subTest(case.stem), tempfile.TemporaryDirectory() as work:
                files, _, expected = case.read_text().partition("\nexpect\n")
                write_project(pathlib.Path(work), [l for l in files.splitlines() if l and l[0] != "#"])
                shown = run([BINARY, "init", "--print", "--project-dir", work])
                self.assertEqual(shown.code, 0, shown)
                self.assertEqual(layers_of(shown.out), expected.split("\n")[:-1], shown.out)


if __name__ == "__main__":
    unittest.main()
