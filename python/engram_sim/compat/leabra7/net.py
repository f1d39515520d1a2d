"""Net: layers and projections by name, on one network of the engine."""

import copy
import json

import numpy as np

from engram_sim import native
from engram_sim.compat import fresh_seed, need
from engram_sim.compat.leabra7 import events, specs
from engram_sim.compat.leabra7.layer import Layer
from engram_sim.compat.leabra7.log import Logger, Logs
from engram_sim.compat.leabra7.projn import Projn
from engram_sim.compat.leabra7.specs import LayerSpec, ProjnSpec, Spec, UnitSpec, ValidationError
from engram_sim.errors import ConfigError, Error
from engram_sim.leabra import Leabra

__all__ = ["Net", "Logs", "check"]
# What events without arguments do: methods of a network, and of the engine's.
CALLS = {events.Cycle: "cycle", events.Learn: "learn", events.EndEpoch: "end_epoch", events.EndBatch: "end_batch"}
ENDS = {events.EndMinusPhase: "end_minus", events.EndPlusPhase: "end_plus", events.EndTrial: "end_trial"}


def check(spec):
    """Has the engine check a specification; raises ValidationError."""
    try:
        net = Leabra(seeds=1)
        if isinstance(spec, UnitSpec):
            return net.new_layer("layer", 1, LayerSpec(unit_spec=spec).engine())
        net.new_layer("layer", 1, spec.engine() if isinstance(spec, LayerSpec) else {})
        if isinstance(spec, ProjnSpec):
            net.new_projection("projection", "layer", "layer", spec.engine())
    except (ConfigError, TypeError) as fault:
        raise ValidationError(str(fault)) from None


def _frame(columns, order=()):
    """A DataFrame of the columns; units and times are whole numbers, the rest is float."""
    pandas = need("pandas", "Net.observe and Net.logs")
    whole = ("unit", "pre_unit", "post_unit", "time")
    names = [*(n for n in columns if n != "time"), *(n for n in columns if n == "time")]
    return pandas.DataFrame({n: columns[n].astype(np.int64) if n in whole else columns[n] for n in names},
                            columns=names or list(order))  # fmt: skip


