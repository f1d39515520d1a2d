"""Leabra networks: layers of point neurons that learn from the difference of two phases."""

import json

import numpy as np

from engram_sim import native
from engram_sim.errors import ConfigError
from engram_sim.network import Network, parameters_of


class Leabra(Network):
    """A network, or replicas of it, one a seed. mode: "compatible" computes as Leabra7 does, "standard" with its faults
    mended. Values come out as [replica][unit], weights as [replica][receiver][sender]."""

    def __init__(self, *, mode="compatible", seeds=1, backend="auto", threads=0, precision=None):
        seeds = native.seeds_of(seeds)
        self._begin({"mode": mode, "seeds": seeds, "backend": backend, "threads": threads}, precision)
        self._net = self._module.Leabra(seeds, mode, backend, threads)

    def new_layer(self, name, size, spec=None, **keywords):
        """spec: a LeabraLayerParameters or a dict, or keywords such as gi=1.5, unit_spec={"vm_dt": 0.3}."""
        self._shape("new_layer", name, size, native.text(parameters_of(spec, keywords)))

    def new_projection(self, name, pre, post, spec=None, **keywords):
        """spec: a LeabraProjectionParameters or a dict, or keywords such as lrate=0.02, dist="uniform", low=0.25."""
        self._shape("new_projection", name, pre, post, native.text(parameters_of(spec, keywords)))

    def change(self, name, **keywords):
        """Parameters of a layer or projection from now on; what was drawn or built from them before stays."""
        self._shape("change_layer" if native.word(name, "name") in self.layers else "change_projection", name, native.text(keywords))

    def spec(self, name):
        """All parameters of a layer or projection."""
        known = native.word(name, "name") in self.layers
        return json.loads(self._net.layer_spec(name) if known else self._net.projection_spec(name))

    @property
    def layers(self):
        """Names, in the order in which they were made."""
        return self._net.layers

    @property
    def projections(self):
        """Names, in the order in which they were made."""
        return self._net.projections

    @property
    def replicas(self):
        """How many networks stand side by side."""
        return self._net.replicas

    def clamp(self, layer, acts, each=False):
        """Holds a layer at these activations, one row for all replicas that is repeated or cut to its size, or a picture of as
        many points as it has units; each=True: [replica][unit]."""
        native.flag(each, "each")
        if native.word(layer, "layer") in self.layers:
            size = self._net.size(layer)
            acts = native.shaped(acts, layer, (self.replicas, size)) if each else native.read(acts, layer)
            if not each and native.numeric(acts) and acts.ndim > 1 and len(acts) > 1 and acts.size != size:
                raise ConfigError(layer, f"found the shape {acts.shape}; needed is one row for all replicas, or each=True and "
                                         f"the shape {(self.replicas, size)}")  # fmt: skip
        self._net.clamp_layer(layer, acts, each)

    def unclamp(self, layer):
        """Lets its activations change again."""
        self._net.unclamp_layer(layer)

    def cycle(self, cycles=1):
        """Steps of all units."""
        self._net.cycle(cycles)

    def minus_phase(self, cycles=50):
        """The guess: cycles, then the activations are kept for learning."""
        self._phase(self._net.minus_phase_cycle, cycles)

    def plus_phase(self, cycles=25):
        """The answer, likewise."""
        self._phase(self._net.plus_phase_cycle, cycles)

    def _phase(self, ends, cycles):
        """All cycles but the last by themselves, so that Ctrl-C is heard between them."""
        native.whole(cycles, "cycles")
        if cycles > 1:
            self._net.cycle(cycles - 1)
        ends(min(cycles, 1))

    def learn(self):
        """All projections, from the two phases that were last."""
        self._net.learn()

    def end_epoch(self, loss=None):
        """Ends an epoch: logs of epochs get a row, and schedules of learning rates go on. Projections whose schedule waits for a
        plateau need the `loss` of the epoch, 0 or more, as one number or one a replica; without it their rates stay."""
        if loss is not None:
            losses = native.shaped(loss, "loss", (), (self.replicas,))
            if not (native.numeric(losses) and (np.isfinite(losses) & (losses >= 0)).all()):
                raise ConfigError("loss", f"found {loss!r}; allowed are numbers from 0, one or one a replica")
        self._net.end_epoch()
        if loss is not None:
            self._net.report_loss(np.broadcast_to(losses, self.replicas).tolist())

    def values(self, layer, attribute="unit_act"):
        """[replica][unit] of a unit attribute, [replica][1] of a layer's."""
        return self._net.values(layer, attribute)

    def weights(self, projection, linear=False):
        """Effective weights, or the linear ones that learn; 0 where there is no connection."""
        return self._net.linear_weights(projection) if native.flag(linear, "linear") else self._net.weights(projection)

    def set_weights(self, projection, weights):
        """[receiver][sender] for all replicas, or [replica][receiver][sender]."""
        if native.word(projection, "projection") in self.projections:
            pre, post = map(self._net.size, self._net.ends(projection))
            weights = native.shaped(weights, projection, (post, pre), (self.replicas, post, pre))
        self._net.set_weights(projection, weights)

    def observe(self, name, attribute):
        """Columns by name: one row for a whole attribute, a row a unit or connection for others."""
        return self._net.observe(name, attribute)

    def logs(self, freq, name):
        """(whole, parts) of "cycle", "trial", "epoch" or "batch", as columns by name."""
        return self._net.logs(freq, name)
