"""Units of a layer as a read-only object, for scripts that look at them directly. Networks make it."""

import numpy as np

UNIT_STATES = (
    "net", "net_raw", "gc_i", "act", "i_net", "i_net_r", "v_m", "v_m_eq", "adapt", "spike", "avg_ss", "avg_s", "avg_m",
    "avg_l", "acts_m", "acts_p",
)  # fmt: skip


class Array(np.ndarray):
    """An array that answers to numpy(), as tensors do."""

    def numpy(self):
        """Itself as a plain array."""
        return np.asarray(self)


def array(values):
    """Values as float64, with numpy()."""
    return np.asarray(values, float).view(Array)


class UnitGroup:
    """Every state of the units of a layer by name, [unit]."""

    def __init__(self, layer):
        self._layer = layer

    def __getattr__(self, name):
        if name not in UNIT_STATES:
            raise AttributeError(f"units have no {name!r}; there are {', '.join(UNIT_STATES)}")
        return array(self._layer._net._native.values(self._layer.name, f"unit_{name}")[0])
