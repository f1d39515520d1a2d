#!/usr/bin/env python3
"""Compares engram with its peers in one run: bench/compare.py build/release/engram [--filter 'sorn*'] [--out FOLDER].

Case by case engram and each peer take turns, so that both meet the same machine; the medians over the turns are
compared. Writes compare.json and compare.png into --out and a table to the screen.
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


def lines(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode or not found:
        sys.exit(f"failed with {done.returncode}: {' '.join(map(str, command))}")
    return found


def turn(options, case, libraries):
    """One measurement of engram and of each peer, one after the other."""
    common = ["--threads", str(options.threads), "--min-time", str(options.min_time), "--filter", case]
    ours = lines([options.engram, "bench", "--json", "--backend", options.device] + common)
    peers = [line for library in libraries
             for line in lines([sys.executable, HERE / "peers/run.py", "--device", options.device, "--library", library] + common)]
    return [ours[0]] + peers


def text(seconds):
    for unit, size in (("s", 1), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size or unit == "us":
            return f"{seconds / size:.3g} {unit}"


def draw(rows, title, path):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(9, 0.27 * len(rows) + 1.4))
    colours = {"numpy": "#4c78a8", "scipy": "#72b7b2", "torch": "#e45756"}
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("engram", type=pathlib.Path, help="the program, a float build")
    parser.add_argument("--filter", default="*")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--min-time", type=float, default=0.2)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("out/compare"))
    options = parser.parse_args()

    peers = lines([sys.executable, HERE / "peers/run.py", "--list", "--device", options.device])
    installed = {}
    for peer in peers:
        if fnmatch.fnmatchcase(peer["case"], options.filter):
            installed.setdefault(peer["case"], []).append(peer["peer"])
    if not installed:
        sys.exit(f"no peer does a case that fits \"{options.filter}\"")
    rows, machine = [], None
    print(f"{'case':46} {'peer':6} {'engram':>9} {'peer':>9} {'ratio':>8} {'of bw':>8}")
    for case, libraries in installed.items():
        turns = [turn(options, case, libraries) for _ in range(options.turns)]
        machine = turns[0][0]["device"]
        ours = statistics.median(t[0]["seconds_per_step"] for t in turns)
        fraction = statistics.median(t[0]["fraction_of_bandwidth"] for t in turns)
        for i, peer in enumerate(turns[0][1:], 1):
            theirs = statistics.median(t[i]["seconds_per_step"] for t in turns)
            rows.append({"case": case, "peer": peer["peer"], "version": peer["version"], "note": peer["note"], "engram": ours,
                         "peer_seconds": theirs, "ratio": theirs / ours, "fraction_of_bandwidth": fraction})
            print(f"{case:46} {peer['peer']:6} {text(ours):>9} {text(theirs):>9} {theirs / ours:8.2f} {fraction:8.2f}", flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    about = {"date": datetime.date.today().isoformat(), "device": machine, "backend": options.device, "threads": options.threads,
             "precision": "float", "turns": options.turns, "min_time": options.min_time, "cases": rows}
    (options.out / "compare.json").write_text(json.dumps(about, indent=1) + "\n")
    draw(rows, f"engram against array libraries: {machine}, {options.threads} thread(s), float, {about['date']}", options.out / "compare.png")
    print(f"written: {options.out}/compare.json, {options.out}/compare.png")


if __name__ == "__main__":
    main()
