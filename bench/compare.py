#!/usr/bin/env python3
"""Compares engram with its peers in one run: bench/compare.py build/release/engram [--filter 'sorn*'] [--out FOLDER].
Prints recorded ratios as a table: bench/compare.py --table FILE...

Case by case engram and each peer take turns, so that both meet the same machine; the medians over the turns are
compared. Writes compare.json and compare.png into --out and a table to the screen. A library that another Python has is
taken along by --python jax=PYTHON; one that no Python has is named and left out.
"""
import argparse
import datetime
import fnmatch
import json
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).parent


class Failed(Exception):
    pass


def lines(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode or not found:
        raise Failed(f"failed with {done.returncode}: {' '.join(map(str, command))}")
    return found


def turn(options, case, libraries):
    """One measurement of engram and of each peer, one after the other. A peer that fails leaves the list, and is named."""
    common = ["--threads", str(options.threads), "--min-time", str(options.min_time), "--filter", case]
    found = {"engram": lines([options.engram, "bench", "--json", "--backend", options.device] + common)[0]}
    for library in list(libraries):
        python = options.python.get(library, sys.executable)
        try:
            found[library] = lines([python, HERE / "peers/run.py", "--device", options.device, "--library", library] + common)[0]
        except Failed as error:
            print(f"{case}: {error}", file=sys.stderr)
            libraries.remove(library)
            options.failed = True
    return found


def text(seconds):
    for unit, size in (("s", 1), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size or unit == "us":
            return f"{seconds / size:.3g} {unit}"


def brief(ratio):
    return f"{ratio:.0f}" if ratio >= 100 else f"{ratio:.2g}"


def draw(rows, title, path):
    try:
        import matplotlib
    except ImportError:
        print("matplotlib is not installed: no picture", file=sys.stderr)
        return

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(9, 0.27 * len(rows) + 1.4))
    colours = {"numpy": "#4c78a8", "scipy": "#72b7b2", "torch": "#e45756", "jax": "#54a24b", "cupy": "#f58518"}
    for y, row in enumerate(reversed(rows)):
        axes.barh(y, row["ratio"], left=0, color=colours.get(row["peer"], "grey"))
        axes.text(row["ratio"] * 1.08, y, f"{row['ratio']:.3g}", va="center", fontsize=8)
    axes.set_yticks(range(len(rows)), [f"{row['case']}  ({row['peer']})" for row in reversed(rows)], fontsize=8)
    axes.set_xscale("log")
    axes.set_xlim(min(0.8, min(row["ratio"] for row in rows)), max(row["ratio"] for row in rows) * 2.5)
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xlabel("time of a step of the peer / time of a step of engram, same run")
    axes.set_title(title, fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=110, bbox_inches="tight")


def table(paths):
    """The recorded ratios, a case a line; several files, such as of one and two threads, side by side in each cell."""
    runs = []
    for path in paths:
        cases = {}
        for row in json.loads(path.read_text())["cases"]:
            cases.setdefault(row["case"], {})[row["peer"]] = row
        runs.append(cases)
    used = {library for cases in runs for rows in cases.values() for library in rows}
    libraries = [name for name in ("numpy", "scipy", "torch", "cupy", "jax") if name in used]
    print(f"| case | engram | {' | '.join(libraries)} |\n|---|---|{'---|' * len(libraries)}")
    for case in runs[0]:
        found = [cases[case] for cases in runs if case in cases]
        cells = [" / ".join(brief(rows[name]["ratio"]) for rows in found if name in rows) for name in libraries]
        ours = " / ".join(text(next(iter(rows.values()))["engram"]) for rows in found)
        print(f"| `{case}` | {ours} | {' | '.join(cells)} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("engram", type=pathlib.Path, nargs="?", help="the program, a float build")
    parser.add_argument("--table", type=pathlib.Path, nargs="+", metavar="FILE", help="print the table of one compare.json or more instead of measuring")
    parser.add_argument("--filter", default="*")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--min-time", type=float, default=0.2)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("out/compare"))
    parser.add_argument("--python", action="append", default=[], metavar="LIBRARY=PYTHON", help="another interpreter for a library; may be repeated")
    options = parser.parse_args()

    if options.table:
        return table(options.table)
    if not options.engram:
        parser.error("name the program, or a file for --table")
    if wrong := [p for p in options.python if "=" not in p]:
        parser.error(f"--python {wrong[0]}: LIBRARY=PYTHON is needed")
    options.failed = False
    options.python = dict(p.split("=", 1) for p in options.python)
    known = [sys.executable, HERE / "peers/run.py", "--list", "--device", options.device]
    peers = [peer for peer in lines(known) if peer["peer"] not in options.python]
    for library, python in options.python.items():
        peers += lines([python] + known[1:] + ["--library", library])
    installed = {}
    for peer in peers:
        if fnmatch.fnmatchcase(peer["case"], options.filter):
            installed.setdefault(peer["case"], []).append(peer["peer"])
    if not installed:
        sys.exit(f"no peer does a case that fits \"{options.filter}\"")
    rows, machine = [], None
    print(f"{'case':46} {'peer':6} {'engram':>9} {'peer':>9} {'ratio':>8} {'of bw':>8}")
    options.out.mkdir(parents=True, exist_ok=True)
    for case, libraries in installed.items():
        turns = [turn(options, case, libraries) for _ in range(options.turns)]
        machine = turns[0]["engram"]["device"]
        ours = statistics.median(t["engram"]["seconds_per_step"] for t in turns)
        fraction = statistics.median(t["engram"]["fraction_of_bandwidth"] for t in turns)
        for library in libraries:
            theirs, peer = statistics.median(t[library]["seconds_per_step"] for t in turns), turns[0][library]
            rows.append({"case": case, "peer": library, "version": peer["version"], "note": peer["note"], "engram": ours,
                         "peer_seconds": theirs, "ratio": theirs / ours, "fraction_of_bandwidth": fraction})
            print(f"{case:46} {library:6} {text(ours):>9} {text(theirs):>9} {theirs / ours:8.2f} {fraction:8.2f}", flush=True)
        about = {"date": datetime.date.today().isoformat(), "device": machine, "backend": options.device, "threads": options.threads,
                 "precision": "float", "turns": options.turns, "min_time": options.min_time, "cases": rows}
        (options.out / "compare.json").write_text(json.dumps(about, indent=1) + "\n")  # after each case: a run may be cut short
    if not rows:
        sys.exit("every peer failed")
    draw(rows, f"engram against array libraries: {machine}, {options.threads} thread(s), float, {about['date']}", options.out / "compare.png")
    print(f"written: {options.out}/compare.json, {options.out}/compare.png")
    return 1 if options.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as error:
        sys.exit(str(error))
