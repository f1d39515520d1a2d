"""Distributions of initial weights."""

import numpy as np

from engram_sim.compat import random

__all__ = ["Distribution", "Scalar", "Uniform", "Gaussian", "LogNormal", "Exponential"]


class Distribution:
    """Subclasses with a fill() of their own are called once, with as many values as there are connections."""

    engine = None  # what the engine calls it

    def fill(self, tensor):
        """Fills a float array in place. To be written by subclasses."""
        raise NotImplementedError(f"{type(self).__name__}.fill")

    def draw(self, count):
        """An array (count,) of float32, filled."""
        values = np.empty(count, np.float32)
        self.fill(values)
        return values


class _Known(Distribution):
    """The engine draws these itself."""

    def fields(self):
        return {"dist": self.engine, **self.__dict__}

    def fill(self, tensor):
        """In place, of a NumPy array or a torch tensor of the CPU."""
        values = self._values(random(), tuple(tensor.shape))
        if isinstance(tensor, np.ndarray):
            tensor[...] = values
        else:
            import torch

            tensor.copy_(torch.as_tensor(values, dtype=tensor.dtype))


class Scalar(_Known):
    """Every weight is `value`."""

    engine = "scalar"

    def __init__(self, value):
        self.value = value

    def _values(self, rng, shape):
        return np.full(shape, self.value)


class Uniform(_Known):
    """Uniform on [low, high); ValueError where low >= high."""

    engine = "uniform"

    def __init__(self, low, high):
        if low >= high:
            raise ValueError(f"low ({low}) must be below high ({high})")
        self.low, self.high = low, high

    def _values(self, rng, shape):
        return rng.uniform(self.low, self.high, shape)


class _OfMean(_Known):
    def __init__(self, mean, var):
        if not var >= 0:
            raise ValueError(f"var is a variance, at least 0; found {var}")
        self.mean, self.var = mean, var


class Gaussian(_OfMean):
    """Normal with this mean and variance; ValueError where var is below 0 or NaN."""

    engine = "gaussian"

    def _values(self, rng, shape):
        return rng.normal(self.mean, np.sqrt(self.var), shape)


class LogNormal(_OfMean):
    """Log-normal: `mean` and `var` are those of the logarithm; ValueError where var is below 0 or NaN."""

    engine = "log_normal"

    def _values(self, rng, shape):
        return rng.lognormal(self.mean, np.sqrt(self.var), shape)


class Exponential(_Known):
    """Exponential with the rate lambd, mean 1 / lambd; ValueError where it is not above 0."""

    engine = "exponential"

    def __init__(self, lambd):
        if not lambd > 0:
            raise ValueError(f"lambd must be above 0; found {lambd}")
        self.rate = lambd

    def _values(self, rng, shape):
        return rng.exponential(1 / self.rate, shape)
