"""Simulation 3 of the attractor paper over twenty seeds: what its notebook printed comes out, whatever is drawn."""

import pathlib
import time

import numpy as np
import pytest

import engram_sim as eg
from engram_sim.compat.simulation import (
    AttractorNetwork,
    continous_inference_and_learning,
    fetch_digits_data,
    get_deterministic_attractors,
    preprocess_digits_data,
)

PRINTED = np.loadtxt(pathlib.Path(__file__).parents[1] / "seeds" / "sequence_attractors.csv", delimiter=",")


@pytest.fixture(scope="module")
def digits():
    eg.use(None)
    import matplotlib

    matplotlib.use("Agg")
    return preprocess_digits_data(fetch_digits_data())[0][1:4] * 20


def learn(digits, seed):
    """The network, and how long its 2,000 calls took."""
    np.random.seed(seed)
    nw = AttractorNetwork(np.zeros((64, 64)), biases=np.zeros(64))
    began = time.perf_counter()
    for i in range(2000):
        continous_inference_and_learning(nw=nw, data=digits[i % 3], inverse_temperature=1, learning_rate=0.001, num_steps=1)
    return nw, time.perf_counter() - began


def walk(nw, digits, steps=100):
    """Which digits a free run passes through, one after the other."""
    acts = continous_inference_and_learning(nw, np.zeros(64), inverse_temperature=1, learning_rate=0, num_steps=steps)[0]
    nearest = np.argmax(np.array(acts)[10:] @ digits.T, axis=1)
    return [int(n) for n, before in zip(nearest[1:], nearest) if n != before]


@pytest.mark.parametrize("seed", range(20))
def test_three_fixed_points_in_a_sequence(digits, seed):
    nw, _ = learn(digits, seed)
    weights = nw.get_J()
    asymmetry = np.linalg.norm(weights - weights.T) / np.linalg.norm(weights)
    assert asymmetry == pytest.approx(0.98, abs=0.01)
    seen = walk(nw, digits)
    assert len(seen) > 10 and all(b == (a + 1) % 3 for a, b in zip(seen, seen[1:]))
    symmetric = AttractorNetwork((weights + weights.T) / 2, biases=np.zeros(64))
    found = get_deterministic_attractors(symmetric, digits, noise_levels=[0], inverse_temperature=1, plot=False)
    for mine, printed in zip(found, PRINTED):
        assert np.corrcoef(mine, printed)[0, 1] >= 0.9
    different = np.corrcoef(found)
    assert (different[~np.eye(3, dtype=bool)] < 0.99).all()


def test_the_loop_takes_a_tenth_of_a_second(digits):
    """The least of five, so that what else the machine does counts little."""
    assert min(learn(digits, seed)[1] for seed in range(5)) < 0.1
