#!/usr/bin/env python3
"""Flags cases that lost more than a tenth of their speed: two programs take turns on this machine, case by case.

    bench/regress.py build/release/engram                                # against the last recorded run of this machine
    bench/regress.py build/release/engram --recorded bench/results/2026-01-31-epyc-cpu-float.json
    bench/regress.py build/release/engram --commit v0.1                  # builds that commit, below build/
    bench/regress.py build/release/engram --old other/engram [--filter 'sorn*'] [--threads 2]

A recorded time alone would judge the day's machine, not the change: therefore the recorded commit is built and run again.
A case is flagged when the median of the ratios of its turns is above 1.1, and then measured again with twice the turns
before it counts. Exit code 1 if any case is flagged.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MOST = 1.1


def output(command, **how):
    """What a command writes to its standard output; ends this program if it fails."""
    try:
        done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True, **how)
    except OSError as error:
        sys.exit(f"{error}: {' '.join(map(str, command))}")
    if done.returncode:
        sys.exit(f"{done.stdout}failed with {done.returncode}: {' '.join(map(str, command))}")
    return done.stdout


def last_recorded(folder, info, backend, threads):
    """The newest results of this machine, precision, backend and number of threads."""
    device = info["cpu"]["name"] if backend == "cpu" else info["cuda"].get("name", "none")
    for path in sorted(folder.glob("*.json"), reverse=True):  # names begin with the date
        found = json.loads(path.read_text())
        if any((c.get("device"), c.get("precision"), c.get("backend"), c.get("threads")) == (device, info["precision"], backend, threads)
               for c in found["cases"]) and "build" in found:
            return path
    sys.exit(f"{folder} holds no run of {device} ({backend}, {threads} thread(s), {info['precision']}); name one by --recorded, --commit or --old")


def built(commit, precision):
    """The program of a commit, built below this checkout's build folder by itself: slow the first time."""
    commit = output(["git", "-C", ROOT, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}"]).strip()
    tree, preset = ROOT / "build" / f"baseline-{commit[:12]}", "cpu-double" if precision == "double" else "cpu"
    if not (tree / "CMakeLists.txt").exists():
        output(["git", "clone", "--quiet", "--shared", "--no-checkout", ROOT, tree])
        output(["git", "-C", tree, "checkout", "--quiet", "--detach", commit])
    print(f"building {commit[:12]} in {tree}", file=sys.stderr)
    for command in (["cmake", "--preset", preset], ["cmake", "--build", "--preset", preset, "--target", "engram_program"]):
        output(command, cwd=tree)
    return tree / "build" / preset / "engram"


def seconds(program, options, case):
    found = output([program, "bench", "--json", "--backend", options.backend, "--threads", options.threads, "--min-time",
                    options.min_time, "--filter", case])
    return json.loads(found)["min"]  # the least disturbed one


def ratio(old, options, case, turns):
    ratios = []
    for turn in range(turns):
        order = ("old", "new") if turn % 2 == 0 else ("new", "old")  # neither always comes first
        found = {which: seconds(old if which == "old" else options.engram, options, case) for which in order}
        ratios.append(found["new"] / found["old"])
    return statistics.median(ratios)


def names(program, pattern):
    return [json.loads(line)["case"] for line in output([program, "bench", "--list", "--json", "--filter", pattern]).splitlines()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("engram", type=pathlib.Path)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--recorded", type=pathlib.Path, metavar="RESULTS")
    which.add_argument("--commit")
    which.add_argument("--old", type=pathlib.Path, metavar="PROGRAM")
    parser.add_argument("--results", type=pathlib.Path, default=ROOT / "bench/results", help="where recorded runs lie")
    parser.add_argument("--filter", default="*")
    parser.add_argument("--backend", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--min-time", type=float, default=0.2)
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    info = json.loads(output([options.engram, "info", "--json"]))
    old = options.old
    if not old:
        commit = options.commit
        if not commit:
            recorded = options.recorded or last_recorded(options.results, info, options.backend, options.threads)
            print(f"against {recorded}", file=sys.stderr)
            commit = json.loads(recorded.read_text())["build"]["commit"].removesuffix("-dirty")
        old = built(commit, info["precision"])
    known, flagged = set(names(old, "*")), []
    for case in names(options.engram, options.filter):
        if case not in known:
            print(f"{case:48} new")
            continue
        found = ratio(old, options, case, options.turns)
        if found > MOST:
            found = ratio(old, options, case, 2 * options.turns)
        if found > MOST:
            flagged.append(case)
        print(f"{case:48} {found:6.2f}{'  LOST MORE THAN A TENTH' if found > MOST else ''}", flush=True)
    print(f"{len(flagged)} cases flagged" if flagged else "no case lost more than a tenth")
    return 1 if flagged else 0


if __name__ == "__main__":
    sys.exit(main())
