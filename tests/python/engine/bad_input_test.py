"""What does not fit is refused by an exception that names it; never a crash."""

import pickle
import re
import threading

import numpy as np
import pytest

import engram_sim as eg
from engram_sim import native
from made import FAMILIES, assembly, attractor, brain, leabra, nef, sorn


class OnDevice:
    """An array of a package for devices."""

    __cuda_array_interface__ = {"shape": (12, 12), "typestr": "<f4", "data": (4096, False), "version": 3}


class Refusing:
    """An array that speaks DLPack alone, and not now."""

    def __dlpack__(self, **_):
        raise BufferError("lies elsewhere")

    def __dlpack_device__(self):
        return (2, 0)


def transposed(name):
    state = eg.Sorn(ne=50).matrices()
    return {**state, name: state[name].T}


@pytest.mark.parametrize(
    "call, kind, words",
    [
        (lambda: eg.Sorn(seeds=[]), ValueError, "seed"),
        (lambda: eg.Sorn(seeds=1.5), (TypeError, ValueError), ""),
        (lambda: eg.Sorn(seeds=-1), ValueError, "2\\^64"),
        (lambda: eg.Sorn(ne=2), ValueError, "/ne"),
        (lambda: eg.Sorn(eta_ipp=1), ValueError, "eta_ip"),
        (lambda: eg.Sorn(eta_ip=float("nan")), ValueError, "^/eta_ip: found nan; needed is a finite number$"),
        (lambda: eg.Sorn(backend="gpu"), ValueError, "unknown backend"),
        (lambda: eg.Sorn(precision="half"), ValueError, "precision"),
        (lambda: eg.Sorn(ne=50).run(3, np.zeros((3, 9))), ValueError, "input"),
        (lambda: eg.Sorn(ne=50).run(3, record=["z"]), ValueError, "record"),
        (lambda: eg.Sorn(ne=50, nu=5).run(2, np.zeros((5, 2))), ValueError, r"input: .*\(5, 2\), needed is \(2, 5\) or \(2, 1, 5\)"),
        (lambda: eg.Sorn(ne=50).run(2**50, record=["x"]), MemoryError, "steps: .*GiB.*fewer steps"),
        (lambda: eg.Sorn(ne=50).run(-1), ValueError, "steps: found -1"),
        (lambda: eg.Sorn(ne=50).run(2.0), ValueError, "steps: found 2.0"),
        (lambda: eg.Sorn(ne=50, states=[transposed("wei")]), ValueError, r"wei: .*\(50, 10\), needed is \(10, 50\)"),
        (lambda: eg.Sorn(ne=50).set_matrices([transposed("wie")]), ValueError, r"wie: .*\(10, 50\), needed is \(50, 10\)"),
        (lambda: eg.Sorn(ne=50).set_matrices([{}]), ValueError, "states: .*matrices"),
        (lambda: eg.Sorn(ne=50).matrices(-1), ValueError, "replica: found -1"),
        (lambda: eg.Sorn(seeds=None), ValueError, "seeds: found None"),
        (lambda: attractor().run("3"), ValueError, "steps: found '3'"),
        (lambda: attractor().record(2**62), MemoryError, "steps"),
        (lambda: attractor().watch(-2), ValueError, "steps: found -2"),
        (lambda: attractor().train(np.zeros((2, 5)), 1), ValueError, r"patterns: .*\(any, 12\)"),
        (lambda: attractor().train(np.zeros((0, 12)), 1), ValueError, "patterns: found none"),
        (lambda: attractor().relax(np.zeros((3, 4))), ValueError, "cues"),
        (lambda: attractor().relax(np.zeros(12), bias=np.zeros(3)), ValueError, "bias"),
        (lambda: attractor().relax(np.zeros(12), seed=-1), ValueError, "seed: found -1"),
        (lambda: setattr(attractor(), "bias", np.zeros((12, 2))), ValueError, r"bias: .*\(12, 2\), needed is \(12,\) or \(2, 12\)"),
        (lambda: setattr(attractor(), "weights", np.zeros((12, 2, 12))), ValueError, r"weights: .*\(2, 12, 12\)"),
        (lambda: eg.Attractor(units=0), ValueError, "units"),
        (lambda: eg.Attractor(units=3, sums="quick"), ValueError, "/sums.*exact.*fast"),
        (lambda: eg.Sorn(sums="fast"), ValueError, "sums"),
        (lambda: setattr(attractor(), "weights", np.zeros((3, 3))), ValueError, "weights"),
        (lambda: setattr(attractor(), "weights", "many"), ValueError, "weights: found 'many'; needed is an array of real"),
        (lambda: setattr(attractor(), "weights", np.zeros((12, 12), complex)), ValueError, r"complex128 and the shape \(12, 12\)"),
        (lambda: setattr(attractor(), "weights", OnDevice()), ValueError, "weights: .*CUDA device; copy it to the host"),
        (lambda: setattr(attractor(), "bias", Refusing()), ValueError, "bias: .*cannot read: lies elsewhere"),
        (lambda: setattr(attractor(), "bias", [[1], [1, 2]]), ValueError, "bias: found ..1., .1, 2..; needed is an array"),
        (lambda: attractor().train(np.zeros(12), epochs=2.5), ValueError, "epochs: found 2.5"),
        (lambda: attractor().train(np.zeros(12), 1, order=3), ValueError, "order: found 3"),
        (lambda: attractor().set_learning_rate("fast"), ValueError, "rate: found 'fast'; needed is a number"),
        (lambda: attractor().set_inverse_temperature("hot"), ValueError, "inverse_temperature: found 'hot'"),
        (lambda: attractor().relax(np.zeros(12), max_steps=2**40), ValueError, "max_steps: found 1099511627776; .*4294967295"),
        (lambda: attractor().set_deterministic("yes"), ValueError, "deterministic: found 'yes'; needed is True or False"),
        (lambda: eg.Attractor(units="9"), ValueError, "units: found '9'; needed is a whole number"),
        (lambda: eg.Attractor(units=9, threads=-1.5), ValueError, "threads: found -1.5"),
        (lambda: eg.Attractor(units=9, backend=None), ValueError, "backend: found None; needed is a text"),
        (lambda: sorn().set_rules(freeze=3), ValueError, "freeze: found 3; needed is a list"),
        (lambda: sorn().set_rules(freeze=[3]), ValueError, "freeze: found .3.; needed is a list, each item of which is a text"),
        (lambda: sorn().set_rules(phase=None), ValueError, "phase: found None; needed is a text"),
        (lambda: sorn().run(3, record=5), ValueError, "record: found 5; needed is a list"),
        (lambda: sorn().set_matrices(sorn().matrices()), ValueError, "states"),
        (lambda: sorn().set_matrices([sorn().matrices()]), ValueError, "states: found 1; needed is one a network, 2"),
        (lambda: sorn().set_matrices([sorn().matrices()] * 2, tick=-1), ValueError, "tick: found -1"),
        (lambda: eg.Sorn(ne=50, seeds=2, states=[sorn().matrices()] * 3), ValueError, "states: found 3"),
        (lambda: eg.Sorn(ne=50, states=[{k: v for k, v in sorn().matrices().items() if k != "wee"}]), ValueError, "wee: .*lacks"),
        (lambda: eg.Sorn(ne=50, states=[dict(sorn().matrices(), x=np.full(50, 0.5))]), ValueError, "x: activity is 0 or 1"),
        (lambda: sorn().matrices(replica=2), ValueError, "arguments: .*there are 2 replicas"),
        (lambda: eg.Sorn([1]), ValueError, "parameters: found .1.; needed is a dict"),
        (lambda: setattr(attractor(), "weights", np.full((12, 12), np.inf)), ValueError, "not finite"),
        (lambda: setattr(attractor(), "activations", np.full(12, 2.0)), Exception, "state"),
        (lambda: assembly().step({"t": np.zeros(60)}), Exception, "t"),
        (lambda: assembly().step([np.zeros(60)]), ValueError, "inputs: found a list; needed is {stimulus: vector}"),
        (lambda: assembly().step({"s": None}, latent={"A": [[-1]]}), ValueError, "latent: found .*-1.*; needed is a dict, each value of which is a list"),
        (lambda: assembly().step({"s": None}, latent=[1]), ValueError, "latent: found a list"),
        (lambda: assembly().complete_pattern("A", [[1]], rounds="two"), ValueError, "rounds: found 'two'"),
        (lambda: assembly().simulate(3), ValueError, "samples: found 3"),
        (lambda: assembly().simulate([{"s": np.full(60, np.nan)}]), ValueError, "s: a value is not finite"),
        (lambda: assembly().simulate([{"s": np.full(60, 0.5)}]), ValueError, "s: found 0.5; a sample says who fires, 0 or 1"),
        (lambda: assembly().recall([{"s": -np.ones(60)}]), ValueError, "s: found -1.0"),
        (lambda: assembly().simulate([{"s": "ones"}]), ValueError, "s: found 'ones'; needed are 60 numbers"),
        (lambda: assembly().simulate([{"s": np.zeros(60)}], epoch_size=0), ValueError, "epoch_size: found 0"),
        (lambda: assembly().drive(7), ValueError, "area: found 7; needed is a text"),
        (lambda: eg.Assembly(["s"], []), ValueError, "stimuli: found a list"),
        (lambda: assembly().step({"s": np.zeros(61)}), ValueError, "s"),
        (lambda: assembly().matrix("w"), Exception, "w"),
        (lambda: assembly().step({"s": np.zeros((60, 2))}), ValueError, r"s: .*\(2, 60\)"),
        (lambda: assembly().set_matrix("weight_input0", np.zeros((60, 80))), ValueError, r"weight_input0: .*\(80, 60\)"),
        (lambda: assembly().simulate([{"t": np.zeros(60)}]), ValueError, "stimulus.*'t'.*s"),
        (lambda: assembly().simulate([np.zeros(60)]), ValueError, "samples"),
        (lambda: brain().project({"s": "C"}), Exception, "C"),
        (lambda: brain().project({"s": 3}), ValueError, "stimuli: found 3; needed is a list"),
        (lambda: brain().project({"s": "A"}, ["A"]), ValueError, "areas: found a list"),
        (lambda: brain().set_winners("A", [2**40]), ValueError, "neurons: found .1099511627776.; needed is a list"),
        (lambda: brain().set_winners("A", [1], replica=2), ValueError, "replica: found 2; there are 2"),
        (lambda: brain().winners("A", replica=-1), ValueError, "replica: found -1"),
        (lambda: brain().add_stimulus("t", 2.5), ValueError, "size: found 2.5"),
        (lambda: brain().inhibit("A", reason="r"), ValueError, "reason: found 'r'"),
        (lambda: setattr(brain(), "plasticity", "on"), ValueError, "plasticity: found 'on'; needed is True or False"),
        (lambda: brain().add_area("A", n=5, k=1), Exception, "A"),
        (lambda: brain().project(3), ValueError, "stimuli: found a int"),
        (lambda: brain().project({"s": "A"}, rounds=-1), ValueError, "rounds: found -1"),
        (lambda: brain(connectome="explicit").set_weights("A", "B", np.zeros((100, 400))), ValueError, r"A to B: .*\(200, 200\)"),
        (lambda: brain(connectome="explicit").set_weights("A", "C", 3), Exception, "C"),
        (lambda: eg.Brain(seed=3), ValueError, "seed"),
        (lambda: eg.Brain(connectome="thick"), ValueError, "connectome"),
        (lambda: leabra().clamp("in", [2]), ValueError, "acts"),
        (lambda: leabra().clamp("in", None), ValueError, "acts: found None; needed is an array of real numbers"),
        (lambda: leabra().values("in", attribute=3), ValueError, "attribute: found 3; needed is a text"),
        (lambda: leabra().logs(None, "in"), ValueError, "freq: found None"),
        (lambda: leabra().new_layer("x", "two"), ValueError, "size: found 'two'"),
        (lambda: leabra().new_layer("x", 2, spec=5), ValueError, "parameters: found 5"),
        (lambda: leabra().clamp("in", [[1], [1, 0]]), ValueError, "acts: found ..1., .1, 0..; needed is an array"),
        (lambda: leabra().clamp("in", [["a", "b"], ["c", "d"]]), ValueError, "acts: found"),
        (lambda: leabra().clamp("in", []), ValueError, "acts"),
        (lambda: leabra().clamp("inn", [1]), ValueError, "in"),
        (lambda: leabra().new_layer("in", 2), Exception, "in"),
        (lambda: leabra().cycle(-1), ValueError, "cycles: found -1"),
        (lambda: leabra().minus_phase(1.5), ValueError, "cycles: found 1.5"),
        (lambda: leabra().plus_phase(0), ValueError, "cycle"),
        (lambda: leabra().set_weights("p", np.zeros((3, 2))), ValueError, r"p: .*\(2, 3\)"),
        (lambda: leabra().clamp("in", np.zeros((3, 2)), each=True), ValueError, r"in: .*\(2, 3\)"),
        (lambda: leabra().new_layer("x", 2, gii=1), ValueError, "gi"),
        (lambda: leabra().observe("out", "unit_actt"), Exception, "unit_act"),
        (lambda: eg.Nef({"ensembles": {"e": {}}}), ValueError, "neurons"),
        (lambda: nef().values("e.volts"), Exception, "e.volt"),
        (lambda: nef().run(-1), ValueError, "seconds: found -1"),
        (lambda: nef().run("long"), ValueError, "seconds: found 'long'"),
        (lambda: nef().data(3), ValueError, "probe: found 3; needed is a text"),
        (lambda: eg.Nef([]), ValueError, "network: found a list"),
        (lambda: nef().run(float("nan")), ValueError, "seconds: found nan"),
        (lambda: nef().run_steps(0.5), ValueError, "steps: found 0.5"),
        (lambda: nef().values("e.voltage", 5), ValueError, "replica"),
    ],
)
def test_bad_input_is_named(call, kind, words):
    with pytest.raises(kind) as caught:
        call()
    assert re.search(words, str(caught.value)), str(caught.value)


