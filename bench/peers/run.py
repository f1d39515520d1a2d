#!/usr/bin/env python3
"""Times the peers that fit a pattern: bench/peers/run.py --filter 'topk*' [--library numpy] [--device cpu] [--threads 1].

One JSON object a line, with the fields of `engram bench --json` as far as they exist here. A library that cannot run here
is named on the error stream, with the reason, and left out.
"""
import argparse
import fnmatch
import importlib
import json
import os
import pathlib
import platform
import sys

FAMILIES = ("topk", "assembly", "attractor", "calculus", "leabra", "sorn", "nef")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--filter", default="*")
    parser.add_argument("--library", default="*")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--min-time", type=float, default=0.3)
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):  # before a library is loaded
        os.environ[name] = str(options.threads)
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=" + ("true" if options.threads > 1 else "false")
    sys.path.insert(0, str(pathlib.Path(__file__).parent))
    from libraries import ON, unavailable
    from timing import measure

    chosen = [peer for family in FAMILIES for peer in importlib.import_module(family).PEERS
              if fnmatch.fnmatchcase(peer.case, options.filter) and fnmatch.fnmatchcase(peer.library, options.library)
              and peer.library in ON[options.device]]
    missing = {library: why for library in sorted({peer.library for peer in chosen}) if (why := unavailable(library, options.device))}
    for why in missing.values():
        print(f"{why}: its peers are left out", file=sys.stderr)
    chosen = [peer for peer in chosen if peer.library not in missing]
    if not chosen:
        print(f"no peer fits \"{options.filter}\" and library \"{options.library}\"", file=sys.stderr)
        return 2
    for peer in chosen:
        about = {"case": peer.case, "peer": peer.library, "device": options.device, "threads": options.threads,
                 "precision": "float", "note": peer.note}
        if not options.list:
            if peer.library == "jax" and options.device == "cpu":  # XLA knows no number of threads: it takes the cores that it finds
                os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:options.threads])
            about["version"] = importlib.import_module(peer.library).__version__
            about["machine"] = platform.machine()
            about |= measure(peer, options.device, options.min_time)
        print(json.dumps(about), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
