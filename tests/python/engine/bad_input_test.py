"""What does not fit is refused by an exception that names it; never a crash."""

import re

import numpy as np
import pytest

import engram_sim as eg
from made import assembly, attractor, brain, leabra, nef


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
        (lambda: brain().project({"s": "C"}), Exception, "C"),
        (lambda: brain().add_area("A", n=5, k=1), Exception, "A"),
        (lambda: eg.Brain(connectome="thick"), ValueError, "connectome"),
        (lambda: leabra().clamp("in", [2]), ValueError, "acts"),
        (lambda: leabra().clamp("in", []), ValueError, "acts"),
        (lambda: leabra().clamp("inn", [1]), ValueError, "in"),
        (lambda: leabra().new_layer("in", 2), Exception, "in"),
        (lambda: leabra().new_layer("x", 2, gii=1), ValueError, "gi"),
        (lambda: leabra().observe("out", "unit_actt"), Exception, "unit_act"),
        (lambda: eg.Nef({"ensembles": {"e": {}}}), ValueError, "neurons"),
        (lambda: nef().values("e.volts"), Exception, "e.volt"),
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
