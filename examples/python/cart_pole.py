"""A pole on a cart, balanced by a policy that reads what is seen and the activity of a SORN network: each step of the
world is one call that takes the state of the last one, as the documentation of the package sorn has it.

    PYTHONPATH=python python3 examples/python/cart_pole.py [--episodes 200] [--gymnasium] [--calls 5000]

The readout is a logistic policy, trained by the gradient of the return. `--gymnasium` takes CartPole-v1 of gymnasium,
where it is installed, in the place of the world below, which has its equations and its limits. `--calls N` measures
nothing but N calls."""

import argparse
import time

import numpy as np

from engram_sim.compat import sorn

BOUNDS = np.array([2.4, 3.0, 0.21, 3.0])  # of what a step shows, to scale it


class CartPole:
    """Barto, Sutton and Anderson 1983, as gymnasium's CartPole-v1 has it."""

    GRAVITY, CART, POLE, HALF_LENGTH, FORCE, DT, MOST_STEPS = 9.8, 1.0, 0.1, 0.5, 10.0, 0.02, 500

    def __init__(self, seed):
        self._rng = np.random.default_rng(seed)

    def reset(self):
        self._state, self._steps = self._rng.uniform(-0.05, 0.05, 4), 0
        return self._state.copy(), {}

    def step(self, action):
        """(what is seen, reward, fell, time is up, {})"""
        x, v, angle, turn = self._state
        mass = self.CART + self.POLE
        sin, cos = np.sin(angle), np.cos(angle)
        push = ((self.FORCE if action else -self.FORCE) + self.POLE * self.HALF_LENGTH * turn**2 * sin) / mass
        spin = (self.GRAVITY * sin - cos * push) / (self.HALF_LENGTH * (4 / 3 - self.POLE * cos**2 / mass))
        speed_up = push - self.POLE * self.HALF_LENGTH * spin * cos / mass
        self._state += self.DT * np.array([v, speed_up, turn, spin])
        self._steps += 1
        fell = abs(self._state[0]) > 2.4 or abs(self._state[2]) > np.radians(12)
        return self._state.copy(), 1.0, bool(fell), self._steps >= self.MOST_STEPS, {}


class Reservoir:
    """The network, a call a step; what is seen goes in as the positive and the negative part of each value."""

    def __init__(self, units, rounds=200):
        self.units, self.state = units, None
        noise = np.random.default_rng(0).random((8, rounds))
        self.state, _ = sorn.Simulator.run(inputs=noise, ne=units, timesteps=rounds)

    def step(self, inputs, learns):
        """One call of one step: which units fire."""
        runner = sorn.Simulator if learns else sorn.Trainer
        self.state, series = runner.run(inputs=inputs, state=self.state, timesteps=1, noise=False,
                                        callbacks=["ExcitatoryActivation"], phase="plasticity" if learns else "training")  # fmt: skip
        return series["ExcitatoryActivation"][0]

    def __call__(self, seen, learns):
        scaled = np.asarray(seen) / BOUNDS
        inputs = np.maximum(np.concatenate([scaled, -scaled]), 0).reshape(8, 1)
        return np.concatenate([self.step(inputs, learns), scaled])


class Policy:
    """Pushes right with a logistic probability; learns from the discounted return of an episode."""

    def __init__(self, values, seed, rate=0.3, discount=0.99):
        self._rng, self.weights, self.rate, self.discount = np.random.default_rng(seed), np.zeros(values), rate, discount
        self._gradients = []

    def __call__(self, values):
        right = 1 / (1 + np.exp(-self.weights @ values))
        action = int(self._rng.random() < right)
        self._gradients.append((action - right) * values)
        return action

    def learn(self):
        steps = len(self._gradients)
        returns = (1 - self.discount ** np.arange(steps, 0, -1)) / (1 - self.discount)
        self.weights += self.rate * np.mean(np.array(self._gradients) * (returns - returns.mean())[:, None], axis=0)
        self._gradients = []


def play(world, reservoir, policy, episodes, learning_episodes=20):
    """How many steps each episode lasted."""
    lasted = []
    for episode in range(episodes):
        seen, _ = world.reset()
        ended, steps = False, 0
        while not ended:
            seen, _, fell, over, _ = world.step(policy(reservoir(seen, learns=episode < learning_episodes)))
            steps += 1
            ended = fell or over
        policy.learn()
        lasted.append(steps)
    return lasted


def time_of_a_call(reservoir, calls):
    """Microseconds that a call of the network takes, the median of five rounds."""
    inputs, rounds = np.array([0.04, 0, 0.1, 0.1, 0, 0.07, 0, 0]).reshape(8, 1), []
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(calls // 5):
            reservoir.step(inputs, learns=True)
        rounds.append((time.perf_counter() - began) / (calls // 5))
    return 1e6 * float(np.median(rounds))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--episodes", type=int, default=200)
    parser.add_argument("--units", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--gymnasium", action="store_true")
    parser.add_argument("--calls", type=int, help="measure so many calls instead")
    options = parser.parse_args()
    sorn.seed(options.seed)
    reservoir = Reservoir(options.units)
    if options.calls:
        print(f"{time_of_a_call(reservoir, options.calls):.1f} us a call at {options.units} units")
        return
    world = CartPole(options.seed)
    if options.gymnasium:
        import gymnasium

        world = gymnasium.make("CartPole-v1")
    lasted = play(world, reservoir, Policy(options.units + 4, options.seed), options.episodes)
    tenth = max(1, options.episodes // 10)
    print(f"steps an episode: {np.mean(lasted[:tenth]):.0f} at first, {np.mean(lasted[-tenth:]):.0f} at last")


if __name__ == "__main__":
    main()
