"""Operators that read time alone, run ahead of the engine's steps."""

import numpy as np


class Ahead:
    """Called for a stretch of steps, it runs the operator once a step, in order, on arrays of its own that stand for the
    signals; the values of the output come back, [step][value]."""

    def __init__(self, op, dt, rng):
        self._op, self._dt = op, dt
        self._arrays = {signal: np.array(signal.initial_value) for signal in op.all_signals}
        self._step = op.make_step(self._arrays, dt, rng)

    def __call__(self, first, count):
        output, time = self._arrays[self._op.output], self._arrays[self._op.t]
        values = np.empty((count, output.size))
        adds = getattr(self._op, "mode", "set") == "inc"
        for k in range(count):
            time[...] = (first + k + 1) * self._dt
            if adds:
                output[...] = 0
            self._step()
            values[k] = output.ravel()
        return values

    def state(self):
        return [self._arrays[signal].copy() for signal in self._op.all_signals]

    def set_state(self, kept):
        for signal, values in zip(self._op.all_signals, kept):
            self._arrays[signal][...] = values
