"""Parameters. Names, defaults and ranges come from the engine's table; those of leabra7 are the part named here."""

import math

from engram_sim import parameters
from engram_sim.compat.leabra7 import rand
from engram_sim.compat.leabra7.rand import Distribution, Scalar

UNIT = (
    "integ", "e_rev_e", "e_rev_i", "e_rev_l", "gc_l", "spk_thr", "v_m_r", "vm_gain", "spike_gain", "net_dt", "vm_dt",
    "adapt_dt", "syn_tr", "act_gain", "ss_dt", "s_dt", "m_dt", "l_dn_dt", "l_up_inc",
)  # fmt: skip
LOGS = ("log_on_cycle", "log_on_trial", "log_on_epoch", "log_on_batch")
LAYER = ("integ", "inhibition_type", "kwta_pct", "kwta_pt", "ff", "ff0", "fb", "fb_dt", "gi", "avg_dt", "clamp_max",
         *LOGS)  # fmt: skip
PROJECTION = (
    "projn_type", "pre_mask", "post_mask", "sparsity", "wt_scale_abs", "wt_scale_rel", "lrate", "thr_l_mix",
    "cos_diff_thr_l_mix", "cos_diff_lrate", "sig_gain", "sig_offset", *LOGS,
)  # fmt: skip


class ValidationError(Exception):
    """A parameter that is out of range."""


def _defaults(table, names):
    return {name: getattr(table, name, 1.0) for name in names}


class Spec:
    """Keywords override defaults; both may be read and set at any time. validate() checks them, in the engine."""

    _defaults = {}
    changes = 0  # of any specification, so that networks need not compare theirs each cycle

    def __init__(self, **keywords):
        for name in keywords:
            if name not in self._defaults:
                raise ValueError(f"{name} is not a parameter of {type(self).__name__}; there are "
                                 f"{', '.join(self._defaults)}")  # fmt: skip
        self.__dict__.update(keywords)

    def __getattr__(self, name):
        if name.startswith("__") or name not in self._defaults:
            raise AttributeError(f"{type(self).__name__} has no parameter {name!r}")
        return self._defaults[name]

    def __setattr__(self, name, value):
        if name not in self._defaults:
            raise AttributeError(f"{type(self).__name__} has no parameter {name!r}")
        self.__dict__[name] = value
        Spec.changes += 1

    def _values(self):
        return {name: getattr(self, name) for name in self._defaults}

    def __eq__(self, other):
        return type(self) is type(other) and self._values() == other._values()

    __hash__ = None

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.__dict__.items())})"

    def assert_in_range(self, attr, low, high):
        """ValidationError where the attribute is not within [low, high], NaN included; ValueError where low > high."""
        if low > high:
            raise ValueError(f"low ({low}) is above high ({high})")
        if not low <= getattr(self, attr) <= high:
            raise ValidationError(f"{attr}: found {getattr(self, attr)}; allowed is {low} to {high}")

    def assert_sane_float(self, attr):
        """ValidationError where the attribute is infinite or NaN."""
        if not math.isfinite(getattr(self, attr)):
            raise ValidationError(f"{attr}: found {getattr(self, attr)}; needed is a finite number")

    def attrs_to_log(self, freq):
        """The attributes of log_on_<freq>; freq is "cycle", "trial", "epoch" or "batch"."""
        return getattr(self, f"log_on_{freq}")

    def validate_attrs_to_log(self):
        """ValidationError where an attribute that is to be logged does not exist."""
        self.validate()

    def validate(self):
        """Raises ValidationError."""
        from engram_sim.compat.leabra7.net import check

        check(self)


class UnitSpec(Spec):
    """Parameters of units, with the names, defaults and ranges of leabra7; describe("leabra") lists them under unit_spec."""

    _defaults = _defaults(parameters.LeabraUnitParameters, UNIT)

    def engine(self):
        """All values, as the engine takes them."""
        return {name: float(getattr(self, name)) for name in UNIT}


class LayerSpec(Spec):
    """Parameters of a layer, with the names, defaults and ranges of leabra7; `unit_spec` is a UnitSpec of its own."""

    _defaults = {**_defaults(parameters.LeabraLayerParameters, LAYER), "unit_spec": None}

    def __init__(self, **keywords):
        super().__init__(**keywords)
        self.__dict__.setdefault("unit_spec", UnitSpec())

    def __eq__(self, other):
        return super().__eq__(other)

    __hash__ = None

    def engine(self):
        """All values, as the engine takes them; ValidationError where unit_spec is no UnitSpec."""
        values = {name: getattr(self, name) for name in LAYER if name != "integ"}
        if not isinstance(self.unit_spec, UnitSpec):
            raise ValidationError(f"unit_spec: found {type(self.unit_spec).__name__}; needed is a UnitSpec")
        values["unit_spec"] = self.unit_spec.engine()
        return {**values, **{name: list(values[name]) for name in LOGS}}


class ProjnSpec(Spec):
    """Parameters of a projection, with the names, defaults and ranges of leabra7; `dist` is a distribution."""

    _defaults = {"integ": 1.0, "dist": Scalar(0.5),
                 **_defaults(parameters.LeabraProjectionParameters, PROJECTION)}  # fmt: skip

    def engine(self):
        """All values, as the engine takes them; ValidationError where dist is no distribution."""
        if not isinstance(self.dist, Distribution):
            raise ValidationError(f"dist: found {type(self.dist).__name__}; needed is a distribution such as Uniform")
        values = {name: getattr(self, name) for name in PROJECTION}
        for name in ("pre_mask", "post_mask"):
            values[name] = [bool(b) for b in values[name]]
        fields = self.dist.fields() if self.dist.engine else {"dist": "scalar", "value": 0.0}
        return {**values, **{name: list(values[name]) for name in LOGS}, **fields}


def spec_of(values, is_layer):
    """A specification from what the engine says of one."""
    if is_layer:
        unit = UnitSpec(**{k: values["unit_spec"][k] for k in UNIT})
        return LayerSpec(unit_spec=unit, **{k: values[k] for k in LAYER if k in values})
    kinds = {kind.engine: kind for kind in (rand.Scalar, rand.Uniform, rand.Gaussian, rand.LogNormal, rand.Exponential)}
    dist = kinds[values["dist"]].__new__(kinds[values["dist"]])
    dist.__dict__.update({k: values[k] for k in ("value", "low", "high", "mean", "var", "rate") if k in values})
    return ProjnSpec(dist=dist, **{k: values[k] for k in PROJECTION if k in values})
