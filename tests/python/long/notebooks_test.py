"""Every notebook of examples/notebooks runs from its first cell to its last: by nbclient in a kernel where both are
installed, else cell by cell in an interpreter of its own."""

import importlib.util
import json
import os
import pathlib
import subprocess
import sys

import pytest

SOURCE = pathlib.Path(__file__).parents[3]
NOTEBOOKS = sorted((SOURCE / "examples" / "notebooks").glob("*.ipynb"))
NEEDS = {"associative_memory": ["nengo"], "leabra": ["pandas"], "associate": ["pandas"]}

CELLS = """
import json, sys
import matplotlib
matplotlib.use("Agg")
names = {"__name__": "__main__"}
for k, cell in enumerate(json.load(open(sys.argv[1]))["cells"]):
    if cell["cell_type"] == "code":
        exec(compile("".join(cell["source"]), f"{sys.argv[1]}, cell {k}", "exec"), names)
"""


def test_there_is_one_a_seed_and_one_of_replicas():
    assert len(NOTEBOOKS) == 6


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_runs(path, tmp_path):
    missing = [p for p in NEEDS.get(path.stem, []) if importlib.util.find_spec(p) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed")
    if all(importlib.util.find_spec(p) for p in ("nbclient", "nbformat", "ipykernel")):
        import nbclient
        import nbformat

        nbclient.NotebookClient(nbformat.read(path, 4), timeout=120, resources={"metadata": {"path": tmp_path}}).execute()
        return
    done = subprocess.run([sys.executable, "-c", CELLS, path], cwd=tmp_path, capture_output=True, text=True, timeout=300,
                          env={**os.environ, "MPLBACKEND": "Agg"})  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_is_kept_without_output(path):
    text = path.read_text()
    book = json.loads(text)
    assert text == json.dumps(book, indent=1) + "\n"
    for cell in book["cells"]:
        assert not cell.get("outputs") and cell.get("execution_count") is None
