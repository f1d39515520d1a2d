"""A wheel is built and installed into an empty environment, where PyPI can be reached; it computes there."""

import pathlib

from environments import call, made

SOURCE = pathlib.Path(__file__).parents[3]

PROGRAM = """
import numpy as np, engram_sim as eg
assert "site-packages" in eg.__file__, eg.__file__
for precision in ("float", "double"):
    net = eg.Sorn(ne=50, seeds=3, precision=precision)
    net.run(20)
    assert np.isfinite(net["te"]).all() and net["te"].dtype == {"float": "float32", "double": "float64"}[precision]
run = eg.run({"schema": "engram/1", "model": {"type": "sorn", "ne": 50}, "phases": [{"steps": 10}]}, out="run", progress=None)
from engram_sim.compat.simulation import fetch_digits_data
assert fetch_digits_data().images.shape == (1797, 8, 8)
print(run.status)
"""


def test_a_wheel_serves_an_empty_environment(tmp_path):
    builder = made(tmp_path / "builder", "build")
    call([builder, "-m", "build", "--wheel", "-o", tmp_path, SOURCE])
    (wheel,) = tmp_path.glob("engram_sim-*.whl")
    assert wheel.stat().st_size < 100 * 2**20  # more is refused by PyPI
    python = made(tmp_path / "venv", wheel)
    assert call([python, "-c", PROGRAM], cwd=tmp_path).split()[-1] == "complete"
