"""What the front ends share: seeds, which of them a script is offered, and help() on what they offer."""

import ast
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from engram_sim import compat
from engram_sim.compat.__main__ import imported


def drawn():
    """Something of everything that draws."""
    from engram_sim.compat import assembly, leabra7, simulation, sorn
    from engram_sim.compat.assembly import samplers

    weights = np.empty(5, np.float32)
    leabra7.Gaussian(0, 1).fill(weights)
    nw, *_, pattern, _, _, vfe = simulation.run_network(np.eye(3), 1, 1, 0.1, 4, 2, progress_bar=False)
    return [
        samplers.sample_k_active(500, 5), samplers.sample_bernoulli(40, proba=0.5), samplers.sample_uniform_masked(9, proba=0.5),
        assembly.AreaRNNHebb(60, out_features=60).weight_recurrent, weights, pattern, vfe, [simulation.random_CB(0.3)],
        sorn.Initializer.white_gaussian_noise(0, 1, 5), sorn.Simulator.run(np.zeros((3, 4)), ne=30)[0]["Wee"],
    ]  # fmt: skip


@pytest.mark.parametrize("seed", [compat.seed, np.random.seed])
def test_one_seed_makes_all_front_ends_repeatable(seed):
    results = []
    for value in (3, 3, 4):
        seed(value)
        results.append(drawn())
    for one, again, other in zip(*results):
        np.testing.assert_array_equal(one, again)
        assert not np.array_equal(one, other)


def test_a_seed_of_the_front_ends_leaves_the_numbers_of_numpy_alone():
    np.random.seed(0)
    expected = np.random.random()
    np.random.seed(0)
    compat.seed(1)
    drawn()
    assert np.random.random() == expected


FOLDER = pathlib.Path(compat.__file__).parent
WITHIN = {"nengo/ahead.py", "nengo/compiled.py", "nengo/operators.py", "nengo/places.py"}  # of no use to users


@pytest.mark.parametrize("path", sorted(p for p in FOLDER.rglob("*.py") if str(p.relative_to(FOLDER)) not in WITHIN),
                         ids=lambda p: str(p.relative_to(FOLDER)))  # fmt: skip
def test_help_says_something_of_all_that_is_public(path):
    def silent(node, prefix=""):
        for inner in node.body:
            if not isinstance(inner, (ast.FunctionDef, ast.ClassDef)) or inner.name.startswith("_"):
                continue
            setter = any(isinstance(d, ast.Attribute) and d.attr == "setter" for d in inner.decorator_list)
            if not ast.get_docstring(inner) and not setter and inner.name != "main":
                yield prefix + inner.name
            if isinstance(inner, ast.ClassDef):
                yield from silent(inner, f"{inner.name}.")

    assert not list(silent(ast.parse(path.read_text())))


def test_front_ends_are_those_that_a_script_imports():
    assert imported("# a sorn, in simulation\nx = 'nengo'\nimport leabra7 as lb\nfrom assembly.areas import *") == ["assembly", "leabra7"]
    assert imported("def f():\n    from sorn.utils import Plotter\nimport numpy, simulation.utils") == ["simulation", "sorn"]
    assert imported("from . import sorn\nimport sornette") == []
    assert imported("%load_ext nengo.ipynb\nimport nengo") == ["nengo"]  # no Python


def test_a_module_beside_a_script_stays_its_own(tmp_path):
    (tmp_path / "simulation.py").write_text("mine = 1\n")
    (tmp_path / "helper.py").write_text("import simulation\n")
    script = tmp_path / "script.py"
    script.write_text("# a simulation of sorn\nimport helper\nprint(hasattr(helper.simulation, 'mine'))\n")
    run = [sys.executable, "-m", "engram_sim.compat"]
    assert subprocess.run([*run, script], capture_output=True, text=True).stdout == "True\n"
    offered = subprocess.run([*run, "--only", "simulation", script], capture_output=True, text=True)
    assert offered.stdout == "False\n", offered.stderr


def test_the_module_of_sorn_has_both_names():
    import engram_sim.compat.sorn.sorn
    from engram_sim.compat.sorn.sorn import Simulator

    assert Simulator is engram_sim.compat.sorn.Simulator


def test_a_script_that_cannot_be_read_is_named():
    done = subprocess.run([sys.executable, "-m", "engram_sim.compat", "none.py"], capture_output=True, text=True)
    assert done.returncode == 2 and "none.py" in done.stderr and "Traceback" not in done.stderr
