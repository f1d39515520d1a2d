#!/usr/bin/env python3
"""tools/mutants.py [--check] [NAME...]: do the tests notice faults? Plants each bug of tools/mutants.json, or the named
ones, one after the other into a copy of the sources (build/mutants), builds what its tests need and runs them: at least
one of them must fail. Exit code 1 if more than one bug in twenty survives, 2 if a bug does not fit the sources any more;
with --check only that is looked at.

$JOBS compilers at once (all cores if unset); $MUTANTS_FOLDER is where the copy lies instead. Bugs are lines of the
sources: where such a line was changed, say there what the bug is now. A bug that survives shows a test that is missing.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
COPY = pathlib.Path(os.environ.get("MUTANTS_FOLDER", ROOT / "build" / "mutants"))
BUILD = COPY / "build" / "release"
SECONDS = 240  # a test that takes longer hangs, which is noticed too


def read_bugs(names):
    """The bugs, each checked against the sources."""
    bugs = json.loads(pathlib.Path(__file__).with_suffix(".json").read_text())
    known = [bug["name"] for bug in bugs]
    faults = [f"there is no bug {name}; known are {', '.join(known)}" for name in names if name not in known]
    for bug in bugs:
        found = (ROOT / bug["file"]).read_text().count(bug["old"]) if (ROOT / bug["file"]).exists() else 0
        if found != 1:
            faults.append(f"{bug['name']}: {bug['file']} has its line {found} times; needed is once: {bug['old']!r}")
    if faults:
        print("\n".join(faults), file=sys.stderr)
        sys.exit(2)
    return [bug for bug in bugs if not names or bug["name"] in names]


def copy_sources():
    """What git knows, and what was changed since; only files that differ are written, so that builds stay short."""
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"], check=True,
                            stdout=subprocess.PIPE).stdout.decode().split("\0")
    wanted = {name for name in listed if name and (ROOT / name).is_file()}
    for name in wanted:
        source, target = ROOT / name, COPY / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_bytes() != source.read_bytes():
            shutil.copy(source, target)
    for path in COPY.rglob("*"):
        if path.is_file() and BUILD.parent not in path.parents and str(path.relative_to(COPY)) not in wanted:
            path.unlink()


def build(targets):
    """The messages of a build that failed, else nothing."""
    done = subprocess.run(["ninja", "-C", BUILD, "-j", os.environ.get("JOBS", str(os.cpu_count())), *targets],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.stdout[-3000:] if done.returncode else ""


def commands(tests):
    """How tests are run: of a program with a filter, or of a driver of tests/trust."""
    for program, chosen in tests.items():
        if program == "trust":
            yield ["/usr/bin/python3", "-m", "unittest", "discover", "-f", "-s", COPY / "tests" / "trust", "-p", chosen]
        else:
            yield [BUILD / "tests" / program, "--gtest_brief=1", "--gtest_fail_fast", f"--gtest_filter={chosen}"]


def targets(tests):
    return [target for program in tests for target in (("engram_program", "fault_shim") if program == "trust" else (program,))]


def failure(tests):
    """Why one of the tests fails, "" if none does."""
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", ENGRAM_PROGRAM=str(BUILD / "engram"),
                       ENGRAM_FAULT_SHIM=str(BUILD / "tests" / "libfault_shim.so"))
    for command in commands(tests):
        try:
            done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, errors="replace", timeout=SECONDS, cwd=BUILD)
        except subprocess.TimeoutExpired:
            return "no end"
        if done.returncode:
            lines = [line for line in done.stdout.splitlines() if line.startswith(("[  FAILED  ]", "FAIL:", "ERROR:"))]
            return lines[0].split("]")[-1].split(" (")[0].strip() if lines else f"exit code {done.returncode}"
    return ""


def judge(bug):
    """What noticed the bug, None if nothing did; SystemExit where it does not compile, so that it shows nothing."""
    path = COPY / bug["file"]
    whole = path.read_text()
    path.write_text(whole.replace(bug["old"], bug["new"]))
    try:
        if messages := build(targets(bug["tests"])):
            raise SystemExit(f"{bug['name']} does not compile:\n{messages}")
        return failure(bug["tests"]) or None
    finally:
        path.write_text(whole)


def main():
    bugs = read_bugs([name for name in sys.argv[1:] if name != "--check"])
    if "--check" in sys.argv:
        return 0
    copy_sources()
    subprocess.run(["cmake", "--preset", "release", "-DENGRAM_CUDA=OFF"], cwd=COPY, check=True, stdout=subprocess.DEVNULL)
    messages = build(sorted({target for bug in bugs for target in targets(bug["tests"])}))
    if messages:
        sys.exit(f"the sources do not compile:\n{messages}")
    for tests in [json.loads(text) for text in sorted({json.dumps(bug["tests"]) for bug in bugs})]:
        if broken := failure(tests):
            sys.exit(f"without any bug there fails: {broken}")
    survivors = []
    print(f"{'bug':30} {'file':40} {'s':>4}  noticed by", flush=True)
    for bug in bugs:
        began = time.monotonic()
        noticed = judge(bug)
        seconds = time.monotonic() - began
        print(f"{bug['name']:30} {bug['file']:40} {seconds:4.0f}  {noticed or 'NOBODY: ' + bug['what']}", flush=True)
        if not noticed:
            survivors.append(bug["name"])
    print(f"{len(bugs) - len(survivors)} of {len(bugs)} noticed")
    return 1 if len(survivors) > len(bugs) // 20 else 0


if __name__ == "__main__":
    sys.exit(main())
