"""The example in which each step of a world is one call."""

import runpy
import time

import numpy as np
import pytest


@pytest.fixture
def example(source):
    return runpy.run_path(str(source / "examples" / "python" / "cart_pole.py"))


def test_the_world_has_the_equations_of_gymnasium(example):
    world = example["CartPole"](0)
    world.reset()
    world._state = np.array([0.01, -0.02, 0.03, 0.04])
    seen, reward, fell, over, _ = world.step(1)
    # x and angle move by the speeds before the step; the accelerations are those of the equations, worked out by hand.
    np.testing.assert_allclose(seen, [0.0096, 0.1746792, 0.0308, -0.2430687], atol=1e-6)
    assert reward == 1 and not fell and not over


def test_it_learns_to_balance(example):
    example["sorn"].seed(0)
    lasted = example["play"](example["CartPole"](0), example["Reservoir"](200), example["Policy"](204, 0), 100)
    assert np.mean(lasted[:10]) < 40 < 80 < np.mean(lasted[-20:])


def test_calls_of_one_step_are_one_run(example):
    """State that goes round is where the network went on: no bit differs from one call of all steps."""
    sorn = example["sorn"]
    inputs = np.random.default_rng(2).random((4, 30))
    for phase in ("plasticity", "training"):
        ends = []
        for calls in (1, 30):
            sorn.seed(4)
            state, _ = sorn.Simulator.run(inputs=inputs, ne=60)
            for part in np.split(inputs, calls, axis=1):
                state, _ = sorn.Trainer.run(inputs=part, state=state, phase=phase, ne=60)
            ends.append(state)
        for name in ends[0]:
            np.testing.assert_array_equal(ends[0][name], ends[1][name])


def test_a_call_is_cheap(example):
    """Beside the step of the engine a call takes microseconds; making the arrays of the state would take a hundred
    times as many."""
    example["sorn"].seed(0)
    reservoir = example["Reservoir"](200)
    took = min(example["time_of_a_call"](reservoir, 200) for _ in range(5))
    net = reservoir.state._course.net
    steps = []
    for _ in range(5):
        began = time.perf_counter()
        net.run_quietly(200)
        steps.append((time.perf_counter() - began) / 200 * 1e6)
    assert took < 10 * min(steps)
