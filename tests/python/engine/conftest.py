"""Tests of what computes, run by pytest once a precision: the module of the build stands in PYTHONPATH."""

import os
import pathlib
import runpy
import sys

import numpy as np
import pytest
from scripts import SEEDS

import engram_sim as eg
from engram_sim import compat, native

SOURCE = pathlib.Path(__file__).parents[3]
PROGRAM = os.environ.get("ENGRAM_PROGRAM")
PRECISION = os.environ.get("ENGRAM_TEST_PRECISION")


@pytest.fixture(autouse=True, scope="session")
def precision():
    eg.use(PRECISION)
    yield native.module().precision


@pytest.fixture
def source():
    return SOURCE


@pytest.fixture
def program():
    if not PROGRAM:
        pytest.skip("ENGRAM_PROGRAM names no program")
    return PROGRAM


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Nothing is written into the checkout."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def unseeded():
    """What one test seeds does not reach the next."""
    yield
    compat.seed(None)


@pytest.fixture
def script(monkeypatch):
    """Runs a seed as `python -m engram_sim.compat` does; its global names."""
    monkeypatch.setenv("MPLBACKEND", "Agg")
    before = dict(sys.modules)

    def run(name, *packages):
        from engram_sim.compat import __main__ as runner

        np.random.seed(0)
        for package in packages:
            runner.offer(package)
        return runpy.run_path(str(SEEDS / name), run_name="__main__")

    yield run
    for name in list(sys.modules):
        if name.split(".")[0] in ("assembly", "simulation", "sorn", "leabra7", "nengo"):
            if name in before:
                sys.modules[name] = before[name]
            else:
                del sys.modules[name]
