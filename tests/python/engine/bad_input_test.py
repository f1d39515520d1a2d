"""What does not fit is refused by an exception that names it; never a crash."""

import re

import numpy as np
import pytest

import engram_sim as eg
from made import assembly, attractor, brain, leabra, nef


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
        (lambda: eg.Sorn(eta_ip=float("nan")), ValueError, "JSON"),
        (lambda: eg.Sorn(backend="gpu"), ValueError, "unknown backend"),
        (lambda: eg.Sorn(precision="half"), ValueError, "precision"),
        (lambda: eg.Sorn(ne=50).run(3, np.zeros((3, 9))), ValueError, "input"),
        (lambda: eg.Sorn(ne=50).run(3, record=["z"]), ValueError, "record"),
        (lambda: eg.Sorn(ne=50, nu=5).run(2, np.zeros((5, 2))), ValueError, r"input: .*\(5, 2\), needed is \(2, any\)"),
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
        (lambda: setattr(attractor(), "weights", "many"), TypeError, "array of numbers"),
        (lambda: setattr(attractor(), "weights", np.zeros((12, 12), complex)), TypeError, "array of numbers"),
        (lambda: setattr(attractor(), "weights", np.full((12, 12), np.inf)), ValueError, "not finite"),
        (lambda: setattr(attractor(), "activations", np.full(12, 2.0)), Exception, "state"),
        (lambda: assembly().step({"t": np.zeros(60)}), Exception, "t"),
        (lambda: assembly().step({"s": np.zeros(61)}), ValueError, "s"),
        (lambda: assembly().matrix("w"), Exception, "w"),
        (lambda: assembly().step({"s": np.zeros((60, 2))}), ValueError, r"s: .*\(2, 60\)"),
        (lambda: assembly().set_matrix("weight_input0", np.zeros((60, 80))), ValueError, r"weight_input0: .*\(80, 60\)"),
        (lambda: assembly().simulate([{"t": np.zeros(60)}]), ValueError, "stimulus.*'t'.*s"),
        (lambda: assembly().simulate([np.zeros(60)]), ValueError, "samples"),
        (lambda: brain().project({"s": "C"}), Exception, "C"),
        (lambda: brain().add_area("A", n=5, k=1), Exception, "A"),
        (lambda: brain().project(3), ValueError, "project: found 3"),
        (lambda: brain().project({"s": "A"}, rounds=-1), ValueError, "rounds: found -1"),
        (lambda: brain(connectome="explicit").set_weights("A", "B", np.zeros((100, 400))), ValueError, r"A to B: .*\(200, 200\)"),
        (lambda: leabra().borrow().__enter__(), eg.Error, "Leabra lends no arrays; state"),
        (lambda: eg.Brain(seed=[1, 2]), ValueError, "seed: found .1, 2."),
        (lambda: eg.Brain(connectome="thick"), ValueError, "connectome"),
        (lambda: leabra().clamp("in", [2]), ValueError, "acts"),
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
