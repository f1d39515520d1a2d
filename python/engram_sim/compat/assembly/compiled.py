"""A tree of areas as one network of the engine."""

import numpy as np

from engram_sim.assembly import Assembly
from engram_sim.compat import fresh_seed
from engram_sim.compat.assembly.areas import AreaSequential, AreaStack
from engram_sim.compat.assembly.vectors import as_numpy, is_torch, of_units


def _stages_of(root):
    """Stages of areas."""
    stages = list(root) if isinstance(root, AreaSequential) else [root]
    for stage in stages:
        if isinstance(stage, AreaSequential) or any(hasattr(a, "_parts") for a in getattr(stage, "_parts", [])):
            raise NotImplementedError("a sequence holds areas and stacks, a stack holds areas")
    return [list(stage) if isinstance(stage, AreaStack) else [stage] for stage in stages]


class Compiled:
    """`stimuli`: one name an input of each area of the first stage; `areas`: names in order of computation."""

    def __init__(self, root):
        self.stages = _stages_of(root)
        self.leaves = [area for stage in self.stages for area in stage]
        if len(set(map(id, self.leaves))) < len(self.leaves):
            raise ValueError("an area stands in this network twice")
        names = iter(f"area{i}" for i in range(len(self.leaves)))
        self.names = [[next(names) for _ in stage] for stage in self.stages]
        self.areas = [name for stage in self.names for name in stage]
        self.stimuli = [[f"input{a}.{i}" for i in range(len(area.in_features))]
                        for a, area in enumerate(self.stages[0])]  # fmt: skip
        self.stimuli = [[name.replace(".", "_") for name in own] for own in self.stimuli]
        self.net = self._network()
        self.settings = self._settings()
        self._move_in()

    def _settings(self):
        return [area.fields() for area in self.leaves]

    def stale(self):
        """Whether an area has its weights elsewhere by now, or other parameters."""
        return any(area._home is None or area._home[0] is not self for area in self.leaves) or (
            self.settings != self._settings()
        )

    def _network(self):
        stimuli, stages = {}, []
        for s, (areas, names) in enumerate(zip(self.stages, self.names)):
            stage = {}
            for a, (area, name) in enumerate(zip(areas, names)):
                if s == 0:
                    inputs = self.stimuli[a]
                    stimuli.update({x: {"n": n, "k": min(50, n)} for x, n in zip(inputs, area.in_features)})
                else:
                    inputs = self.names[s - 1]
                    sizes = tuple(before.out_features for before in self.stages[s - 1])
                    if area.in_features != sizes:
                        raise ValueError(f"in_features: found {area.in_features}, the stage before gives {sizes}")
                stage[name] = {**area.fields(), "inputs": inputs}
            stages.append(stage)
        return Assembly(stimuli, stages, seeds=fresh_seed())

    def _move_in(self):
        """Weights that areas have from elsewhere come along."""
        matrices = iter(self.net.matrix_names())
        for area in self.leaves:
            names = {weight: next(matrices) for weight in area.weight_names()}
            own = {w: area.weight(w) for w in names} if area._home is not None else area.draw()
            for weight, values in own.items():
                self.net.set_matrix(names[weight], values)
            area._home = (self, names)

    def vectors(self, inputs):
        """{stimulus: vector} of one entry an input of each area of the first stage."""
        found = {}
        for names, own, area in zip(self.stimuli, inputs, self.stages[0]):
            if len(own) != len(names):
                raise ValueError(f"xs_stim: found {len(own)} inputs of an area, needed are {len(names)}")
            for name, vector, n in zip(names, own, area.in_features):
                if vector is None:
                    continue
                values = as_numpy(vector)
                if values.shape != (n,):
                    raise ValueError(f"xs_stim: found a vector of the shape {values.shape}, needed is {(n,)}")
                found[name] = values
        return found

    def step(self, inputs, latents, learn):
        """Outputs [stage][area], each None where the area was inactive."""
        latent = {}
        for names, own in zip(self.names, latents):
            latent.update({n: [np.flatnonzero(as_numpy(y)).tolist()] for n, y in zip(names, own) if y is not None})
        self.net.step(self.vectors(inputs), learn, latent)
        like = next((x for own in inputs for x in own if is_torch(x)), None)
        outputs = []
        for names, areas in zip(self.names, self.stages):
            outputs.append([])
            for name, area in zip(names, areas):
                winners = self.net.winners(name)
                found = None if winners is None else of_units(winners[0], area.out_features, like)
                outputs[-1].append(found)
        return outputs
