"""Signals of a built model as arrays of the engine, and views of them as parts of these."""

import numpy as np


class NotNative(Exception):
    """The engine has no operation for this; Python runs it."""


def shape_of(base):
    """Rows and columns of an array that holds a base signal. Matrices lie column after column, what has more than two
    dimensions in one."""
    if base.sparse:
        return 1, 1  # stays with Python
    return base.shape if base.ndim == 2 else (max(base.size, 1), 1)


def values_of(base):
    """The initial values as they lie there."""
    if base.sparse:
        return np.zeros(1)
    return np.asarray(base.initial_value, float).ravel(order="F" if base.ndim == 2 else "C")


def place_of(signal, number):
    """(array, first row, step, rows, first column, step, columns) of a signal."""
    base = signal.base
    if signal.sparse or base.ndim > 2:
        raise NotNative
    rows, cols = shape_of(base)
    if base.ndim < 2:
        if signal.ndim > 1:
            raise NotNative
        step = signal.elemstrides[0] if signal.ndim else 1
        return (number, signal.elemoffset, int(step), max(signal.size, 1), 0, 1, 1)
    row, col = divmod(signal.elemoffset, cols)
    if signal.ndim == 0:
        return (number, row, 1, 1, col, 1, 1)
    if signal.ndim == 1:
        step = signal.elemstrides[0]
        if step % cols or signal.size == 0:
            raise NotNative  # a row of a matrix is no column
        return (number, row, int(step // cols), signal.size, col, 1, 1)
    row_step, col_step = signal.elemstrides
    if row_step % cols:
        raise NotNative
    return (number, row, int(row_step // cols), signal.shape[0], col, int(col_step), signal.shape[1])


def whole(base, number):
    rows, cols = shape_of(base)
    return (number, 0, 1, rows, 0, 1, cols)


def view_of(signal, array):
    """A signal as NumPy has it, in the memory of the array [row][column] of its base."""
    base = signal.base
    if base.ndim != 2:
        flat = array[:, 0]
        if not signal.is_view:
            return flat[:1].reshape(()) if base.ndim == 0 else flat.reshape(base.shape)
        return np.lib.stride_tricks.as_strided(
            flat[signal.elemoffset :], signal.shape, [s * array.itemsize for s in signal.elemstrides]
        )
    if not signal.is_view:
        return array
    cols = base.shape[1]
    row, col = divmod(signal.elemoffset, cols)
    strides = [
        s // cols * array.strides[0] if s % cols == 0 else s * array.strides[1] for s in signal.elemstrides
    ]
    return np.lib.stride_tricks.as_strided(array[row:, col:], signal.shape, strides)
