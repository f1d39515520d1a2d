"""Nengo's own suite of tests against our Simulator, and our tests that need nengo, which no distribution packages."""

import os
import pathlib

import pytest

from engram_sim import native
from environments import call, made

SOURCE = pathlib.Path(__file__).parents[3]
MODULES = os.pathsep.join([str(SOURCE / "python"), os.environ.get("PYTHONPATH", "")])


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """An interpreter that has nengo."""
    folder = tmp_path_factory.mktemp("nengo") / "venv"
    return made(folder, "-r", SOURCE / "tests" / "python" / "nengo_suite.txt", system=True)


def test_the_suite_of_nengo(tmp_path, python):
    if native.find("double") is None:
        pytest.skip("the module in double precision is not built: cmake --build --preset cpu-double --target engram_python")
    said = call([python, SOURCE / "tools" / "nengo_suite.py", "--passed", "535", "--native", "470"],
                path=MODULES, cwd=tmp_path)  # fmt: skip
    print(said[-2000:])


@pytest.mark.parametrize("precision", ["float", "double"])
def test_what_needs_nengo(precision, python, monkeypatch):
    if native.find(precision) is None:
        pytest.skip(f"the module in {precision} precision is not built")
    monkeypatch.setenv("ENGRAM_TEST_PRECISION", precision)
    said = call([python, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider",
                 *sorted((SOURCE / "tests" / "python" / "engine").glob("nengo*_test.py"))], path=MODULES)  # fmt: skip
    assert "skipped" not in said, said