def test_equal_numbers_in_other_layouts_are_taken():
    weights = np.random.default_rng(2).normal(size=(12, 12))
    one, two = attractor(), attractor()
    one.weights = weights
    two.weights = np.asfortranarray(weights).astype(">f8")
    np.testing.assert_array_equal(one.weights, two.weights)


@pytest.mark.parametrize("make", FAMILIES)
class TestEveryFamily:
    def test_a_state_of_something_else_is_refused_and_nothing_changes(self, make):
        net = make()
        state = net.state()
        texts = [name for name, value in state.items() if isinstance(value, str)]
        arrays = [name for name, value in state.items() if isinstance(value, np.ndarray)]
        wrong = [{}, {**state, texts[0]: "{}"}, {**state, texts[0]: "no JSON"}, {**state, texts[0]: 3}, {**state, texts[0]: "[1]"}]
        wrong += [{**state, name: state[name].astype(complex)} for name in arrays]
        wrong += [{**state, name: state[name][..., None, None]} for name in arrays]
        wrong += [{**state, name: np.full_like(state[name], np.nan)} for name in arrays
                  if state[name].dtype.kind == "f" and state[name].size]  # fmt: skip
        for one in wrong:
            with pytest.raises(eg.ConfigError) as caught:
                net.set_state(one)
            assert "checkpoint" not in str(caught.value)
        for one in (None, 3, [1]):
            with pytest.raises(eg.ConfigError, match="state: found"):
                net.set_state(one)
        after = net.state()
        assert all(np.array_equal(state[name], after[name]) for name in state)

    def test_an_object_that_was_never_made_says_so(self, make):
        kind = type(make())
        for use in (repr, pickle.dumps, kind.state, kind.fork, lambda net: net.borrow().__enter__()):
            with pytest.raises(eg.Error, match=f"this {kind.__name__} was never made: call"):
                use(kind.__new__(kind))

    def test_a_file_that_is_cut_off_or_of_something_else_is_named(self, make, tmp_path):
        path = tmp_path / "net"
        make().save(path)
        path.write_bytes(path.read_bytes()[:-3])
        with pytest.raises(eg.IoError, match=str(path)):
            type(make()).load(path)
        with pytest.raises(eg.IoError, match="none"):
            type(make()).load(tmp_path / "none")


