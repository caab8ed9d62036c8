"""The command line itself: help, version, mistyped words, completions."""
import shutil
import subprocess
import unittest

from support import BINARY, run

COMMANDS = run([BINARY, "--help-commands"]).out.split()


class Usage(unittest.TestCase):
    def refused(self, *words, saying):
        result = run([BINARY, *words])
        self.assertEqual(result.code, 2, result)
        self.assertEqual(result.out, "", result)
        self.assertIn(saying, result.err, result)

    def test_version_and_help(self):
        self.assertRegex(run([BINARY, "--version"]).out, r"^layergate \d+\.\d+\.\d+\n$")
        self.assertIn("Exit codes: 0 pass", run([BINARY, "--help"]).out)
        self.assertGreater(len(COMMANDS), 8)
        for command in COMMANDS:
            shown = run([BINARY, command, "--help"])
            self.assertEqual(shown.code, 0, shown)
            self.assertTrue(shown.out, command)

    def test_mistyped_words(self):
        self.refused("chek", saying="did you mean `check`?")
        self.refused("check", "--base-manfest", "x", saying="`check` has no command or flag `--base-manfest`; did you mean `--base-manifest`?")
        self.refused("policy", "shwo", saying="did you mean `show`?")
        self.refused("frobnicate", saying="no command or flag `frobnicate`")
        self.refused("check", "--color", "pink", saying="pink")

    def test_bash_completions(self):
        script = run([BINARY, "completions", "bash"]).out
        for words, expected in ((["layergate", "che"], "check"), (["layergate", "policy", "va"], "validate"),
                                (["layergate", "check", "--base-m"], "--base-manifest")):
            probe = f'{script}\nCOMP_WORDS=({" ".join(words)}); COMP_CWORD={len(words) - 1}; _layergate; echo "${{COMPREPLY[@]}}"'
            done = subprocess.run(["bash", "-c", probe], capture_output=True, text=True, check=True)
            self.assertEqual(done.stdout.split(), [expected], done.stderr)

    def test_other_shells(self):
        for shell in ("zsh", "fish"):
            script = run([BINARY, "completions", shell]).out
            for command in COMMANDS:
                self.assertIn(command, script)
            if shutil.which(shell):
                subprocess.run([shell, "-n"], input=script, text=True, check=True)
        self.refused("completions", "tcsh", saying="bash, zsh or fish")


if __name__ == "__main__":
    unittest.main()
