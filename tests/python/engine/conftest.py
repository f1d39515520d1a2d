"""Tests of what computes, run by pytest once a precision: the module of the build stands in PYTHONPATH."""

import os
import pathlib

import pytest

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
