"""Every notebook of examples/notebooks runs from its first cell to its last in a kernel, by nbclient."""

import importlib.util
import json
import os
import pathlib

import pytest

from environments import call, made

SOURCE = pathlib.Path(__file__).parents[3]
NOTEBOOKS = sorted((SOURCE / "examples" / "notebooks").glob("*.ipynb"))
NEEDS = {"associative_memory": ["scipy"], "leabra": ["pandas"], "associate": ["pandas"]}

RUN = """
import sys
import nbclient, nbformat
nbclient.NotebookClient(nbformat.read(sys.argv[1], 4), timeout=300, kernel_name="python3").execute()
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """An interpreter with a kernel, and with nengo, which no distribution packages. What draws in notebooks is of the age
    of the distribution's matplotlib: a later one asks for what that does not have."""
    return made(tmp_path_factory.mktemp("kernel") / "venv", "nbclient", "nbformat", "ipykernel", "ipython<9", "matplotlib-inline<=0.1.6",
                "nengo==4.1.0", system=True)  # fmt: skip


def test_there_is_one_a_seed_and_one_of_replicas():
    assert len(NOTEBOOKS) == 6


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_runs(path, tmp_path, python):
    missing = [p for p in NEEDS.get(path.stem, []) if importlib.util.find_spec(p) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed")
    modules = os.pathsep.join([str(SOURCE / "python"), os.environ.get("PYTHONPATH", "")])
    call([python, "-c", RUN, path], path=modules, cwd=tmp_path)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_is_kept_without_output(path):
    text = path.read_text()
    book = json.loads(text)
    assert text == json.dumps(book, indent=1) + "\n"
    for cell in book["cells"]:
        assert not cell.get("outputs") and cell.get("execution_count") is None
