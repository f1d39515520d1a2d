"""Functions of continuous Bernoulli units, in forms that stay exact where the textbook ones cancel or overflow."""

import numpy as np

from engram_sim.compat import random

__all__ = [
    "Langevin", "inverse_Langevin", "inverse_Langevin_high_precision", "coth", "dLangevin", "phi", "CB", "CB_entropy",
    "random_CB",
]  # fmt: skip


def coth(x):
    """1 / tanh, the argument cut to +-700."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return 1 / np.tanh(np.clip(x, -700, 700))


def _piecewise(x, near, series, otherwise):
    """series(x) where |x| < near, otherwise(x) elsewhere; an array of the argument's shape."""
    x = np.asarray(x, float)
    small = np.abs(x) < near
    return np.where(small, series(np.where(small, x, 0.0)), otherwise(np.where(small, 1.0, x)))


def Langevin(x):
    """coth x - 1/x: the mean of a unit with these log-odds."""
    return _piecewise(
        x, 0.05, lambda x: x * (1 / 3 - x**2 * (1 / 45 - x**2 * (2 / 945 - x**2 / 4725))),
        lambda x: 1 / np.tanh(x) - 1 / x,
    )  # fmt: skip


def dLangevin(x):
    """The derivative of Langevin, which also is the variance of a unit."""
    def otherwise(x):
        e = np.exp(-2 * np.abs(x))
        return 1 / x**2 - 4 * e / (1 - e) ** 2

    return _piecewise(x, 0.05, lambda x: 1 / 3 - x**2 * (1 / 15 - x**2 * (2 / 189 - x**2 / 675)), otherwise)


def inverse_Langevin(x):
    """The rational approximation y (3 - y^2) / (1 - y^2)."""
    return x * (3 - x**2) / (1 - x**2)


def inverse_Langevin_high_precision(y):
    """The same by bisection, to the last bits; the argument cut to +-(1 - 1e-9)."""
    y = float(np.clip(y, -1 + 1e-9, 1 - 1e-9))
    low, high = -1.0, 1.0
    while Langevin(low) > y:
        low *= 2
    while Langevin(high) < y:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if Langevin(middle) < y else (low, middle)
    return (low + high) / 2


def phi(b):
    """log(2 sinh b / b)."""
    def otherwise(b):
        a = np.abs(b)
        return a - np.log(a) + np.log1p(-np.exp(-2 * a))

    return _piecewise(b, 0.05, lambda b: np.log(2) + b**2 * (1 / 6 - b**2 * (1 / 180 - b**2 / 2835)), otherwise)


def CB(x, b, logodds=True):
    """Density of a unit at x; `b` its log-odds, or with logodds=False a probability."""
    if not logodds:
        b = np.log(b / (1 - b)) / 2
    return np.exp(b * np.asarray(x, float) - phi(b))


def CB_entropy(b):
    """Differential entropy in nats of a unit with the log-odds b: log 2 at 0, less elsewhere; an array of b's shape."""
    return phi(b) - b * Langevin(b)


def random_CB(b, rng=None):
    """A sample, by the inverse of the distribution function."""
    u = (random() if rng is None else rng).uniform(0, 1)
    b = float(np.clip(b, -500, 500))
    if abs(b) <= 1e-8:
        return 2 * u - 1
    x = 1 + np.log(u + (1 - u) * np.exp(-2 * b)) / b if b > 0 else -1 + np.log((1 - u) + u * np.exp(2 * b)) / b
    return float(np.clip(x, -1, 1))
