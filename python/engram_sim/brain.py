"""The assembly calculus: areas and stimuli joined by random fibres, and rounds of projection."""

from engram_sim import native
from engram_sim.network import Network, parameters_of
from engram_sim.parameters import BrainParameters


class Brain(Network):
    """Brains side by side, one a seed, each with a graph of its own; what is called does the same to all of them, and what
    tells of one takes its number as `replica`.

    parameters: a BrainParameters or a dict, or keywords such as p=0.01, save_winners=True; see describe("calculus").
    connectome: "procedural" (nothing stored but what was learned), "explicit", "lazy".
    """

    def __init__(
        self, parameters=None, *, connectome="procedural", seeds=1, backend="auto", threads=0, precision=None, **keywords
    ):
        seeds = native.seeds_of(seeds)
        values = parameters_of(parameters, keywords)
        self._begin(
            {"connectome": connectome, "seeds": seeds, "backend": backend, "threads": threads, **values}, precision
        )
        self._net = self._module.Brain(seeds, native.text(values), connectome, backend, threads)

    def _anew(self, before, changes):
        self._refuse_other(before, "seeds")  # the graph follows from them
        self._refuse_other(before, "p", BrainParameters.p)
        return {}

    @property
    def replicas(self):
        """How many brains stand side by side."""
        return self._net.replicas

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
        self._net.project(_map(stimuli, "stimuli"), _map(areas, "areas"), rounds)

    def winners(self, area, replica=0):
        """Who fires, best first."""
        return self._net.winners(area, replica)

    def set_winners(self, area, neurons, replica=None):
        """Who is taken to have fired in the last round, in one brain or in all: neurons, each once."""
        self._net.set_winners(area, native.several(neurons, "neurons"), replica)

    def connection(self, source, pre, target, post, replica=0):
        """(number, summed weight) of the synapses among two lists of neurons."""
        return self._net.connection(source, native.several(pre, "pre"), target, native.several(post, "post"), replica)

    def inhibit(self, area, other="", reason=0):
        """Closes an area, or the fibres between two, for one reason of several."""
        self._net.inhibit(area, other, reason)

    def disinhibit(self, area, other="", reason=0):
        """Takes one reason away; without any, they are open."""
        self._net.disinhibit(area, other, reason)

    def set_weights(self, source, target, weights):
        """Of a fibre of an explicit connectome, [pre][post] for all brains, or [replica][pre][post]. They act as they are
        given, also where normalise() was called before."""
        areas = self._net.areas()
        if native.word(source, "source") in areas and native.word(target, "target") in areas:
            shape = self._net.size(source, 0), self._net.size(target, 0)
            weights = native.shaped(weights, f"{source} to {target}", shape, (self.replicas, *shape))
        self._net.set_weights(source, target, weights)

    def normalise(self, area, total=0.0):
        """Divides the weights onto each neuron of an area by their sum and multiplies them by `total`, for each fibre
        that has been used so far; 0 stands for the synapses that a neuron of the fibre has on average, n p."""
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
        return self._net.fixed(area, 0)

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
        self._net.exclude(native.several(areas, "areas"))

    def include(self, areas):
        """Such a group no longer is one."""
        self._net.include(native.several(areas, "areas"))

    def saved_support(self, area, replica=0):
        """Neurons that had won, after each round of an area (save_winners)."""
        return self._net.saved_support(area, replica)

    def saved_winners(self, area, replica=0):
        """Winners of each round of an area (save_winners)."""
        return self._net.saved_winners(area, replica)

    def size(self, area):
        """Neurons of an area."""
        return self._net.size(area, 0)

    def k(self, area):
        """Winners of an area."""
        return self._net.k(area, 0)

    def support(self, area, replica=0):
        """Neurons of an area that ever won."""
        return self._net.support(area, replica)

    def newcomers(self, area, replica=0):
        """Neurons that won their first round in the last one."""
        return self._net.newcomers(area, replica)

    def total_input(self, area, replica=0):
        """Of the winners of the last round."""
        return self._net.total_input(area, replica)

    def without_input(self, area, replica=0):
        """Winners of the last round whose input was not above 0."""
        return self._net.without_input(area, replica)

    def areas(self):
        """Names of the areas."""
        return self._net.areas()

    def stimuli(self):
        """Names of the stimuli."""
        return self._net.stimuli()

    def weights(self, source, target, replica=0):
        """Of a fibre of an explicit connectome, [pre][post], as they act: a copy."""
        return self._net.weights(source, target, replica)

    def stimulus_weights(self, stimulus, target, replica=0):
        """Summed weights of a stimulus onto each neuron of an area."""
        return self._net.stimulus_weights(stimulus, target, replica)

    def bytes(self):
        """Memory of fibres and areas of all brains."""
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


def _map(projections, name):
    if projections is None:
        return []
    native.named(projections, name, "{source: target or targets}")
    return [(source, native.several(targets, name)) for source, targets in projections.items()]