KINDS = ["Assembly", "Attractor", "Borrow", "Brain", "Experiment", "Held", "Leabra", "LentArray", "Nef", "Operators", "Sorn"]


@pytest.mark.parametrize("name", KINDS)
def test_no_object_of_the_compiled_module_is_without_its_insides(name):
    """`__new__` alone would leave memory behind that nobody has written, and its methods would run on it."""
    module = native.module()
    assert [k for k in dir(module) if isinstance(getattr(module, k), type)] == KINDS
    kind = getattr(module, name)
    for arguments in ((), (1,), ("x", [1]), (None,) * 5):
        with pytest.raises((TypeError, eg.Error)):
            kind.__new__(kind, *arguments)
    with pytest.raises(TypeError):
        object.__new__(kind)

    class Mine(kind):
        def __init__(self):
            pass

    for make in (Mine, lambda: Mine.__new__(Mine)):
        with pytest.raises(TypeError, match="__init__"):
            make()


def test_a_failed_brain_stays_whole():
    """What is asked of a fibre that cannot be leaves nothing behind."""
    net = brain()
    for source, target in (("A", "none"), ("none", "A")):
        with pytest.raises(eg.Error, match="none"):
            net.weights(source, target)
    net.check_finite()
    net.fork().project({"s": "A"})


