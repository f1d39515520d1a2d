"""What networks of all families have: state, files, forks, borrowed arrays, threads, and no growth."""

import copy
import pickle
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import engram_sim as eg
from made import FAMILIES, assembly, attractor, brain, leabra, nef, sorn


def advance(net):
    if isinstance(net, (eg.Sorn, eg.Attractor)):
        net.run(5)
    elif isinstance(net, eg.Assembly):
        net.step({"s": np.arange(60) < 10}, steps=3)
    elif isinstance(net, eg.Brain):
        net.project({"s": "A"}, {"A": ["A", "B"]} if len(net.winners("A")) else {}, 3)
    elif isinstance(net, eg.Leabra):
        net.clamp("in", [1, 0, 1])
        net.minus_phase(20)
        net.clamp("out", [0, 1])
        net.plus_phase(10)
        net.learn()
        net.unclamp("out")
    else:
        net.run_steps(20)


everyone = pytest.mark.parametrize("make", FAMILIES)


def same(a, b):
    a, b = a.state(), b.state()
    assert a.keys() == b.keys()
    return all(np.array_equal(a[k], b[k]) if isinstance(a[k], np.ndarray) else a[k] == b[k] for k in a)


def copies(net, names):
    """What methods that copy say of the arrays that were lent."""
    if isinstance(net, eg.Sorn):
        return {"te": net["te"], "ti": net["ti"]}
    if isinstance(net, eg.Attractor):
        return {"state": net.activations, "bias": net.bias, "weights": net.weights}
    if isinstance(net, eg.Assembly):
        return {name: net.matrix(name) for name in net.matrix_names()}
    if isinstance(net, eg.Brain):
        seen = {f"A to {b}, replica {r}": net.weights("A", b, r) for b in "AB" for r in range(2) if f"A to {b}, replica {r}" in names}
        return {**seen, "s to A, replica 1": net.stimulus_weights("s", "A", 1)}
    if isinstance(net, eg.Leabra):
        return {"p/weights": net.weights("p"), "p/linear_weights": net.weights("p", linear=True),
                "out/unit_v_m": net.values("out", "unit_v_m"), "out/fbi": net.values("out", "fbi")[:, 0]}  # fmt: skip
    return {name: np.stack([net.values(name, r) for r in range(2)]) for name in net.arrays()}


@everyone
def test_equal_seeds_give_equal_networks(make):
    one, two = make(), make(threads=1)
    advance(one)
    advance(two)
    assert same(one, two)


@everyone
def test_a_fork_goes_its_own_way_to_the_same_bits(make):
    net = make()
    advance(net)
    fork = net.fork()
    advance(fork)
    assert not same(net, fork)
    advance(net)
    assert same(net, fork)


@everyone
def test_files_pickles_and_copies_hold_everything(make, tmp_path):
    net = make()
    advance(net)
    net.save(tmp_path / "net.safetensors")
    others = [type(net).load(tmp_path / "net.safetensors"), pickle.loads(pickle.dumps(net)), copy.deepcopy(net)]
    advance(net)
    for other in others:
        advance(other)
        assert same(net, other)


@everyone
def test_a_state_that_does_not_fit_is_refused(make):
    net = make()
    state = net.state()
    name = next(k for k, v in state.items() if isinstance(v, np.ndarray))
    with pytest.raises(eg.ConfigError, match="type or shape"):
        net.set_state({**state, name: np.zeros((3, 3, 3))})
    with pytest.raises(eg.ConfigError, match="lacks"):
        net.set_state({})


def test_load_refuses_pickles_and_foreign_files(tmp_path):
    path = tmp_path / "net"
    path.write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(eg.IoError, match="pickle"):
        eg.Sorn.load(path)
    path.write_bytes(b"nothing of the kind, but long enough")
    with pytest.raises(eg.IoError):
        eg.Sorn.load(path)
    attractor().save(path)
    with pytest.raises(eg.IoError, match="Attractor"):
        eg.Sorn.load(path)


def test_a_fork_may_have_other_parameters():
    net = sorn()
    net.run(10)
    frozen = net.fork(freeze=["stdp", "ip", "sp", "istdp", "ss"])
    before = frozen.matrices()["te"]
    frozen.run(10)
    assert np.array_equal(before, frozen.matrices()["te"])


