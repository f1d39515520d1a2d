"""Random vectors and matrices. They draw from NumPy's global generator, or from what compat.seed() began."""

import numpy as np

from engram_sim.compat import random
from engram_sim.compat.assembly.vectors import given_back

__all__ = ["sample_bernoulli", "sample_k_active", "sample_uniform_masked"]


def sample_bernoulli(*size, proba):
    """Each 1 with this probability, else 0."""
    return given_back(random().random(size) < proba)


def sample_uniform_masked(*size, proba):
    """Each uniform on [0, 1) with this probability, else 0."""
    return given_back(random().random(size) * (random().random(size) < proba))


def sample_k_active(n=1000, k=50):
    """n values of which k are 1."""
    if not 0 <= k <= n:
        raise ValueError(f"k: found {k}; allowed is 0 to n = {n}")
    vector = np.zeros(n)
    vector[random().choice(n, k, replace=False)] = 1
    return given_back(vector)
