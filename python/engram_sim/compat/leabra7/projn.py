"""Projections as read-only objects, for scripts that look at them directly. Networks make them."""

from engram_sim.compat.leabra7.layer import Layer
from engram_sim.compat.leabra7.unit import array


class Projn:
    """A projection of a network; matrices are [receiver][sender]."""

    def __init__(self, net, name):
        self._net, self.name, self.spec = net, name, net._specs[name]
        self.pre, self.post = (Layer(net, end) for end in net._native.ends(name))

    @property
    def wts(self):
        """Effective weights."""
        return array(self._net._native.weights(self.name)[0])

    @property
    def fwts(self):
        """Linear weights, those that learn."""
        return array(self._net._native.linear_weights(self.name)[0])

    @property
    def mask(self):
        """Where there is a connection."""
        return array(self._net._native.connections(self.name)[0]) > 0
