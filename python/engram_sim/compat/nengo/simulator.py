"""Simulator: nengo builds the network, the engine runs what was built."""

import collections.abc
import contextlib
import warnings

import nengo
import numpy as np
from nengo import exceptions
from nengo.utils.progress import Progress, ProgressTracker

from engram_sim.compat.nengo.compiled import Compiled, Signals

__all__ = ["Simulator"]


class Data(collections.abc.Mapping):
    """What probes recorded, read-only, and the parameters of built objects."""

    def __init__(self, sim):
        self._sim, self._cache = sim, {}

    def __getitem__(self, key):
        sim = self._sim
        if key not in sim._positions:
            return sim.model.params[key]
        if key not in self._cache or self._cache[key][0] != sim.n_steps:
            self._cache[key] = (sim.n_steps, sim._samples(key))
        return self._cache[key][1]

    def __iter__(self):
        return iter(self._sim.model.params)

    def __len__(self):
        return len(self._sim.model.params)

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(map(repr, self))})"

    def forget(self):
        """Makes arrays of probes anew when they are next asked for."""
        self._cache.clear()


class Simulator:
    """As nengo.Simulator; `backend` and `threads` say where the engine runs it."""

    unsupported = []

    def __init__(self, network, dt=0.001, seed=None, model=None, progress_bar=True, optimize=True, backend="auto",
                 threads=0):  # fmt: skip
        self.closed = True
        self.progress_bar, self.optimize = progress_bar, optimize
        self._where = (backend, threads)
        if model is None and not 0 < dt < np.inf:
            raise exceptions.ValidationError(f"Must be a positive number of seconds (got {dt!r})", attr="dt", obj=self)
        if model is None:
            self.model = nengo.builder.Model(
                dt=float(dt), label=f"{network}, dt={dt:f}", decoder_cache=nengo.cache.get_default_decoder_cache()
            )
        else:
            self.model = model
        if network is not None:
            with ProgressTracker(self.progress_bar, Progress("Building", "Build")) as tracker:
                self.model.build(network, progress=tracker.next_stage("Building", "Build"))
        self.seed = seed
        if seed is None:
            given = getattr(network, "seed", None)
            self.seed = given + 1 if given is not None else int(np.random.randint(np.iinfo(np.int32).max))
        self.data = Data(self)
        self._make()
        self._compiled.warn()
        self.closed = False

    def _make(self):
        probes = self.model.probes
        self._positions = {probe: k for k, probe in enumerate(probes)}
        self._past = {}
        self.rng = np.random.RandomState(self.seed)
        try:
            self._compiled = Compiled(self.model, probes, *self._where, self.seed)
        except RuntimeError as fault:
            raise exceptions.BuildError(str(fault)) from None
        except Exception as fault:
            if "wait for each other" in str(fault) or "cycle" in str(fault):
                raise exceptions.BuildError(str(fault)) from None
            raise
        self.signals = Signals(self._compiled)
        self.data.forget()

    def __del__(self):
        if not getattr(self, "closed", True):
            warnings.warn(f"Simulator with model={self.model} was deallocated while open. Please close simulators "
                          "manually to ensure resources are properly freed.", ResourceWarning)  # fmt: skip

    def __enter__(self):
        self._need_open("enter")
        return self

    def __exit__(self, *_):
        self.close()

    def _need_open(self, what):
        if self.closed:
            raise exceptions.SimulatorClosed(f"Cannot {what}: simulator is closed.")

    # --- running

    @property
    def dt(self):
        """Seconds of a step; to be read (ReadonlyError)."""
        return self.model.dt

    @dt.setter
    def dt(self, value):
        raise exceptions.ReadonlyError(attr="dt", obj=self)

    @property
    def n_steps(self):
        """Steps since the beginning or the last reset()."""
        return self._compiled.net.steps

    @property
    def time(self):
        """Seconds of the model since then: n_steps * dt."""
        return self.n_steps * self.dt

    @property
    def python_costs(self):
        """Seconds that Python took so far for operators which the engine lacks, by their class; functions of nodes are not
        among them. Nengo's own simulator has no such thing."""
        return dict(self._compiled.seconds)

    def run(self, time_in_seconds, progress_bar=None):
        """For so many seconds of the model, rounded to steps. ValidationError where negative or infinite, SimulatorClosed after
        close(), SimulationError where a node gives no number, FloatingPointError where a probe is not finite. progress_bar: as
        that of the constructor, None for the same."""
        if not 0 <= time_in_seconds < np.inf:
            raise exceptions.ValidationError(
                f"Must be positive and finite (got {time_in_seconds:g})", attr="time_in_seconds", obj=self
            )
        steps = int(np.round(float(time_in_seconds) / self.dt))
        if steps == 0:
            warnings.warn(f"{time_in_seconds:g} results in running for 0 timesteps. Simulator still at time {self.time:g}.")
            return
        self.run_steps(steps, progress_bar=progress_bar)

    def run_steps(self, steps, progress_bar=None):
        """So many steps; see run()."""
        self._need_open("run")
        bar = self.progress_bar if progress_bar is None else progress_bar
        with ProgressTracker(bar, Progress("Simulating", "Simulation", steps)) as tracker, _errors():
            for done in range(0, steps, 1000):
                now = min(1000, steps - done)
                self._compiled.net.run(now)
                tracker.total_progress.step(n=now)
        self._check()

    def step(self):
        """One step; see run()."""
        self._need_open("step")
        with _errors():
            self._compiled.net.run(1)
        self._check()

    def _check(self):
        for probe, position in self._positions.items():
            if not self._compiled.net.last_is_finite(position):
                raise FloatingPointError(f"{probe} is not finite")

    def reset(self, seed=None):
        """Begins anew: signals, processes and probes as at first. seed: of what draws without a seed of its own from now on."""
        self._need_open("reset")
        if seed is not None:
            self.seed = seed
        self._make()

    def clear_probes(self):
        """Forgets what probes recorded; the model stays where it is."""
        self._compiled.net.clear_samples()
        self._past = {}
        self.data.forget()

    def close(self):
        """No step is possible afterwards; recorded data stay."""
        self.closed = True

    # --- looking

    def _raw(self, probe):
        return self._compiled.net.samples(self._positions[probe])

    def _samples(self, probe):
        raw = self._raw(probe)
        if probe in self._past:
            raw = np.concatenate([self._past[probe], raw])
        signal = self.model.sig[probe]["in"]
        if len(raw) == 0:
            values = np.zeros((0,))
        else:
            values = raw.reshape(len(raw), *signal.shape)
        values = values.astype(signal.dtype, copy=False)
        values.setflags(write=False)
        return values

    def trange(self, dt=None, sample_every=None):
        """Seconds of the samples that a probe with this sample_every (seconds; None: each step) has so far, (samples,).
        `dt` is its old name."""
        if dt is not None:
            if sample_every is not None:
                raise exceptions.ValidationError("Cannot specify both `dt` and `sample_every`. Use `sample_every` only.",
                                                 attr="dt", obj=self)  # fmt: skip
            warnings.warn("`dt` is deprecated. Use `sample_every` instead.", DeprecationWarning)
            sample_every = dt
        period = 1 if sample_every is None else sample_every / self.dt
        steps = np.arange(1, self.n_steps + 1)
        return self.dt * steps[steps % period < 1]

    # --- pickling

    def __getstate__(self):
        return {
            "model": self.model, "seed": self.seed, "progress_bar": self.progress_bar, "optimize": self.optimize,
            "closed": self.closed, "where": self._where, "state": self._compiled.state(),
            "past": {p: np.concatenate([self._past[p], self._raw(p)]) if p in self._past else self._raw(p)
                     for p in self._positions},
        }  # fmt: skip

    def __setstate__(self, kept):
        self.closed = True
        self.model, self.seed, self._where = kept["model"], kept["seed"], kept["where"]
        self.progress_bar, self.optimize = kept["progress_bar"], kept["optimize"]
        self.data = Data(self)
        self._make()
        self._compiled.set_state(kept["state"])
        self._past = kept["past"]
        self.closed = kept["closed"]


@contextlib.contextmanager
def _errors():
    """Invalid operations raise, as nengo has it."""
    with np.errstate(invalid="raise", divide="ignore"):
        yield