def test_a_network_is_not_asked_while_another_thread_shapes_it():
    net = eg.Leabra()
    net.new_layer("a", 40)
    net.new_projection("p", "a", "a")
    stop, faults = threading.Event(), []

    def ask():
        while not stop.is_set():
            try:
                assert net.weights("p").shape == (1, 40, 40)
            except RuntimeError as fault:
                faults.append(str(fault))

    thread = threading.Thread(target=ask)
    thread.start()
    made = 0
    while made < 60:
        try:
            net.new_layer(f"layer {made}", 40)
            made += 1
        except RuntimeError as fault:
            faults.append(str(fault))
    stop.set()
    thread.join()
    assert all("in use by another thread" in fault for fault in faults)


@pytest.mark.parametrize(
    "make, call, words",
    [
        (attractor, lambda net: setattr(net, "activations", [2.0] + [0.0] * 11), "-1 to 1"),
        (attractor, lambda net: net.set_inverse_temperature(-1), "is -1; allowed are finite numbers above 0"),
        (brain, lambda net: net.add_stimulus("none", 0), "no neurons"),
        (brain, lambda net: net.project({"x": "A"}), 'no stimulus "x"'),
        (assembly, lambda net: net.step({"x": [1.0]}), 'no stimulus is called "x"'),
        (nef, lambda net: net.values("x"), "x"),
    ],
)
def test_what_the_engine_says_of_arguments_is_a_value_error(make, call, words):
    with pytest.raises(eg.ConfigError, match=words) as refused:
        call(make())
    assert isinstance(refused.value, ValueError) and refused.value.exit_code == 2


def test_a_latent_that_is_refused_leaves_the_one_there_is():
    net, twin = assembly(), assembly()
    for one in (net, twin):
        one.step({"s": np.arange(60) < 10}, steps=2)
    for latent in ({"A": [[80], [1]]}, {"A": [[1, 2], [3]], "x": [[0]]}, {"A": 3}):
        with pytest.raises(eg.ConfigError):
            net.step({"s": np.arange(60) < 10}, latent=latent)
    for one in (net, twin):
        one.step({"s": np.arange(60) >= 50})
    np.testing.assert_array_equal(net.winners("A"), twin.winners("A"))
    np.testing.assert_array_equal(net["weight_recurrent"], twin["weight_recurrent"])
