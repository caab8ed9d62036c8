"""Holds the expected texts of these cases against Jinja itself: python against_jinja.py (needs Jinja2)."""
import pathlib
import sys

from jinja2.sandbox import SandboxedEnvironment

environment = SandboxedEnvironment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"])
# Cases about our budget, and about text that is none in Python, where Jinja itself would go on.
OWN_LIMITS = ("range(100000000)", "f()", "{{ range(3) }}", "{{ [1, 2] | map('upper') }}", "{{ l[1]() }}")
differences = 0
for path in sorted(pathlib.Path(__file__).parent.glob("*.txt")):
    for case in path.read_text().split("====\n"):
        if "----\n" not in case:
            continue
        source, expected = (part.removesuffix("\n") for part in case.split("----\n"))
        if any(limit in source for limit in OWN_LIMITS):
            continue
        try:
            got = environment.from_string(source).render()
        except Exception as error:
            got = f"ERROR: {error}"
        same = got.startswith("ERROR") if expected.startswith("ERROR: ") else got == expected
        if not same:
            differences += 1
            print(f"{path.name}: {source!r}\n  Jinja:    {got!r}\n  expected: {expected!r}")
print(f"{differences} differences")
sys.exit(1 if differences else 0)
