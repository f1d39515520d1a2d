#!/usr/bin/env python3
"""Times the seed programs (tests/python/seeds) on the front ends and, where they are installed, on the original packages:
the calls into the package alone, after imports, without drawing, the median of several runs.

    PYTHONPATH=python python3 bench/seeds.py [--runs 5] [--only sorn,nengo] [--json FILE]
"""

import argparse
import importlib
import importlib.util
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time

SEEDS = pathlib.Path(__file__).parents[1] / "tests" / "python" / "seeds"
# Script, package, and what is called: a function of a module, or a method.
PROGRAMS = {
    "associate": ("assembly", ["assembly.simulate:Simulator.__init__", "assembly.simulate:Simulator.simulate"]),
    "sequence": ("simulation", ["simulation.utils:continous_inference_and_learning"]),
    "associative_memory": ("nengo", ["nengo:Simulator.run"]),
    "leabra_two_neurons": ("leabra7", ["leabra7:Net.cycle", "leabra7:Net.logs"]),
    "leabra_pattern_association": (
        "leabra7",
        [f"leabra7:Net.{m}" for m in ("cycle", "minus_phase_cycle", "plus_phase_cycle", "learn", "clamp_layer", "observe")],
    ),
    "sorn_readme": ("sorn", ["sorn:Simulator.run", "sorn:Trainer.run"]),
}
# What today's originals cannot run of a published script: names that went, and sizes that contradict the state given.
REPAIRS = {
    "associative_memory": [("import nengo.ipynb\n", ""), ("post_tau", "post_synapse")],
    "sorn_readme": [("ne=100, nu=num_features,\nlambda_ee=10, ", "nu=num_features, ")],
}
ORIGINALS = {"nengo": "nengo==4.1.0", "sorn": "sorn==0.7.4"}  # those that PyPI has


class Watch:
    """Adds up the time within functions, of nested calls that of the outermost."""

    def __init__(self):
        self.seconds, self._inside = 0.0, False

    def wrap(self, place):
        module, _, path = place.partition(":")
        holder = importlib.import_module(module)
        *owners, name = path.split(".")
        for owner in owners:
            holder = getattr(holder, owner)
        function = getattr(holder, name)

        def timed(*arguments, **keywords):
            if self._inside:
                return function(*arguments, **keywords)
            self._inside, began = True, time.perf_counter()
            try:
                return function(*arguments, **keywords)
            finally:
                self.seconds += time.perf_counter() - began
                self._inside = False

        setattr(holder, name, timed)


def run_once(program, original):
    """In a process of its own: seconds within the package."""
    package, calls = PROGRAMS[program]
    if not original:
        from engram_sim.compat import __main__ as runner

        runner.offer(package)
    text = (SEEDS / f"{program}.py").read_text()
    for old, new in REPAIRS.get(program, []) if original else []:
        text = text.replace(old, new)
    watch = Watch()
    for call in calls:
        watch.wrap(call)
    if package == "nengo":
        importlib.import_module("nengo").rc["progress"]["progress_bar"] = "False"
    with open(os.devnull, "w") as nowhere:
        out, sys.stdout = sys.stdout, nowhere
        try:
            exec(compile(text, program, "exec"), {"__name__": "__main__"})
        finally:
            sys.stdout = out
    print(json.dumps(watch.seconds))


def median(program, original, runs):
    """Seconds, or why there are none."""
    seconds = []
    command = [sys.executable, __file__, "--once", program, *(["--original"] if original else [])]
    path = os.pathsep.join(os.path.abspath(p) for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(runs):
            done = subprocess.run(command, capture_output=True, text=True, cwd=folder,
                                  env={**os.environ, "MPLBACKEND": "Agg", "PYTHONPATH": path})  # fmt: skip
            if done.returncode:
                return None, done.stderr.strip().splitlines()[-1]
            seconds.append(json.loads(done.stdout.splitlines()[-1]))
    return sorted(seconds)[len(seconds) // 2], None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", help="packages, with commas between")
    parser.add_argument("--json", help="file for the figures")
    parser.add_argument("--once", help=argparse.SUPPRESS)
    parser.add_argument("--original", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.once:
        return run_once(options.once, options.original)
    figures = {"date": time.strftime("%Y-%m-%d"), "processor": processor(), "seconds": {}}
    for program, (package, _) in PROGRAMS.items():
        if options.only and package not in options.only.split(","):
            continue
        ours, why = median(program, False, options.runs)
        print(f"{program} ({package}): {f'{ours:.4f} s' if ours is not None else why}", end="", flush=True)
        theirs = None
        if importlib.util.find_spec(package) is None:
            print(f"; the original is not installed{f' (pip install {ORIGINALS[package]})' if package in ORIGINALS else ''}")
        else:
            theirs, why = median(program, True, options.runs)
            times = f", {theirs / ours:.1f} times" if theirs and ours else ""
            print(f"; original: {why or f'{theirs:.4f} s'}{times}")
        figures["seconds"][program] = {"engram": ours, "original": theirs}
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(figures, indent=1) + "\n")


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if pathlib.Path("/proc/cpuinfo").exists() else []:
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return platform.processor()


if __name__ == "__main__":
    main()
