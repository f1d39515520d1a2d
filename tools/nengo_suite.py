#!/usr/bin/env python3
"""Runs the test suite of the installed nengo against engram_sim.compat.nengo.Simulator, and counts what passed and what
Python had to run. Needs nengo, scipy, pytest, pytest-rng, pytest-allclose, pytest-plt and a setuptools with
pkg_resources (tests/python/nengo_suite.txt).

    PYTHONPATH=python python3 tools/nengo_suite.py [--report FILE] [--passed 535 --native 470] [PYTEST ARGUMENTS]

Exits with 1 where fewer tests passed than asked for."""

import argparse
import collections
import json
import pathlib
import sys
import tempfile
import warnings

import nengo
import pytest

import engram_sim as eg
from engram_sim.compat import CompatWarning
from engram_sim.compat.nengo import simulator

# Patterns as those of nengo_test_unsupported, each with the reason.
EXCLUDED = {
    "tests/test_simulator.py::test_dtype[16]": "half precision is no type of the engine",
    "tests/test_simulator.py::test_entry_point": "needs the entry point of an installed package",
    "tests/test_learning_rules.py::test_rls_scalar_rate": "nengo itself misses the tolerance",
}


def is_users(op):
    """Whether an operator calls what a user wrote: a node function, a neuron type or a process of their own."""
    kind = type(op).__name__
    if kind == "SimPyFunc":
        return True
    part = {"SimNeurons": "neurons", "SimProcess": "process"}.get(kind)
    return part is not None and type(getattr(op, part)).__module__ not in ("nengo.neurons", "nengo.processes", "nengo.synapses")


class Counting:
    """A plugin of pytest: settings that nengo's repository makes for its tests, and what became of each test."""

    def __init__(self):
        self.outcomes, self.fallbacks, self.users = {}, collections.defaultdict(collections.Counter), {}
        make = simulator.Simulator._make

        def counted(sim):
            make(sim)
            for op in [op for ops in sim._compiled.fallbacks.values() for op in ops]:
                self.fallbacks[self.test][type(op).__name__] += 1
                self.users[self.test] = self.users.get(self.test, True) and is_users(op)

        simulator.Simulator._make = counted

    def pytest_configure(self, config):
        for section, name, value in [
            ("decoder_cache", "enabled", "False"), ("exceptions", "simplified", "False"),
            ("nengo.Simulator", "fail_fast", "True"), ("progress", "progress_bar", "False"),
        ]:  # fmt: skip
            nengo.rc[section][name] = value

    def pytest_runtest_setup(self, item):
        self.test = item.nodeid
        warnings.simplefilter("ignore", CompatWarning)

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or report.outcome != "passed":
            expected = hasattr(report, "wasxfail")
            self.outcomes[report.nodeid] = f"expected to be {report.outcome}" if expected else report.outcome

    def passed(self, native=False):
        return [test for test, outcome in self.outcomes.items()
                if outcome == "passed" and not (native and not self.users.get(test, True))]  # fmt: skip

    def report(self):
        return {test: {"outcome": outcome, "python": dict(self.fallbacks.get(test, {}))}
                for test, outcome in sorted(self.outcomes.items())}  # fmt: skip


def settings(folder):
    """A pytest.ini that names the simulator and what is excluded."""
    lines = ["[pytest]", "nengo_simulator = engram_sim.compat.nengo.Simulator", "nengo_test_unsupported ="]
    lines += [f'    {pattern}\n        "{reason}"' for pattern, reason in EXCLUDED.items()]
    path = pathlib.Path(folder, "pytest.ini")
    path.write_text("\n".join(lines) + "\n")
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--report", help="JSON: of each test its outcome, and how many operators Python ran")
    parser.add_argument("--passed", type=int, default=0, help="how many tests must pass")
    parser.add_argument("--native", type=int, default=0,
                        help="how many of these may ask Python for node functions and types of the user alone")  # fmt: skip
    options, arguments = parser.parse_known_args()
    eg.use("double")
    counting = Counting()
    with tempfile.TemporaryDirectory() as folder:
        pytest.main(["-c", str(settings(folder)), "--pyargs", "nengo", "-p", "no:cacheprovider", "-q", "--tb=short",
                     *arguments], plugins=[counting])  # fmt: skip
    if options.report:
        pathlib.Path(options.report).write_text(json.dumps(counting.report(), indent=1) + "\n")
    by_outcome = collections.Counter(counting.outcomes.values())
    total = sum(map(collections.Counter, counting.fallbacks.values()), collections.Counter())
    passed, native = len(counting.passed()), len(counting.passed(native=True))
    print("outcomes:", ", ".join(f"{n} {outcome}" for outcome, n in by_outcome.most_common()))
    print("run by Python:", ", ".join(f"{n} {name}" for name, n in total.most_common()) or "nothing")
    print(f"{passed} passed, {native} of them with no Python but node functions and types of the user")
    for pattern, reason in EXCLUDED.items():
        print(f"excluded: {pattern}: {reason}")
    return 1 if passed < options.passed or native < options.native else 0


if __name__ == "__main__":
    sys.exit(main())
