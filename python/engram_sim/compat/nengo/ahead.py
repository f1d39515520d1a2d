"""Operators that read time alone, run ahead of the engine's steps."""

import numpy as np
from nengo.builder.operator import SimPyFunc


class Ahead:
    """Called for a stretch of steps, it runs the operator once a step, in order, on arrays of its own that stand for the
    signals; the values of the output come back, [step][value]."""

    def __init__(self, op, dt, rng):
        self._op, self._dt = op, dt
        self._arrays = {signal: np.array(signal.initial_value) for signal in op.all_signals}
        self._output, self._time = self._arrays[op.output], self._arrays[op.t]
        self._step = op.make_step(self._arrays, dt, rng)

    def __call__(self, first, count):
        times = (np.arange(first + 1, first + count + 1) * self._dt).astype(self._time.dtype)
        if isinstance(self._op, SimPyFunc):
            return self._said(times.tolist())
        return self._one_by_one(times)

    def _said(self, times):
        """Of a function: its numbers are checked together. What is no array of numbers goes the way of nengo's operator,
        which spreads single numbers and words the errors."""
        function = self._op.fn
        said = [y.copy() if isinstance(y := function(t), (np.ndarray, list)) else y for t in times]  # may be one buffer
        try:
            values = np.array(said)
        except ValueError:  # of several shapes
            values = np.empty(0)
        if values.dtype.kind in "biuf" and values.size == len(times) * self._output.size and np.isfinite(values).all():
            return values.reshape(len(times), -1)
        one_by_one = iter(said)
        self._op.fn = _Named(function, lambda t: next(one_by_one))
        try:
            self._step = self._op.make_step(self._arrays, self._dt, None)
            return self._one_by_one(np.array(times))
        finally:
            self._op.fn = function

    def _one_by_one(self, times):
        values = np.empty((len(times), self._output.size))
        adds = getattr(self._op, "mode", "set") == "inc"
        for k, time in enumerate(times):
            self._time[...] = time
            if adds:
                self._output[...] = 0
            self._step()
            values[k] = self._output.ravel()
        return values

    def state(self):
        return [self._arrays[signal].copy() for signal in self._op.all_signals]

    def set_state(self, kept):
        for signal, values in zip(self._op.all_signals, kept):
            self._arrays[signal][...] = values


class _Named:
    """Calls one function under the name of another one."""

    def __init__(self, named, called):
        self.__name__, self._called = getattr(named, "__name__", type(named).__name__), called

    def __call__(self, t):
        return self._called(t)
