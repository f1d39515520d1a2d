"""Experiments run from Python leave what the program leaves, and say what is wrong."""

import ast
import inspect
import json
import pathlib
import subprocess
import sys
import textwrap

import pytest

import engram_sim as eg
from engram_sim import native

SORN = {"schema": "engram/1", "name": "small", "model": {"type": "sorn", "ne": 40}, "phases": [{"steps": 60}]}


def long(steps=10**9):
    return {**SORN, "phases": [{"steps": steps}]}


def test_run_and_program_leave_the_same_bytes(tmp_path, program, precision):
    path = tmp_path / "e.json"
    path.write_text(json.dumps({**SORN, "callbacks": {"series": ["ExcitatoryActivation"]}}))
    eg.run(path, "a", progress=None)
    subprocess.run([program, "run", path, "--out", "b", "--quiet"], check=True, stdout=subprocess.DEVNULL)
    for name in ("metrics.csv", "results.csv", "state.safetensors", "ExcitatoryActivation.npy"):
        a, b = pathlib.Path("a", name), pathlib.Path("b", name)
        assert a.exists() == b.exists() and (not a.exists() or a.read_bytes() == b.read_bytes()), name
    compared = subprocess.run([program, "compare", "a", "b"], capture_output=True, text=True)
    assert compared.returncode == 0, compared.stdout


def test_dict_text_and_settings_are_one(tmp_path):
    one = eg.run(SORN, "a", seeds=[7, 8], set={"/model/eta_ip": 0.02}, threads=1)
    two = eg.run(json.dumps({**SORN, "replicas": {"seeds": [7, 8]}, "model": {**SORN["model"], "eta_ip": 0.02}}), "b")
    assert one.seeds == two.seeds == [7, 8]
    assert pathlib.Path("a/metrics.csv").read_bytes() == pathlib.Path("b/metrics.csv").read_bytes()


def test_the_folder_follows_from_the_name():
    assert eg.run(SORN).folder == pathlib.Path("out/small")
    with pytest.raises(eg.Error, match="force|holds"):
        eg.run(SORN)
    eg.run(SORN, force=True)


def test_all_problems_come_with_their_paths():
    bad = {**SORN, "model": {"type": "sorn", "ne": 2, "eta_ipp": 1}}
    for call in (eg.validate, eg.run):
        with pytest.raises(eg.ConfigError) as caught:
            call(bad)
        paths = [path for path, _ in caught.value.problems]
        assert "/model/ne" in paths and "/model/eta_ipp" in paths
        assert caught.value.exit_code == 2 and isinstance(caught.value, ValueError)


def test_what_is_no_experiment_is_refused():
    with pytest.raises(eg.IoError, match="none.json"):
        eg.run("none.json")
    with pytest.raises(eg.ConfigError, match="experiment: found a int; needed is a dict, a path or JSON text"):
        eg.run(5)
    with pytest.raises(eg.ConfigError):
        eg.run({**SORN, "seed": float("nan")})
    with pytest.raises(eg.ConfigError, match="pointer"):
        eg.run(SORN, set={"model/ne": 5})
    if native.module().cuda_unavailable():
        with pytest.raises(eg.DeviceError, match="CUDA"):
            eg.run(SORN, backend="cuda")


def test_validate_says_what_a_run_would_be():
    size = eg.validate(SORN, set={"/replicas/seeds": 3})
    assert (size["family"], size["seeds"], size["points"]) == ("sorn", 3, 1)
    assert size["bytes"] > 1000


def test_progress_is_told(capsys):
    seen = []
    eg.run({**SORN, "phases": [{"steps": 20000}]}, progress=seen.append)
    assert all(p.total == 20000 and 0 <= p.done <= 20000 for p in seen)
    eg.run(SORN, force=True, progress="text")
    with pytest.raises(ValueError, match="progress"):
        eg.run(SORN, force=True, progress="bar")


def test_an_exception_in_the_callback_stops_the_run_with_a_checkpoint():
    def stop(progress):
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough") as caught:
        eg.run(long(), progress=stop)
    assert caught.value.run.status == "interrupted"


