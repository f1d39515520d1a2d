#!/usr/bin/env python3
"""Measures all cases and writes bench/results/NAME.json; prints the table of the README from such a file.

    bench/record.py build/release/engram --machine "AMD EPYC 9755, 2 of its cores" --out bench/results/2026-01-31-epyc-cpu-float.json
    bench/record.py --table bench/results/2026-01-31-epyc-cpu-float.json
    bench/record.py --lines slot/bench.jsonl --machine "NVIDIA H100" --out bench/results/2026-01-31-h100-float.json

With more than one thread in --threads every case is measured with each of them, in turns. The file is whole after each
case: one that fails or takes longer than --limit is named under "failed", and the others go on. Goals stand in goals.json;
those of a GPU are of an H200, beside the floor that bytes, operations or launches set; on a device such cases come first,
what the host does alone is left out, and the table scales both by the copy bandwidth that the card reached. --lines takes
what tools/gpu_slot.sh measured.
"""
import argparse
import datetime
import json
import pathlib
import re
import subprocess
import sys

GOALS = json.loads((pathlib.Path(__file__).parent / "goals.json").read_text())


def measured(options, threads, case, *more):
    """The measurement, or why there is none."""
    command = [options.engram, "bench", "--json", "--backend", options.backend, "--threads", str(threads), "--min-time", str(options.min_time),
               "--filter", case, *more]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=options.limit)
    except subprocess.TimeoutExpired:
        return None, f"ended after {options.limit:g} s"
    if done.returncode:
        return None, f"exit code {done.returncode}: {done.stderr.strip()[-300:]}"
    return json.loads(done.stdout), None


def turns(options):
    """Case, threads and further arguments of each measurement."""
    names = subprocess.run([options.engram, "bench", "--list", "--json", "--filter", options.filter], stdout=subprocess.PIPE, text=True, check=True)
    listed = [json.loads(line) for line in names.stdout.splitlines()]
    cases = [line["case"] for line in listed if options.backend != "cuda" or not line.get("host_only")]
    if options.backend == "cuda":
        cases.sort(key=lambda case: case not in GOALS["seconds_h200"])
    for case in cases:
        for threads in options.threads:
            yield case, threads, ()
        if options.backend == "cuda" and case.startswith("sorn.replicas"):  # as many as fill a GPU
            yield case, 1, ("--replicas", "1000")


def write(options, whole):
    """Replaces the file, so that whoever ends this program early keeps what was measured."""
    new = options.out.with_name(options.out.name + ".new")
    new.write_text(json.dumps(whole, indent=1) + "\n")
    new.replace(options.out)


def about(options, build, command):
    return {"date": datetime.date.today().isoformat(), "machine": options.machine, "build": build, "command": command, "cases": []}


def record(options):
    build = subprocess.run([options.engram, "info", "--json"], stdout=subprocess.PIPE, text=True, check=True)
    whole = about(options, json.loads(build.stdout), f"engram bench --json --min-time {options.min_time} --filter CASE, one process a case")
    for case, threads, more in turns(options):
        line, why = measured(options, threads, case, *more)
        name = " ".join((case, *more))
        if line:
            whole["cases"].append(line)
        else:
            whole.setdefault("failed", []).append({"case": name, "threads": threads, "why": why})
        print(f"{name}, {threads} thread(s): {text(line['seconds_per_step']) if line else 'FAILED, ' + why}", flush=True)
        write(options, whole)
    return 1 if "failed" in whole else 0


def take_lines(options):
    whole = about(options, {}, "tools/gpu_slot.sh")
    whole["cases"] = [json.loads(line) for line in options.lines.read_text().splitlines() if line.startswith("{")]
    write(options, whole)


def text(seconds):
    for unit, size in (("s", 1), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size or unit == "us":
            return f"{seconds / size:.3g} {unit}"


def judged(value, goal, show, met):
    return "" if goal is None else show(goal) + ("" if met(value, goal) else " missed")


def table_of_device(lines):
    copy = max(line.get("copy_gb_per_s", 0) for line in lines)
    slower = GOALS["copy_gb_per_s_h200"] / copy if copy else 1
    slower = slower if slower > 1.02 else 1  # less is the same card on another day
    if copy:
        print(f"{lines[0]['device']}, copy {copy:.0f} GB/s{f': goals and floors of an H200 times {slower:.2f}' if slower > 1 else ''}\n")
    print("| case | measured | goal | floor | of bandwidth |\n|---|---|---|---|---|")
    for line in lines:
        case = re.sub(r"R=\d+", f"R={line['replicas']}", line["case"])
        goal, floor = (GOALS[name].get(case) for name in ("seconds_h200", "floor_seconds_h200"))
        goal, floor = (seconds and seconds * slower for seconds in (goal, floor))
        print(f"| `{case}` | {text(line['seconds_per_step'])} | {judged(line['seconds_per_step'], goal, text, lambda v, g: v <= g)} | "
              f"{text(floor) if floor else ''} | {line['fraction_of_bandwidth']:.2f} |")


def table(path):
    recorded = json.loads(path.read_text())
    if recorded["cases"][0].get("backend") == "cuda":
        return table_of_device(recorded["cases"])
    by_case = {}
    for line in recorded["cases"]:
        by_case.setdefault(line["case"], {})[line["threads"]] = line
    print("| case | one thread | goal | of bandwidth | two threads | goal |\n|---|---|---|---|---|---|")
    for case, lines in by_case.items():
        one, two = lines.get(1), lines.get(2)
        if not one:
            continue
        goal = judged(one["seconds_per_step"], GOALS["seconds_one_thread"].get(case), text, lambda v, g: v <= g)
        scale = one["seconds_per_step"] / two["seconds_per_step"] if two else None
        wanted = judged(scale, GOALS["speed_of_two_threads"].get(case) if scale else None, lambda g: f"{g:.2g}x", lambda v, g: v >= g)
        print(f"| `{case}` | {text(one['seconds_per_step'])} | {goal} | {one['fraction_of_bandwidth']:.2f} | "
              f"{f'{scale:.2f}x' if scale else ''} | {wanted} |")
    for case, goal in GOALS["peak_mb"].items():
        if value := by_case.get(case, {}).get(1, {}).get("peak_mb"):
            print(f"\n`{case}`, largest resident size: {value:.3g} MB (goal {goal:g}{'' if value <= goal else ', missed'})")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("engram", type=pathlib.Path, nargs="?")
    parser.add_argument("--table", type=pathlib.Path, help="print this file's table instead of measuring")
    parser.add_argument("--lines", type=pathlib.Path, help="take the measurements of this file, a line each")
    parser.add_argument("--machine", help="what to call this machine")
    parser.add_argument("--filter", default="*")
    parser.add_argument("--backend", default="cpu")
    parser.add_argument("--threads", type=lambda s: [int(t) for t in s.split(",")], default=[1, 2])
    parser.add_argument("--min-time", type=float, default=0.3)
    parser.add_argument("--limit", type=float, default=600, help="seconds for a case")
    parser.add_argument("--out", type=pathlib.Path)
    options = parser.parse_args()
    if options.table:
        table(options.table)
    elif options.lines and options.machine and options.out:
        take_lines(options)
    elif options.engram and options.machine and options.out:
        sys.exit(record(options))
    else:
        parser.error("name the program (or a file for --lines), --machine and --out, or a file for --table")


if __name__ == "__main__":
    main()
