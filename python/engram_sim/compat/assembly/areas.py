"""Areas, stacks and sequences. They are specifications until they are first used: then the outermost one that is called
becomes one network of the engine, and areas that were used alone before bring their weights along."""

import difflib
import warnings

import numpy as np

from engram_sim.compat import CompatWarning
from engram_sim.compat.assembly.modules import KWinnersTakeAll, Module
from engram_sim.compat.assembly.samplers import sample_bernoulli, sample_uniform_masked
from engram_sim.compat.assembly.vectors import as_numpy, given_back, of_units

__all__ = ["AreaRNNHebb", "AreaRNNWillshaw", "AreaStack", "AreaSequential", "KWinnersTakeAll"]

SAMPLERS = {sample_bernoulli: "bernoulli", sample_uniform_masked: "uniform_masked"}


class Area(Module):
    """An area of out_features units of which k_active fire (`dizcza/assemblies`); AreaRNNHebb and AreaRNNWillshaw say how it
    learns. in_features: sizes of its inputs. p_synapse: probability of a synapse. recurrent_coef: gain of its own last
    winners. sampler: draws initial weights, sampler(post, pre, proba=p_synapse). ValueError without an input, or with more
    winners than units. Weights are read as area.weight_input0, ..., area.weight_recurrent: arrays (post, pre)."""

    rule = None

    def __init__(self, *in_features, out_features, p_synapse=0.05, recurrent_coef=1.0, k_active=50,
                 sampler=sample_bernoulli):  # fmt: skip
        super().__init__()
        if not in_features:
            raise ValueError("in_features: an area needs at least one input")
        if out_features < k_active:
            raise ValueError(f"out_features: found {out_features}, fewer than the k_active = {k_active} winners")
        self.in_features, self.out_features = tuple(in_features), out_features
        self.p_synapse, self.recurrent_coef, self.sampler = p_synapse, recurrent_coef, sampler
        self.kwta = KWinnersTakeAll(k_active)
        self._home = None  # the compiled network that holds the weights, and their names there
        self._drawn = {}

    def leaves(self, prefix=""):
        """(name, area): itself."""
        yield prefix, self

    def weight_names(self):
        """weight_input0, weight_input1, ..., weight_recurrent."""
        return [*(f"weight_input{i}" for i in range(len(self.in_features))), "weight_recurrent"]

    def fields(self):
        """As the engine's table has it."""
        return {
            "n": self.out_features, "k": self.kwta.k_active, "p_synapse": self.p_synapse,
            "recurrent_coef": self.recurrent_coef, "sampler": SAMPLERS.get(self.sampler, "bernoulli"), **self.rule_fields(),
        }  # fmt: skip

    def draw(self):
        """Weights of a sampler of the user's, called once a matrix."""
        if self.sampler not in SAMPLERS and not self._drawn:
            sizes = [*self.in_features, self.out_features]
            self._drawn = {w: as_numpy(self.sampler(self.out_features, size, proba=self.p_synapse))
                           for w, size in zip(self.weight_names(), sizes)}  # fmt: skip
        return self._drawn

    def weight(self, name):
        """A copy of one matrix (post, pre) as float32 or float64 of the engine; KeyError for another name."""
        net, name = self._matrix(name)
        return net.matrix(name)[0]

    def _matrix(self, name):
        """The network that holds a matrix, and its name there."""
        if self._home is None:
            self.network()
        compiled, names = self._home
        return compiled.net, names[name]

    def set_weight(self, name, values):
        """Replaces one matrix (post, pre). ValueError for another shape, KeyError for another name."""
        self.check_weight(name, values)
        net, there = self._matrix(name)
        net.set_matrix(there, values)

    def check_weight(self, name, values):
        """ValueError where this is not the shape of a matrix, (post, pre)."""
        pre = dict(zip(self.weight_names(), [*self.in_features, self.out_features]))[name]
        if np.shape(values) != (self.out_features, pre):
            raise ValueError(f"{name}: found {np.shape(values)}, needed is {(self.out_features, pre)}")

    def __getattr__(self, name):
        if name.startswith("__") or "in_features" not in self.__dict__:
            raise AttributeError(name)
        if name == "weights_input":
            return [getattr(self, f"weight_input{i}") for i in range(len(self.in_features))]
        if name.startswith("weight_") and name in self.weight_names():
            return given_back(self.weight(name))
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def forward(self, xs_stim, y_latent=None):
        """Who fires, or None without any input. xs_stim: a vector, or one (or None) an input."""
        xs = list(xs_stim) if isinstance(xs_stim, (tuple, list)) else [xs_stim]
        if xs_stim is None:
            xs = [None] * len(self.in_features)
        if len(xs) != len(self.in_features):
            raise ValueError(f"xs_stim: found {len(xs)} inputs, needed are {len(self.in_features)}")
        return self.network().step([xs], [[y_latent]], self.training)[0][0]

    def complete_pattern(self, y_partial):
        """Winners of the recurrent weights alone."""
        compiled = self.network()
        units = np.flatnonzero(as_numpy(y_partial)).tolist()
        return of_units(compiled.net.complete_pattern(compiled.areas[0], [units])[0], self.out_features, y_partial)

    def _shown(self):
        return [("kwta", self.kwta)]

    def _said(self):
        return [f"  in_features: {self.in_features}, out_features: {self.out_features}, "
                f"recurrent_coef={self.recurrent_coef}{self._rule_said()}"]  # fmt: skip

    def _rule_said(self):
        return ""