class Net:
    """A network without layers at first."""

    def __init__(self):
        self._engine = Leabra(seeds=fresh_seed())
        self._native = self._engine._net
        self._specs = {}  # name -> specification, by reference
        self._told = {}  # name -> what the engine was told of it
        self._seen = Spec.changes

    # --- making

    def _new(self, name, spec, default):
        if name in self._specs:
            raise ValueError(f"{name}: this name is taken")
        if spec is None:
            return default()
        if not isinstance(spec, default):
            raise ValidationError(f"spec: found {type(spec).__name__}; needed is a {default.__name__}")
        spec.validate()
        return spec

    def _keep(self, name, spec):
        self._specs[name] = spec
        self._told[name] = native.text(spec.engine())

    def new_layer(self, name, size, spec=None):
        """A layer of `size` units."""
        spec = self._new(name, spec, LayerSpec)
        if size <= 0:
            raise ValueError(f"size: found {size}; needed is at least 1")
        self._engine.new_layer(name, int(size), spec.engine())
        self._keep(name, spec)

    def new_projn(self, name, pre, post, spec=None):
        """A projection from layer `pre` to layer `post`."""
        spec = self._new(name, spec, ProjnSpec)
        for layer in (pre, post):
            self._need_layer(layer)
        try:
            self._engine.new_projection(name, pre, post, spec.engine())
        except ConfigError as fault:
            raise ValueError(str(fault)) from None
        self._keep(name, spec)
        if not spec.dist.engine:
            there = self._native.connections(name)[0] > 0
            weights = np.zeros(there.shape, np.float32)
            weights[there] = spec.dist.draw(int(there.sum()))
            self._native.set_weights(name, weights)

    def _need_layer(self, name):
        if name not in self._specs or not isinstance(self._specs[name], LayerSpec):
            raise ValueError(f"there is no layer {name!r}; there are {self._native.layers}")

    def _tell(self):
        """Tells the engine of specifications that were changed since."""
        if self._seen == Spec.changes:
            return
        self._seen = Spec.changes
        for name, spec in self._specs.items():
            told = native.text(spec.engine())
            if told != self._told[name]:
                self._engine.change(name, **json.loads(told))
                self._told[name] = told

    # --- running

    def clamp_layer(self, name, acts):
        """Holds a layer at these activations, repeated or cut to its size; in [0, 1], at most clamp_max is taken."""
        self._need_layer(name)
        self._native.clamp_layer(name, np.asarray(acts if hasattr(acts, "__array__") else list(acts), float), False)

    def unclamp_layer(self, name):
        """Lets the activations of a layer change again."""
        self._need_layer(name)
        self._native.unclamp_layer(name)

    def cycle(self):
        """One step."""
        if self._seen != Spec.changes:
            self._tell()
        self._native.cycle(1)

    def _phase(self, run, num_cycles):
        if num_cycles < 1:
            raise ValueError(f"num_cycles: found {num_cycles}; needed is at least 1")
        self._tell()
        run(int(num_cycles))

    def minus_phase_cycle(self, num_cycles=50):
        """The minus phase of a trial, in which the answer is not clamped."""
        self._phase(self._engine.minus_phase, num_cycles)

    def plus_phase_cycle(self, num_cycles=25):
        """The plus phase, in which it is; ends the trial."""
        self._phase(self._engine.plus_phase, num_cycles)

    def learn(self):
        """All weights learn from the two phases."""
        self._tell()
        self._native.learn()

    def end_epoch(self):
        """Has the logs of epochs record."""
        self._native.end_epoch()

    def end_batch(self):
        """Has the logs of batches record."""
        self._native.end_batch()

    def handle(self, event):
        """What an event does; see leabra7.events."""
        if isinstance(event, events.HardClamp):
            self.clamp_layer(event.layer_name, event.acts)
        elif isinstance(event, events.Unclamp):
            self.unclamp_layer(event.layer_name)
        elif isinstance(event, events.PauseLogging):
            self.pause_logging(event.freq.name)
        elif isinstance(event, events.ResumeLogging):
            self.resume_logging(event.freq.name)
        elif (call := CALLS.get(type(event))) is not None:
            getattr(self, call)()
        elif (call := ENDS.get(type(event))) is not None:
            getattr(self._native, call)()

    # --- looking

    def _observed(self, name, attr):
        if name not in self._specs:
            raise ValueError(f"there is no layer or projection {name!r}; there are {list(self._specs)}")
        try:
            return self._native.observe(name, attr)
        except Error as fault:
            raise ValueError(str(fault)) from None

    def observe(self, name, attr):
        """The present value of one attribute, as a DataFrame."""
        return _frame(self._observed(name, attr))

    def act(self, name):
        """Activations of a layer as an array, without pandas."""
        return self._native.values(name, "unit_act")[0].astype(float)

    def logs(self, freq, name):
        """Logs(whole, parts) of "cycle", "trial", "epoch" or "batch", as DataFrames."""
        events.Frequency.from_name(freq)
        spec = self._specs.get(name)
        if spec is None or not tuple(spec.attrs_to_log(freq)):
            raise ValueError(f"{name!r} logs nothing each {freq}; name attributes in log_on_{freq} of its spec")
        whole, parts = self._native.logs(freq, name)
        return Logs(_frame(whole, ["time"]), _frame(parts, ["time"]))

    def pause_logging(self, freq=None):
        """Of one frequency, or of all."""
        if freq is not None:
            events.Frequency.from_name(freq)
        self._native.pause_logging(freq)

    def resume_logging(self, freq=None):
        """Of one frequency, or of all."""
        if freq is not None:
            events.Frequency.from_name(freq)
        self._native.resume_logging(freq)

    @property
    def layers(self):
        """By name, in the order in which they were made; to be read."""
        return {name: Layer(self, name) for name in self._native.layers}

    @property
    def projns(self):
        """By name, in the order in which they were made; to be read."""
        return {name: Projn(self, name) for name in self._native.projections}

    @property
    def loggers(self):
        """A Logger for each object and frequency that something is logged of."""
        return [Logger(self, name, events.Frequency.from_name(freq), attrs)
                for name, spec in self._specs.items() for freq in events.NAMES
                if (attrs := tuple(spec.attrs_to_log(freq)))]  # fmt: skip

    @property
    def objs(self):
        """Layers, projections and loggers by name."""
        return {**self.layers, **self.projns, **{logger.name: logger for logger in self.loggers}}

    # --- files

    def save(self, filename):
        """Everything, so that a loaded network goes on as if it had never been saved; no pickle, whatever the name."""
        self._tell()
        self._engine.save(filename)

    def load(self, filename):
        """Replaces this network by the one that save() wrote. Refuses pickles, which may run any code."""
        self._take(Leabra.load(filename))

    def _take(self, engine):
        self._engine, self._native = engine, engine._net
        self._specs, self._told, self._seen = {}, {}, Spec.changes
        for name in [*engine.layers, *engine.projections]:
            self._keep(name, specs.spec_of(engine.spec(name), name in engine.layers))

    def __deepcopy__(self, memo):
        other = Net.__new__(Net)
        other._engine = self._engine.fork()
        other._native = other._engine._net
        other._seen = self._seen
        other._specs, other._told = copy.deepcopy(self._specs, memo), dict(self._told)
        return other

    def __getstate__(self):
        return {k: v for k, v in self.__dict__.items() if k != "_native"}

    def __setstate__(self, kept):
        self.__dict__.update(kept)
        self._seen = -1  # counted in another process, perhaps
        self._native = self._engine._net
