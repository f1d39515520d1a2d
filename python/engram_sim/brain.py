"""The assembly calculus: areas and stimuli joined by random fibres, and rounds of projection."""

from engram_sim import native
from engram_sim.errors import ConfigError
from engram_sim.network import Network, parameters_of


class Brain(Network):
    """One brain. parameters: a BrainParameters or a dict, or keywords such as p=0.01, save_winners=True; see
    describe("calculus"). connectome: "procedural" (nothing stored but what was learned), "explicit", "lazy"."""

    def __init__(
        self, parameters=None, *, connectome="procedural", seed=1, backend="auto", threads=0, precision=None, **keywords
    ):
        if len(native.seeds_of(seed)) != 1:
            raise ConfigError("seed", f"found {seed!r}; a brain has one: make one a seed, or run an experiment with replicas")
        values = parameters_of(parameters, keywords)
        self._begin(
            {"connectome": connectome, "seed": seed, "backend": backend, "threads": threads, **values}, precision
        )
        self._net = self._module.Brain(
            native.seeds_of(seed)[0], native.text(values), connectome, backend, threads
        )

    def add_stimulus(self, name, size):
        """`size` neurons that always fire together."""
        self._shape("add_stimulus", name, size)

    def add_area(self, name, parameters=None, **keywords):
        """An area; a BrainAreaParameters, or keywords such as n=10000, k=100, beta=0.05."""
        self._shape("add_area", name, native.text(parameters_of(parameters, keywords)))

    def set_density(self, source, target, p):
        """Of one fibre, before it is first used."""
        self._shape("set_density", source, target, p)

    def set_beta(self, source, target, beta):
        """Learning rate of one fibre from now on."""
        self._shape("set_beta", source, target, beta)

    def project(self, stimuli=None, areas=None, rounds=1):
        """Synchronous rounds: {source: target or targets} of stimuli and of areas fire together."""
        try:
            self._net.project(_map(stimuli), _map(areas), rounds)
        except TypeError as fault:
            native.refused(fault, rounds=rounds)

    def winners(self, area):
        """Who fires, best first."""
        return self._net.winners(area)

    def set_winners(self, area, units):
        """Who is taken to have fired in the last round: neurons, each once."""
        self._net.set_winners(area, list(units))

    def connection(self, source, pre, target, post):
        """(number, summed weight) of the synapses among two lists of neurons."""
        return self._net.connection(source, list(pre), target, list(post))

    def inhibit(self, area, other="", reason=0):
        """Closes an area, or the fibres between two, for one reason of several."""
        self._net.inhibit(area, other, reason)

    def disinhibit(self, area, other="", reason=0):
        """Takes one reason away; without any, they are open."""
        self._net.disinhibit(area, other, reason)

    def set_weights(self, source, target, weights):
        """Of a fibre of an explicit connectome, [pre][post]."""
        if {source, target} <= set(self._net.areas()):
            shape = self._net.size(source), self._net.size(target)
            weights = native.shaped(weights, f"{source} to {target}", shape)
        self._net.set_weights(source, target, weights)

    def normalise(self, area, total=0.0):
        """Divides the weights onto each neuron of an area by their sum, fibre by fibre."""
        self._net.normalise(area, total)

    def activate(self, area, index):
        """Fires neurons index * k .. index * k + k - 1 of an area, and fixes it."""
        self._net.activate(area, index)

    def fix(self, area):
        """Keeps the winners of an area as they are."""
        self._net.fix(area)

    def unfix(self, area):
        """Lets them change again."""
        self._net.unfix(area)

    def fixed(self, area):
        """Whether an area keeps its winners."""
        return self._net.fixed(area)

    def clear_refraction(self, area):
        """Forgets who of an area fired lately."""
        self._net.clear_refraction(area)

    def set_inhibition(self, area, strength):
        """What is subtracted from the input of the last winners of an area, 0 or more."""
        self._net.set_inhibition(area, strength)

    def clear_beta(self, source, target):
        """Gives a fibre the learning rate of its target area again."""
        self._net.clear_beta(source, target)

    def exclude(self, areas):
        """Of these areas the one whose winners receive most fires, the others fall silent."""
        self._net.exclude(list(areas))

    def include(self, areas):
        """Such a group no longer is one."""
        self._net.include(list(areas))

    def saved_support(self, area):
        """Neurons that had won, after each round of an area (save_winners)."""
        return self._net.saved_support(area)

    def saved_winners(self, area):
        """Winners of each round of an area (save_winners)."""
        return self._net.saved_winners(area)

    def size(self, area):
        """Neurons of an area."""
        return self._net.size(area)

    def k(self, area):
        """Winners of an area."""
        return self._net.k(area)

    def support(self, area):
        """Neurons of an area that ever won."""
        return self._net.support(area)

    def newcomers(self, area):
        """Neurons that won their first round in the last one."""
        return self._net.newcomers(area)

    def total_input(self, area):
        """Of the winners of the last round."""
        return self._net.total_input(area)

    def without_input(self, area):
        """Winners of the last round whose input was not above 0."""
        return self._net.without_input(area)

    def areas(self):
        """Names of the areas."""
        return self._net.areas()

    def stimuli(self):
        """Names of the stimuli."""
        return self._net.stimuli()

    def weights(self, source, target):
        """Of a fibre of an explicit connectome, [pre][post]: a copy."""
        return self._net.weights(source, target)

    def stimulus_weights(self, stimulus, target):
        """Summed weights of a stimulus onto each neuron of an area."""
        return self._net.stimulus_weights(stimulus, target)

    def bytes(self):
        """Memory of fibres and areas."""
        return self._net.bytes()

    @property
    def plasticity(self):
        """Whether synapses learn. May be set."""
        return self._net.plasticity()

    @plasticity.setter
    def plasticity(self, on):
        self._net.set_plasticity(on)

    def __repr__(self):
        return f"Brain({', '.join(self.areas())})"


def _map(projections):
    if not hasattr(projections or {}, "items"):
        raise ConfigError("project", f"found {projections!r}; needed is {{source: target or targets}}")
    return [
        (source, [targets] if isinstance(targets, str) else list(targets))
        for source, targets in (projections or {}).items()
    ]

