"""Vectors in and out: NumPy arrays, or torch tensors where a script uses torch."""

import sys

import numpy as np

from engram_sim.compat import need

_kind = None


def use(kind):
    """ "numpy" or "torch" for what samplers and weights are given back as; by default torch where it is imported."""
    global _kind
    if kind not in (None, "numpy", "torch"):
        raise ValueError(f'found {kind!r}; allowed are "numpy", "torch"')
    if kind == "torch":
        need("torch", 'use("torch")')
    _kind = kind


def is_torch(vector):
    """Whether this is a tensor of torch; torch is not imported for it."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(vector, torch.Tensor)


def as_numpy(vector):
    """One vector as NumPy has it."""
    if is_torch(vector):
        return vector.detach().cpu().numpy()
    if hasattr(vector, "__dlpack__") and not hasattr(vector, "__array__"):
        return np.from_dlpack(vector)
    return np.asarray(vector)


def given_back(values, like=None):
    """float32 values as a tensor, where a tensor came in or torch is in use, else as an array."""
    values = np.ascontiguousarray(values, np.float32)
    torch_like = is_torch(like) if like is not None else _kind == "torch" or (_kind is None and "torch" in sys.modules)
    return sys.modules["torch"].from_numpy(values) if torch_like else values


def of_units(units, size, like=None):
    """0 and 1: the units that fire."""
    vector = np.zeros(size, np.float32)
    vector[units] = 1
    return given_back(vector, like)