@pytest.mark.parametrize("presses", [1, 2])
def test_ctrl_c_leaves_a_run_that_goes_on(presses, tmp_path):
    """A second one comes in any line of ours, too; so it is the folder that then says what became of the run."""
    script = textwrap.dedent(f"""
        import os, signal, threading, time
        import engram_sim as eg
        eg.use({native.module().precision!r})
        def press():
            while not os.path.exists("a/manifest.json"):
                time.sleep(0.01)
            time.sleep(0.3)
            for _ in range({presses}):
                os.kill(os.getpid(), signal.SIGINT)
        presses = threading.Thread(target=press)
        presses.start()
        experiment = {long()!r}
        first = None
        try:
            try:
                eg.run(experiment, "a", progress=None)
            except KeyboardInterrupt as stop:
                first = stop
                presses.join()
                time.sleep(0.1)
        except KeyboardInterrupt:
            pass
        if {presses} == 1:
            print("handed over", first.run.status)
        print("stopped", eg.Run("a").status)
    """)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert "stopped interrupted" in done.stdout, done.stdout + done.stderr
    assert presses == 2 or "handed over interrupted" in done.stdout, done.stdout + done.stderr


def test_resume_goes_on_to_the_same_bytes():
    def stop(progress):
        raise KeyboardInterrupt

    experiment = {**long(20000), "model": {"type": "sorn", "ne": 400}}
    with pytest.raises(KeyboardInterrupt) as caught:
        eg.run(experiment, "a", progress=stop)
    assert caught.value.run.status == "interrupted"
    assert caught.value.run.resume(progress=None).status == "complete"
    eg.run(experiment, "b")
    assert pathlib.Path("a/metrics.csv").read_bytes() == pathlib.Path("b/metrics.csv").read_bytes()


def test_the_lock_of_the_interpreter_is_free_meanwhile():
    import threading

    counted, ended = [0], threading.Event()

    def count():
        while not ended.is_set():
            counted[0] += 1

    other = threading.Thread(target=count)
    other.start()
    try:
        eg.run({**SORN, "model": {"type": "sorn", "ne": 1000}, "phases": [{"steps": 500}]}, progress=None)
    finally:
        ended.set()
        other.join()
    assert counted[0] > 1000


def test_describe():
    table = eg.describe("sorn")
    row = next(r for r in table.rows if r[0] == "model.eta_ip")
    assert row[1:4] == ("number", "0 to 1", "0.01")
    assert "<table>" in table._repr_html_() and "model.eta_ip" in repr(table)
    series = [name for name, _, _ in table.series]
    assert series and all(f"\n    {name}" in repr(table) and name in table._repr_html_() for name in series)
    assert {r[0] for r in eg.describe().rows} >= {"assembly", "attractor", "calculus", "leabra", "nef", "sorn"}
    with pytest.raises(eg.Error, match="sorn"):
        eg.describe("sron")


def test_parameter_classes_are_those_of_the_table(source, program):
    schema = subprocess.run([program, "describe", "--schema"], capture_output=True, check=True).stdout
    written = subprocess.run(
        [sys.executable, source / "tools" / "python_parameters.py"], input=schema, capture_output=True, check=True
    ).stdout
    assert written.decode() == (source / "python/engram_sim/parameters.py").read_text(), (
        "engram describe --schema | tools/python_parameters.py > python/engram_sim/parameters.py"
    )


def test_stubs_are_those_of_the_sources(source):
    written = subprocess.run([source / "tools" / "python_stubs.py"], capture_output=True, check=True).stdout.decode()
    kept = (source / "python/engram_sim/__init__.pyi").read_text()
    assert written == kept, "tools/python_stubs.py > python/engram_sim/__init__.pyi"
    stubs = {node.name: node for node in ast.parse(kept).body if isinstance(node, ast.ClassDef)}
    for name in eg.__all__:
        if isinstance(kind := getattr(eg, name), type):
            told = {part.name for base in (name, "Network") for part in stubs[base].body if isinstance(part, ast.FunctionDef)}
            public = {n for base in kind.__mro__ if base.__module__.startswith("engram_sim") for n, v in vars(base).items()
                      if not n.startswith("_") and (callable(v) or isinstance(v, (property, classmethod)))}  # fmt: skip
            assert public <= told, name
            assert all(inspect.getdoc(getattr(kind, n)) for n in public), name
    said = {node.name for node in ast.parse(kept).body if isinstance(node, (ast.ClassDef, ast.FunctionDef))}
    assert said >= {*eg.__all__} - {"parameters"}
    assert "eta_ip: float = 0.01" in kept  # keywords of the table


def test_run_folders_are_read_without_the_module(tmp_path):
    eg.run(SORN, "a")
    script = f"""
import sys
import engram_sim.native as native
native.find = lambda precision: None
import engram_sim
print(engram_sim.Run({str(tmp_path / 'a')!r}).status)
try:
    engram_sim.Sorn()
except ImportError as fault:
    print("cmake" in str(fault))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.split() == ["complete", "True"], done.stderr
