"""Layers and projections as read-only objects, for scripts that look at them directly."""

import numpy as np

from engram_sim.compat.leabra7 import rand
from engram_sim.compat.leabra7.specs import LAYER, PROJECTION, UNIT, LayerSpec, ProjnSpec, UnitSpec

UNIT_STATES = (
    "net", "net_raw", "gc_i", "act", "i_net", "i_net_r", "v_m", "v_m_eq", "adapt", "spike", "avg_ss", "avg_s", "avg_m",
    "avg_l", "acts_m", "acts_p",
)  # fmt: skip
LAYER_STATES = ("avg_act", "avg_net", "fbi", "gc_i", "cos_diff", "cos_diff_avg")


class _Array(np.ndarray):
    """An array that answers to numpy(), as tensors do."""

    def numpy(self):
        return np.asarray(self)


def _array(values):
    return np.asarray(values, float).view(_Array)


class _Units:
    def __init__(self, layer):
        self._layer = layer

    def __getattr__(self, name):
        if name not in UNIT_STATES:
            raise AttributeError(f"units have no {name!r}; there are {', '.join(UNIT_STATES)}")
        return _array(self._layer._net._native.values(self._layer.name, f"unit_{name}")[0])


class Layer:
    def __init__(self, net, name):
        self._net, self.name = net, name
        self.spec, self.size = net._specs[name], net._native.size(name)

    @property
    def units(self):
        return _Units(self)

    @property
    def clamped(self):
        return self._net._native.clamped(self.name)

    @property
    def hidden(self):
        return self._net._native.hidden(self.name)

    def __getattr__(self, name):
        if name in LAYER_STATES:
            return float(self._net._native.values(self.name, name)[0, 0])
        if name in ("acts_p", "acts_m", "avg_s", "avg_m", "avg_l"):
            return getattr(self.units, name)
        raise AttributeError(f"layers have no {name!r}")


class Projn:
    def __init__(self, net, name):
        self._net, self.name, self.spec = net, name, net._specs[name]
        self.pre, self.post = (Layer(net, end) for end in net._native.ends(name))

    @property
    def wts(self):
        """[receiver][sender]"""
        return _array(self._net._native.weights(self.name)[0])

    @property
    def fwts(self):
        return _array(self._net._native.linear_weights(self.name)[0])

    @property
    def mask(self):
        return _array(self._net._native.connections(self.name)[0]) > 0


def spec_of(values, is_layer):
    """A specification from what the engine says of one."""
    if is_layer:
        unit = UnitSpec(**{k: values["unit_spec"][k] for k in UNIT})
        return LayerSpec(unit_spec=unit, **{k: values[k] for k in LAYER if k in values})
    kinds = {kind.engine: kind for kind in (rand.Scalar, rand.Uniform, rand.Gaussian, rand.LogNormal, rand.Exponential)}
    dist = kinds[values["dist"]].__new__(kinds[values["dist"]])
    dist.__dict__.update({k: values[k] for k in ("value", "low", "high", "mean", "var", "rate") if k in values})
    return ProjnSpec(dist=dist, **{k: values[k] for k in PROJECTION if k in values})
