#!/usr/bin/env python3
"""Flags cases that lost more than a tenth of their speed: two programs take turns on this machine, case by case.

    bench/regress.py build/release/engram --recorded bench/results/2026-01-31-epyc-cpu-float.json   # builds that commit first
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


def built(recorded):
    """The program of the commit that a results file names, built beside this checkout's builds."""
    commit = json.loads(recorded.read_text())["build"]["commit"].removesuffix("-dirty")
    tree = ROOT / "build" / f"baseline-{commit}"
    if not tree.exists():
        subprocess.run(["git", "-C", ROOT, "worktree", "add", "--detach", tree, commit], check=True)
    for command in (["cmake", "--preset", "cpu"], ["cmake", "--build", "--preset", "cpu", "--target", "engram_program"]):
        subprocess.run(command, cwd=tree, check=True, stdout=subprocess.DEVNULL)
    return tree / "build/cpu/engram"


def seconds(program, options, case):
    command = [program, "bench", "--json", "--backend", options.backend, "--threads", str(options.threads), "--min-time",
               str(options.min_time), "--filter", case]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"failed with {done.returncode}: {' '.join(map(str, command))}")
    return json.loads(done.stdout)["min"]  # the least disturbed one


def ratio(old, options, case, turns):
    ratios = []
    for turn in range(turns):
        order = ("old", "new") if turn % 2 == 0 else ("new", "old")  # neither always comes first
        found = {which: seconds(old if which == "old" else options.engram, options, case) for which in order}
        ratios.append(found["new"] / found["old"])
    return statistics.median(ratios)


def names(program, pattern):
    done = subprocess.run([program, "bench", "--list", "--json", "--filter", pattern], stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line)["case"] for line in done.stdout.splitlines()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("engram", type=pathlib.Path)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--recorded", type=pathlib.Path)
    which.add_argument("--old", type=pathlib.Path)
    parser.add_argument("--filter", default="*")
    parser.add_argument("--backend", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--min-time", type=float, default=0.2)
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    old = options.old or built(options.recorded)
    known, flagged = set(names(old, "*")), []
    for case in names(options.engram, options.filter):
        if case not in known:
            print(f"{case:48} new")
            continue
        found = ratio(old, options, case, options.turns)
        if found > 1.1:
            found = ratio(old, options, case, 2 * options.turns)
        if found > 1.1:
            flagged.append(case)
        print(f"{case:48} {found:6.2f}{'  LOST MORE THAN A TENTH' if found > 1.1 else ''}", flush=True)
    print(f"{len(flagged)} cases flagged" if flagged else "no case lost more than a tenth")
    return 1 if flagged else 0


if __name__ == "__main__":
    sys.exit(main())