class AreaRNNHebb(Area):
    """Hebbian learning, multiplicative or additive."""

    def __init__(self, *in_features, out_features, p_synapse=0.05, recurrent_coef=1.0, learning_rate=0.1,
                 sampler=sample_bernoulli, update="multiplicative", k_active=50):  # fmt: skip
        if update not in ("multiplicative", "additive"):
            raise ValueError(f'update: found {update!r}; allowed are "multiplicative", "additive"')
        super().__init__(*in_features, out_features=out_features, p_synapse=p_synapse, recurrent_coef=recurrent_coef,
                         k_active=k_active, sampler=sampler)  # fmt: skip
        self.learning_rate, self.update = learning_rate, update

    def rule_fields(self):
        """The rule and its rate as the engine's table has them."""
        return {"rule": "hebb" if self.update == "multiplicative" else "hebb_additive", "beta": self.learning_rate}

    def _rule_said(self):
        return f", update={self.update!r}"


class AreaRNNWillshaw(Area):
    """Binary weights that are set where both ends fire. Keywords of AreaRNNHebb are taken and of no use, as in the package;
    a CompatWarning names a sampler of one's own, and what no area knows."""

    def __init__(self, *in_features, out_features, p_synapse=0.05, recurrent_coef=1, k_active=50, **ignored):
        super().__init__(*in_features, out_features=out_features, p_synapse=p_synapse, recurrent_coef=recurrent_coef,
                         k_active=k_active)  # fmt: skip
        if ignored.pop("sampler", sample_bernoulli) is not sample_bernoulli:
            warnings.warn("sampler: ignored, weights of AreaRNNWillshaw begin as sample_bernoulli draws them", CompatWarning, 2)
        for name in ignored.keys() - {"learning_rate", "update"}:
            near = difflib.get_close_matches(name, ("p_synapse", "recurrent_coef", "k_active"), 1)
            warnings.warn(f"{name}: no such parameter{f'; did you mean {near[0]}?' if near else ''}", CompatWarning, 2)

    def rule_fields(self):
        """The rule as the engine's table has it."""
        return {"rule": "willshaw"}


class _Group(Module):
    def __init__(self, *parts):
        super().__init__()
        self._parts = list(parts)

    def __len__(self):
        return len(self._parts)

    def __getitem__(self, i):
        return self._parts[i]

    def __iter__(self):
        return iter(self._parts)


def _letters(i):
    name = ""
    while i >= 0:
        name, i = chr(65 + i % 26) + name, i // 26 - 1
    return name


class AreaStack(_Group):
    """Areas side by side, named A, B, ..."""

    def named_children(self):
        """(letter, area) of each, in order."""
        return [(_letters(i), area) for i, area in enumerate(self._parts)]

    def forward(self, xs_stim, y_latent=None):
        """One output (or None) an area; xs_stim: None, or one entry an area."""
        return _through([self], xs_stim, [y_latent], self)[0]


class AreaSequential(_Group):
    """Stages, each an area or a stack, one after the other."""

    def named_children(self):
        """(number, stage) of each, in order."""
        return [(str(i), stage) for i, stage in enumerate(self._parts)]

    def forward(self, xs_stim, y_latent=None):
        """(last output, outputs of all stages); y_latent: one entry a stage."""
        latents = [None] * len(self) if y_latent is None else list(y_latent)
        if len(latents) != len(self):
            raise ValueError(f"y_latent: found {len(latents)} entries, needed is one a stage, {len(self)}")
        outputs = _through(self._parts, xs_stim, latents, self)
        return outputs[-1], outputs

    def recall(self, xs_stim):
        """The last output, without latent and learning."""
        return self._quietly(xs_stim, None)[0]


def _through(stages, xs_stim, latents, root):
    """One step of a network of stages."""
    first = stages[0]._parts if isinstance(stages[0], AreaStack) else [stages[0]]
    if xs_stim is None:
        xs = [None] * (len(first) if isinstance(stages[0], AreaStack) else len(first[0].in_features))
    else:
        xs = list(xs_stim) if isinstance(xs_stim, (tuple, list)) else [xs_stim]
    if isinstance(stages[0], AreaStack):
        if len(xs) != len(first):
            raise AssertionError(f"xs_stim: found {len(xs)} entries, needed is one an area, {len(first)}")
        inputs = [[None] * len(a.in_features) if x is None else list(x) if isinstance(x, (tuple, list)) else [x]
                  for x, a in zip(xs, first)]  # fmt: skip
    else:
        inputs = [xs]
    per_stage = []
    for stage, latent in zip(stages, latents):
        if isinstance(stage, AreaStack):
            own = [None] * len(stage) if latent is None else list(latent)
            if len(own) != len(stage):
                raise AssertionError(f"y_latent: found {len(own)} entries, needed is one an area, {len(stage)}")
        else:
            own = [latent]
        per_stage.append(own)
    outputs = root.network().step(inputs, per_stage, root.training)
    shaped = [o if isinstance(s, AreaStack) else o[0] for s, o in zip(stages, outputs)]
    _tell_hooks(stages, inputs, outputs, shaped, root)
    return shaped


def _tell_hooks(stages, inputs, outputs, shaped, root):
    """Hooks of what lies within the root, whose own are told by its call."""
    before = None
    for stage, own, whole in zip(stages, outputs, shaped):
        is_stack = isinstance(stage, AreaStack)
        per_area = inputs if before is None else [before] * len(own)
        for area, xs, output in zip(stage if is_stack else [stage], per_area, own):
            area.tell_hooks((tuple(xs),), output)
        if is_stack and stage is not root:
            stage.tell_hooks((tuple(tuple(xs) for xs in per_area),), whole)
        before = own