class TestBorrow:
    def test_arrays_are_views_that_follow_the_network(self):
        net = attractor()
        with net.borrow() as arrays:
            state = np.asarray(arrays["state"])
            assert not state.flags.owndata and not state.flags.writeable
            assert state.shape == (2, 12)
        net.run(3)
        np.testing.assert_array_equal(state, net.activations)  # kept: it reads later values

    def test_weights_are_seen_as_they_are_given(self):
        net = attractor()
        weights = np.random.default_rng(1).normal(size=(2, 12, 12))
        net.weights = weights
        with net.borrow() as arrays:
            np.testing.assert_allclose(np.asarray(arrays["weights"]), weights, rtol=1e-6)

    def test_what_is_written_counts(self):
        net, other = attractor(), attractor()
        new = np.linspace(-0.5, 0.5, 24).reshape(2, 12)
        with net.borrow(write=True) as arrays:
            np.asarray(arrays["state"])[...] = new
        other.activations = new
        net.run(4)
        other.run(4)
        np.testing.assert_array_equal(net.activations, other.activations)

    def test_numbers_that_are_not_finite_are_found(self):
        net = attractor()
        with pytest.raises(eg.NumericError):
            with net.borrow(write=True) as arrays:
                np.asarray(arrays["state"])[0, 0] = np.nan

    def test_nothing_runs_while_arrays_are_out(self):
        net = sorn()
        with net.borrow() as arrays:
            with pytest.raises(RuntimeError, match="borrowed"):
                net.run(1)
            with pytest.raises(RuntimeError, match="borrowed"):
                net.state()
            te = arrays["te"]
        net.run(1)
        with pytest.raises(RuntimeError, match="block is over"):
            np.asarray(te)

    def test_dlpack(self):
        net = sorn()
        with net.borrow(write=True) as arrays:
            taken = np.from_dlpack(arrays["te"])
            assert arrays["te"].__dlpack_device__() == (1, 0)
            np.testing.assert_array_equal(taken, np.asarray(arrays["te"]))
            assert np.shares_memory(taken, np.asarray(arrays["te"]))
            arrays["te"].__dlpack__(stream=None, max_version=(1, 0), dl_device=(1, 0), copy=False)
            with pytest.raises(BufferError, match="no copy.*te"):
                arrays["te"].__dlpack__(copy=True)
            with pytest.raises(BufferError, match="another device"):
                arrays["te"].__dlpack__(dl_device=(2, 0))
        with net.borrow() as arrays:
            with pytest.raises(BufferError, match="write=True"):
                np.from_dlpack(arrays["te"])
            assert not hasattr(arrays["te"], "__cuda_array_interface__")

    @everyone
    def test_what_is_lent_is_where_the_network_lies(self, make):
        net = make(connectome="explicit") if make is brain else make()
        advance(net)
        with net.borrow() as arrays:
            assert arrays
            views = {name: np.asarray(array) for name, array in arrays.items()}
            for name, view in views.items():
                assert not view.flags.owndata and not view.flags.writeable
                assert np.shares_memory(view, np.asarray(arrays[name])) and not hasattr(arrays[name], "__cuda_array_interface__")
        for _ in range(2):  # kept, they follow the network
            found = {name: values for name, values in copies(net, views).items() if name in views}
            assert found
            for name, values in found.items():
                np.testing.assert_array_equal(views[name], values, err_msg=name)
            before = {name: view.copy() for name, view in views.items()}
            advance(net)
        assert any((views[name] != before[name]).any() for name in views)

    @everyone
    def test_what_is_written_back_unchanged_changes_nothing(self, make):
        net, other = ((make(connectome="explicit") if make is brain else make()) for _ in range(2))
        advance(net)
        advance(other)
        with net.borrow(write=True) as arrays:
            for array in arrays.values():
                if (view := np.asarray(array)).flags.writeable:
                    taken = np.from_dlpack(array)
                    assert np.shares_memory(taken, view) and taken.dtype == view.dtype
                    view[...] = taken.copy()
        assert same(net, other)
        advance(net)
        advance(other)
        assert same(net, other)

    def test_an_assembly_steps_with_what_was_written(self):
        for area in ({}, {"normalisation": "scaled"}, {"storage": "sparse", "normalisation": "scaled"}):
            one, two = (eg.Assembly({"s": {"n": 60, "k": 10}}, [{"A": {"inputs": ["s"], "n": 80, "k": 10, "p_synapse": 0.5, **area}}])
                        for _ in range(2))  # fmt: skip
            with one.borrow(write=True) as arrays:
                np.asarray(arrays["weight_input0"])[...] *= 3
            state = two.state()
            state["weight_input0"] *= 3
            two.set_state(state)
            for net in (one, two):
                if not area:
                    advance(net)
                net.normalize()
            np.testing.assert_allclose(one.matrix("weight_input0").sum(axis=2), 1, rtol=1e-5)
            if not area:
                assert same(one, two)

    def test_a_brain_projects_with_what_was_written(self):
        one, two = brain(connectome="explicit"), brain(connectome="explicit")
        weights = np.random.default_rng(3).random((2, 200, 200)).astype(np.float32)
        for net in (one, two):
            advance(net)
            for r in range(2):
                net.weights("A", "B", r)  # fibres come into being when they are first asked for
        with one.borrow(write=True) as arrays:
            for r in range(2):
                np.asarray(arrays[f"A to B, replica {r}"])[...] = weights[r]
            np.asarray(arrays["s to A, replica 1"])[...] += 1
        two.set_weights("A", "B", weights)
        for net in (one, two):
            net.project({}, {"A": "B"}, 2)
        for r in range(2):
            np.testing.assert_array_equal(one.winners("B", r), two.winners("B", r))
            np.testing.assert_array_equal(one.weights("A", "B", r), two.weights("A", "B", r))
        assert (one.stimulus_weights("s", "A", 1) == two.stimulus_weights("s", "A", 1) + 1).all()

    def test_effective_weights_of_leabra_follow_the_linear_ones_that_were_written(self):
        net = leabra()
        before, linear = net.weights("p"), net.weights("p", linear=True)
        with net.borrow(write=True) as arrays:
            assert not np.asarray(arrays["p/weights"]).flags.writeable
            with pytest.raises(BufferError, match="must not be written"):
                arrays["p/weights"].__dlpack__()
            np.asarray(arrays["p/linear_weights"])[1, 0, 2] = 0.5
        after = net.weights("p")
        assert after[1, 0, 2] == pytest.approx(0.5, abs=1e-6)  # of linear 0.5, whatever the contrast
        after[1, 0, 2], linear[1, 0, 2] = before[1, 0, 2], 0.5
        np.testing.assert_array_equal(after, before)
        np.testing.assert_array_equal(net.weights("p", linear=True), linear)

    def test_nef_runs_with_what_was_written(self):
        net = nef()
        net.run_steps(50)
        with net.borrow(write=True) as arrays:
            np.asarray(arrays["e.gain" if "e.gain" in arrays else "e.voltage"])[...] = 0
        assert not net.values("e.gain" if "e.gain" in net.arrays() else "e.voltage").any()

    def test_memory_that_is_seen_does_not_move(self):
        net = nef()
        with net.borrow() as arrays:
            view = np.asarray(arrays["e.voltage"])
        with pytest.raises(eg.Error, match=r"views of borrowed arrays .* reset\(\) would move .* net.fork\(\)"):
            net.reset()
        del view
        net.reset()
        net = leabra()
        with net.borrow(write=True) as arrays:
            view = np.from_dlpack(arrays["in/unit_act"])
        for shape in (lambda: net.new_layer("x", 2), lambda: net.new_projection("q", "in", "out")):
            with pytest.raises(eg.Error, match="would move"):
                shape()
        view = None
        net.new_layer("x", 2)

    def test_a_view_outlives_its_network(self):
        net = attractor()
        net.activations = np.full((2, 12), 0.25)
        with net.borrow() as arrays:
            view = np.asarray(arrays["state"])
        del net, arrays
        assert (view == 0.25).all()


