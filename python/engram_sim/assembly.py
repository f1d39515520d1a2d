"""Areas of k winners with Hebbian or Willshaw learning, in stages."""

import numpy as np

from engram_sim import native
from engram_sim.errors import ConfigError
from engram_sim.network import Network, of_new_networks, parameters_of
from engram_sim.parameters import AreaParameters


class Assembly(Network):
    """Networks of areas, one a seed, each with weights of its own.

    stimuli: {name: {"n": units, "k": active ones}}. stages: a list of {area: {"inputs": [...], "n": ..., "k": ...}},
    computed one after the other; see describe("assembly"). Vectors go in as [unit] or [replica][unit], winners come
    out as one list of units a replica.
    """

    def __init__(self, stimuli, stages, *, seeds=1, backend="auto", threads=0, precision=None):
        seeds = native.seeds_of(seeds)
        native.named(stimuli, "stimuli", '{name: {"n": units, "k": active ones}}')
        stages = [native.named(stage, "stages", "a list of {area: parameters}") for stage in native.several(stages, "stages")]
        model = {
            "type": "assembly",
            "stimuli": {name: parameters_of(s, {}) for name, s in stimuli.items()},
            "stages": [{name: parameters_of(a, {}) for name, a in stage.items()} for stage in stages],
        }
        self._begin(
            {"stimuli": model["stimuli"], "stages": model["stages"], "seeds": seeds, "backend": backend,
             "threads": threads}, precision,
        )  # fmt: skip
        whole = native.text({"model": model, "protocol": [{"do": "normalize"}]})
        self._net = self._module.Assembly(whole, seeds, backend, threads)
        self.sizes = {name: s.get("n", 1000) for name, s in model["stimuli"].items()}
        for stage in model["stages"]:
            self.sizes.update({name: a.get("n", 1000) for name, a in stage.items()})

    def _anew(self, before, changes):
        then, now = ({k: v for stage in given["stages"] for k, v in stage.items()} for given in (before, self._given))
        for area in now.keys() & then.keys():
            for key in ("p_synapse", "sampler"):
                default = getattr(AreaParameters, key)
                if now[area].get(key, default) != then[area].get(key, default):
                    raise of_new_networks(f"stages/{area}/{key}", then[area].get(key, default))
            if then[area].get("storage") == "sparse":
                self._refuse_other(before, "seeds")  # its synapses follow from them
        return {}

    @property
    def replicas(self):
        """How many networks stand side by side."""
        return self._net.replicas

    @property
    def areas(self):
        """In order of computation."""
        return self._net.areas

    def step(self, inputs, learn=True, latent=None, steps=1):
        """Presents {stimulus: vector} and takes steps; stimuli that are not named are absent. Values of a vector are strengths,
        any finite numbers, that weights are multiplied by; 0 is a unit that does not fire. `latent`: {area: units of
        each replica} that recurrence sees, {} for none; by default the winners of the last step."""
        native.named(inputs, "inputs", "{stimulus: vector}")
        self._net.all_absent()
        for name, vector in inputs.items():
            if vector is not None:
                if name in self.sizes:
                    vector = native.shaped(vector, name, (self.sizes[name],), (self.replicas, self.sizes[name]))
                self._net.present(name, vector)
        if latent is not None:
            self._net.set_latents(dict(native.named(latent, "latent", "{area: units of each replica}")))
        self._net.step(learn, steps)

    def winners(self, area):
        """Of each replica after the last step; None where the area was inactive."""
        return self._net.winners(area) if self._net.active(area) else None

    def drive(self, area):
        """What each unit received in the last step, [replica][unit]."""
        return self._net.drive(area)

    def complete_pattern(self, area, latent, rounds=1, apply_alpha=False):
        """Winners of the recurrent weights alone, from units of each replica."""
        return self._net.complete_pattern(area, latent, rounds, apply_alpha)

    def normalize(self):
        """Divides each unit's incoming weights by their sum, matrix by matrix."""
        self._net.normalize()

    def matrix_names(self):
        """Such as 0.A.weight_input0, 1.weight_recurrent."""
        return self._net.matrix_names()

    def matrix(self, name):
        """Weights [replica][post][pre]: a copy."""
        return self._net.matrix(name)

    def set_matrix(self, name, weights):
        """[post][pre] for all replicas, or [replica][post][pre]."""
        all_, post, pre = self._net.matrix(name).shape
        self._net.set_matrix(name, native.shaped(weights, name, (post, pre), (all_, post, pre)))

    def memory_used(self):
        """{matrix: share of its weights that are not 0, of each replica}"""
        return {name: self._net.memory_used(name) for name in self.matrix_names()}

    def samples(self, vectors):
        """{stimulus: vector} as lists of units of each replica: those that fire, where the vector is 1 and not 0."""
        native.named(vectors, "samples", "a list of {stimulus: vector}")
        sample = {}
        for name, vector in vectors.items():
            if name not in self.sizes:
                raise ConfigError("samples", f"no stimulus is called {name!r}; there are {', '.join(self._given['stimuli'])}")
            if vector is not None:
                width = self.sizes[name]
                rows = native.shaped(vector, name, (width,), (1, width), (self.replicas, width))
                if not native.numeric(rows):
                    raise ConfigError(name, f"found {vector!r}; needed are {width} numbers")
                if not np.isfinite(rows).all():
                    raise ConfigError(name, "a value is not finite")
                if (wrong := rows[(rows != 0) & (rows != 1)]).size:
                    raise ConfigError(name, f"found {wrong[0]}; a sample says who fires, 0 or 1 (step() takes other strengths)")
                sample[name] = [np.flatnonzero(row).tolist() for row in np.broadcast_to(rows, (self.replicas, width))]
        return sample

    def _samples(self, samples):
        return [self.samples(s) for s in native.several(samples, "samples")]

    def simulate(self, samples, epoch_size=10, similarity_divisor=0, recall=True, weights=False, learn=True):
        """For each sample ({stimulus: vector}, 1 where a unit fires and 0 elsewhere): so many training steps that feed back
        the winners, then normalisation; learn=False: the same of a network that stays as it is. `recall` and `weights` say
        whether these are measured.
        Returns what was measured as columns: time, replica, layer, attribute, value."""
        return self._net.simulate(self._samples(samples), epoch_size, similarity_divisor, recall, weights, learn)

    def recall(self, samples):
        """What the areas answer to each sample without latent and learning: [sample][area][replica] of units."""
        return self._net.recall(self._samples(samples))

    def benchmark(self, samples, similarity_divisor=0):
        """Overlap of what the last area recalls from one stimulus alone and from another; and from one alone and from
        all together; of each replica."""
        return self._net.benchmark(self._samples(samples), similarity_divisor)

    def dot(self):
        """The areas and what feeds them, as a graph in the DOT language."""
        return self._net.dot()
