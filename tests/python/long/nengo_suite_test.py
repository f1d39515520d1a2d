"""Nengo's own suite of tests against our Simulator."""

import os
import pathlib

import pytest

from engram_sim import native
from environments import call, made

SOURCE = pathlib.Path(__file__).parents[3]


def test_the_suite_of_nengo(tmp_path):
    if native.find("double") is None:
        pytest.skip("the module in double precision is not built: cmake --build --preset cpu-double --target engram_python")
    python = made(tmp_path / "venv", "-r", SOURCE / "tests" / "python" / "nengo_suite.txt", system=True)
    said = call([python, SOURCE / "tools" / "nengo_suite.py", "--passed", "535", "--native", "470"],
                path=os.pathsep.join([str(SOURCE / "python"), os.environ.get("PYTHONPATH", "")]), cwd=tmp_path)  # fmt: skip
    print(said[-2000:])
