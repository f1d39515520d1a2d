"""Runs that diverged have values that are not finite. They leave gaps in pictures, and NumPy need not speak of them."""

import contextlib
import warnings

import numpy as np


@contextlib.contextmanager
def without_warnings():
    with np.errstate(all="ignore"), warnings.catch_warnings():
        for kind in (RuntimeWarning, UserWarning):
            warnings.simplefilter("ignore", kind)
        yield
