"""A built model on the engine."""

import collections
import collections.abc
import time
import warnings

import numpy as np
from nengo.builder.operator import SimPyFunc, TimeUpdate

from engram_sim import native
from engram_sim.compat import CompatWarning
from engram_sim.compat.nengo.ahead import Ahead
from engram_sim.compat.nengo.operators import TABLE
from engram_sim.compat.nengo.places import NotNative, place_of, shape_of, values_of, view_of, whole


class Compiled:
    """`fallbacks` are the operators that Python runs, by class; `seconds` is what each class has taken so far."""

    def __init__(self, model, probes, backend, threads, seed):
        self.dt = model.dt
        self.module = native.module(prefer="double")
        self.net = self.module.Operators(model.dt, backend, threads)
        self._numbers, self._own = {}, 0
        # The engine counts steps in whole numbers; all else is real there, whatever type a signal has.
        self._steps = {op.step.base for op in model.operators if isinstance(op, TimeUpdate)}
        self.fallbacks, self.seconds = {}, collections.Counter()
        self._calls = []
        for index, op in enumerate(model.operators):
            self._index = index
            for signal in op.all_signals:
                self.number(signal)
            try:
                if type(op) not in TABLE:
                    raise NotNative
                TABLE[type(op)](self, op)
            except NotNative:
                self._by_python(op)
        for probe in probes:
            signal = model.sig[probe]["in"]
            if signal.base in self._steps:
                raise NotImplementedError(f"{probe}: the number of the step is no array of real numbers; sim.n_steps has it")
            period = 1 if probe.sample_every is None else probe.sample_every / model.dt
            self.net.record(f"probe{len(self._numbers)}", self._place_or_whole(signal), period)
        self.net.ready()
        rng = np.random.RandomState(seed)
        signals = Signals(self)
        for cell, op, is_ahead in self._calls:
            cell.append(Ahead(op, model.dt, rng) if is_ahead else self._timed(op, op.make_step(signals, model.dt, rng)))

    # --- arrays

    def name(self, op):
        return f"{type(op).__name__}{self._index}"

    def number(self, signal):
        """The array of a signal's base."""
        base = signal.base
        if base not in self._numbers:
            integer = base in self._steps
            self._numbers[base] = self.net.array(f"signal{len(self._numbers)}", *shape_of(base), integer, values_of(base))
        return self._numbers[base]

    def place(self, signal):
        if isinstance(signal, tuple):
            return signal
        if signal.base in self._steps:
            raise NotNative
        return place_of(signal, self.number(signal))

    def _place_or_whole(self, signal):
        try:
            return self.place(signal)
        except NotNative:
            return whole(signal.base, self.number(signal))

    def own(self, values):
        """The place of a new vector that is no signal's."""
        self._own += 1
        number = self.net.array(f"own{self._own}", len(values), 1, False, np.asarray(values, float))
        return (number, 0, 1, len(values), 0, 1, 1)

    # --- what Python runs

    def ahead(self, op, place):
        """Values of time alone, asked of Python for many steps at once."""
        cell = []
        self.net.ahead(self.name(op), place, lambda first, count: cell[0](first, count))
        self._calls.append((cell, op, True))

    def _by_python(self, op):
        cell = []
        uses = [(access, self._place_or_whole(s))
                for access, group in (("set", op.sets), ("inc", op.incs), ("read", op.reads), ("update", op.updates))
                for s in group]  # fmt: skip
        self.net.python(self.name(op), uses, lambda: cell[0]())
        self._calls.append((cell, op, False))
        if not isinstance(op, SimPyFunc):
            self.fallbacks.setdefault(type(op).__name__, []).append(op)

    def _timed(self, op, step):
        if isinstance(op, SimPyFunc):
            return step
        name, seconds, now = type(op).__name__, self.seconds, time.perf_counter

        def timed():
            began = now()
            step()
            seconds[name] += now() - began

        return timed

    def state(self):
        """All that goes on changing, for a pickle."""
        return {"engine": self.net.state(), "ahead": [cell[0].state() for cell, _, is_ahead in self._calls if is_ahead]}

    def set_state(self, kept):
        self.net.set_state(kept["engine"])
        for cell, values in zip([cell for cell, _, is_ahead in self._calls if is_ahead], kept["ahead"]):
            cell[0].set_state(values)

    def warn(self):
        if self.fallbacks:
            named = ", ".join(f"{len(ops)} {name}" for name, ops in self.fallbacks.items())
            warnings.warn(f"the engine has no operation for {named}: Python runs them, some microseconds a step each; "
                          "sim.python_costs has what they took", CompatWarning, 4)  # fmt: skip


class Signals(collections.abc.Mapping):
    """Values of signals: views of the engine's memory where Python runs operators, else copies; may be set."""

    def __init__(self, compiled):
        self._compiled = compiled

    def _array(self, base):
        net, number = self._compiled.net, self._compiled._numbers[base]
        return net.view(number) if net.sees() else np.asarray(net.values(number)).T

    def __getitem__(self, signal):
        if signal.base not in self._compiled._numbers:
            raise KeyError(signal)
        if signal.sparse:
            return signal.initial_value
        array = view_of(signal, self._array(signal.base))
        return array if self._compiled.net.sees() else array.astype(signal.dtype)

    def __setitem__(self, signal, values):
        net, number = self._compiled.net, self._compiled._numbers[signal.base]
        array = np.array(np.asarray(net.values(number)).T)
        view_of(signal, array)[...] = values
        net.set(number, array.ravel(order="F"))

    def __iter__(self):
        return iter(self._compiled._numbers)

    def __len__(self):
        return len(self._compiled._numbers)

    def __contains__(self, signal):
        return signal.base in self._compiled._numbers
