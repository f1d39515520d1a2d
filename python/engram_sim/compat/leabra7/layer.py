"""Layers as read-only objects, for scripts that look at them directly. Networks make them."""

from engram_sim.compat.leabra7 import unit

LAYER_STATES = ("avg_act", "avg_net", "fbi", "gc_i", "cos_diff", "cos_diff_avg")


class Layer:
    """A layer of a network: name, size, spec, and what it is at present."""

    def __init__(self, net, name):
        self._net, self.name = net, name
        self.spec, self.size = net._specs[name], net._native.size(name)

    @property
    def units(self):
        """The states of its units."""
        return unit.UnitGroup(self)

    @property
    def clamped(self):
        """Whether its activations are held."""
        return self._net._native.clamped(self.name)

    @property
    def hidden(self):
        """Whether it was never clamped in this trial."""
        return self._net._native.hidden(self.name)

    def __getattr__(self, name):
        if name in LAYER_STATES:
            return float(self._net._native.values(self.name, name)[0, 0])
        if name in ("acts_p", "acts_m", "avg_s", "avg_m", "avg_l"):
            return getattr(self.units, name)
        raise AttributeError(f"layers have no {name!r}")
