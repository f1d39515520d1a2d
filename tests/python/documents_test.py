"""Every command and code block of the README and the guide runs, in the order of the page, in a folder of its own.

Blocks are taken as a reader would take them: JSON below "Save this as `NAME`" becomes that file, `sh` runs line by line
with the program under test in the place of build/release/engram, `python` runs with the package on its path, and C++
must be the text of the example that it names, which the build compiles. A block `sh fails` must fail, with exit code 2.
"""

import fnmatch
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from engram_sim import native

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("ENGRAM_PROGRAM")
# What a test cannot do inside itself: they build the program, or install into the system.
NOT_HERE = {"./run demo", "./run test"}


def blocks_of(page):
    """(language, text, the paragraph before) of each fenced block."""
    text = (SOURCE / page).read_text()
    found = []
    for match in re.finditer(r"^```([^\n]*)\n(.*?)^```$", text, re.S | re.M):
        before = text[: match.start()].rstrip().rsplit("\n\n", 1)[-1]
        found.append((match[1], match[2], before))
    return found


@unittest.skipUnless(PROGRAM, "ENGRAM_PROGRAM names no program")
class Pages(unittest.TestCase):
    def run_page(self, page):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            for name in ("examples", "docs", "python", "bench", "data"):
                (folder / name).symlink_to(SOURCE / name)
            (folder / "build/release").mkdir(parents=True)
            (folder / "build/release/engram").symlink_to(pathlib.Path(PROGRAM).resolve())
            ran = 0
            for language, text, before in blocks_of(page):
                with self.subTest(page=page, block=text[:80]):
                    ran += self.run_block(folder, language, text, before)
            return ran

    def run_block(self, folder, language, text, before):
        path = os.pathsep.join([str(SOURCE / "python"), os.environ.get("PYTHONPATH", "")])
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        if language in ("sh", "sh fails"):
            lines = [line.split("  #")[0].strip() for line in text.splitlines()]
            script = "\n".join(line for line in lines if line not in NOT_HERE)
            done = subprocess.run(["sh", "-ec", script], cwd=folder, env=environment, capture_output=True, text=True)
            self.assertEqual(
                done.returncode, 2 if "fails" in language else 0, done.stdout[-2000:] + done.stderr[-2000:]
            )
        elif language == "python" and not (native.find("float") or native.find("double")) and "eg." in text:
            return 0  # no module was built; tests/python/engine run the blocks of docs/python.md where there is one
        elif language == "python":
            done = subprocess.run(
                [sys.executable, "-c", text], cwd=folder, env=environment, capture_output=True, text=True
            )
            self.assertEqual(done.returncode, 0, done.stderr)
        elif language == "json":
            name = re.search(r"[Ss]ave this as `([^`]+)`", before)
            self.assertIsNotNone(name, "no file name stands before this JSON: " + before)
            (folder / name[1]).write_text(text)
        elif language == "cpp":
            name = re.search(r"\((examples/[^)]+\.cpp)\)", before)
            self.assertIsNotNone(name, "no example is named before this C++: " + before)
            self.assertEqual(text, (SOURCE / name[1]).read_text())
        else:
            self.fail(f"a block of language {language!r} is not checked")
        return 1

    def test_the_readme(self):
        self.assertGreaterEqual(self.run_page("README.md"), 5)

    def test_the_tutorial(self):
        self.assertGreaterEqual(self.run_page("docs/tutorial.md"), 10)

    def test_the_recipes(self):
        if b"  compare " not in subprocess.run([PROGRAM, "--help"], capture_output=True).stdout:
            self.skipTest("recipes need numbers from files, recorders, longer runs and `engram compare`")
        self.assertGreaterEqual(self.run_page("docs/recipes.md"), 13)


class AllPages(unittest.TestCase):
    """What is cheap to check of every page of the documentation."""

    def pages(self):
        pages = [p for p in (SOURCE / "docs").rglob("*.md") if "records" not in p.parts]
        self.assertGreater(len(pages), 10)
        return [SOURCE / "README.md", *pages]

    def test_files_of_the_tree_that_they_name_exist(self):
        for page in self.pages():
            for name in re.findall(r"\b(?:examples|tests|tools|bench|engine|kernels)/[\w/.-]+\.\w+", page.read_text()):
                if "DATE" not in name:
                    self.assertTrue((SOURCE / name).exists(), f"{page.relative_to(SOURCE)}: {name}")

    def test_tests_that_they_name_exist(self):
        tests = set()
        for path in (SOURCE / "tests").rglob("*.cpp"):
            text = path.read_text()
            tests.update(f"{suite}.{name}" for suite, name in re.findall(r"\bTEST(?:_[FP])?\(\s*(\w+),\s*(\w+)\)", text))
            tests.update(f"CalculusScenario.{name}" for name in re.findall(r"^SCENARIO\((\w+)", text, re.M))
        self.assertGreater(len(tests), 700)
        for page in self.pages():
            for name in re.findall(r"`(?:\w+/)?([A-Z]\w+\.[\w*]+(?:\.\.\.)?)`", page.read_text()):
                if page.name == "reliability.md" or page.name.startswith("features_"):
                    pattern = name.replace("...", "*")
                    self.assertTrue(fnmatch.filter(tests, pattern), f"{page.relative_to(SOURCE)}: there is no test {name}")

    def test_experiments_are_valid_and_parts_of_them_are_json(self):
        for page in self.pages():
            for language, text, _ in blocks_of(page.relative_to(SOURCE)):
                if language != "json" or page.name == "recipes.md":  # those are run
                    continue
                with self.subTest(page=page.name, block=text[:60]):
                    try:
                        document = json.loads(text)
                    except ValueError:
                        document = json.loads("{" + text + "}")
                    if "schema" in document and PROGRAM:
                        self.validate(text)

    def validate(self, text):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "patterns.csv").write_text("a,b,c\n" + "1,2,3\n2,1,3\n3,1,1\n")
            path = pathlib.Path(folder) / "experiment.json"
            path.write_text(text)
            said = subprocess.run([PROGRAM, "validate", path], capture_output=True, text=True)
            self.assertEqual(said.returncode, 0, said.stdout + said.stderr)


class Links(unittest.TestCase):
    def test_every_link_leads_to_a_file_and_a_heading(self):
        pages = [p for p in SOURCE.rglob("*.md") if not {"build", "out", ".git"} & set(p.relative_to(SOURCE).parts)]
        self.assertGreater(len(pages), 10)
        for page in pages:
            for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
                if re.match(r"[a-z]+:", target):
                    continue
                path, _, heading = target.partition("#")
                file = (page.parent / path).resolve() if path else page
                self.assertTrue(file.exists(), f"{page.relative_to(SOURCE)}: {target}")
                if heading and file.suffix == ".md":
                    self.assertIn(heading, anchors(file), f"{page.relative_to(SOURCE)}: {target}")


def anchors(page):
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


if __name__ == "__main__":
    unittest.main()