def test_two_threads_do_not_share_a_network():
    net = eg.Sorn(ne=1000)
    found = []

    def work():
        while not found:
            try:
                net.run(50)
            except RuntimeError as fault:
                found.append(str(fault))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found and "in use by another thread" in found[0] and "fork" in found[0]


def test_ctrl_c_stops_between_steps():
    script = f"""
import os, signal, threading, time
import numpy as np, engram_sim as eg
eg.use({eg.native.module().precision!r})
net = eg.Sorn(ne=300)
threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
began = time.monotonic()
try:
    net.run(10**9)
except KeyboardInterrupt:
    print("stopped", time.monotonic() - began < 3)
net.check_finite()
other = eg.Sorn(ne=300)
other.run(net.tick)
print("same", np.array_equal(net.matrices()["wee"], other.matrices()["wee"]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=100)
    assert done.stdout.split() == ["stopped", "True", "same", "True"], done.stderr


def test_a_fork_of_the_process_runs():
    script = f"""
import os, engram_sim as eg
eg.use({eg.native.module().precision!r})
net = eg.Sorn(ne=400, seeds=range(4))
net.run(20)
child = os.fork()
net.run(20)
if child:
    print("child", os.waitpid(child, 0)[1])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["child", "0"], done.stderr


def test_a_call_of_a_step_costs_a_microsecond():
    net = eg.Attractor(units=1)
    run = net._net.run
    best = min(_seconds(lambda: [run(1) for _ in range(2000)]) for _ in range(7)) / 2000
    many = min(_seconds(lambda: run(2000)) for _ in range(7)) / 2000
    assert best - many < 2.5e-6  # one microsecond on a quiet machine


def _seconds(call):
    """Of this thread on a processor: what else the machine does is not counted."""
    began = time.thread_time()
    call()
    return time.thread_time() - began


def test_both_precisions_live_side_by_side():
    if not (eg.native.find("float") and eg.native.find("double")):
        pytest.skip("only one precision is built")
    one, two = (eg.Attractor(units=4, precision=p) for p in ("float", "double"))
    one.run(3)
    two.run(3)
    assert (one.activations.dtype, two.activations.dtype) == (np.float32, np.float64)
