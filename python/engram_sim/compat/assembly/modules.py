"""What areas, stacks and sequences share: modes, hooks, names of weights, and the network that a tree becomes."""

import numpy as np

from engram_sim.compat.assembly.vectors import as_numpy, given_back, of_units


class KWinnersTakeAll:
    """The k largest become 1, equal ones by lower index; all others 0."""

    def __init__(self, k_active=50):
        self.k_active = k_active

    def __call__(self, vector):
        values = as_numpy(vector)
        if not self.k_active <= len(values):
            raise ValueError(f"k_active: found {self.k_active}; the vector has {len(values)} values")
        return of_units(np.argsort(-values, kind="stable")[: self.k_active], len(values), vector)

    def __repr__(self):
        return f"KWinnersTakeAll(k_active={self.k_active})"


class _Handle:
    def __init__(self, hooks, hook):
        self._hooks, self._hook = hooks, hook

    def remove(self):
        if self._hook in self._hooks:
            self._hooks.remove(self._hook)


class Module:
    """What areas, stacks and sequences share."""

    def __init__(self):
        self.training = True
        self._hooks = []
        self._compiled = None

    # --- the tree

    def named_children(self):
        """(name, part) of the parts directly below; an area has none."""
        return []

    def leaves(self, prefix=""):
        """(name, area) of all areas below."""
        for name, child in self.named_children():
            yield from child.leaves(f"{prefix}{name}.")

    def train(self, mode=True):
        """Whether calls learn from now on, also those of all parts below; returns itself."""
        self.training = mode
        for _, child in self.named_children():
            child.train(mode)
        return self

    def eval(self):
        """train(False)."""
        return self.train(False)

    # --- the network

    def network(self):
        """The engine's network of this tree; makes it, or brings it up to date with its areas."""
        from engram_sim.compat.assembly.compiled import Compiled

        if self._compiled is None or self._compiled.stale():
            self._compiled = Compiled(self)
        return self._compiled

    def __call__(self, *arguments, **keywords):
        output = self.forward(*arguments, **keywords)
        self.tell_hooks(arguments, output)
        return output

    def tell_hooks(self, inputs, output):
        """Each time that this object has answered, also within a stack or sequence."""
        for hook in list(self._hooks):
            hook(self, inputs, output)

    def register_forward_hook(self, hook):
        """hook(area, inputs, output) each time that this object has answered; inputs are the arguments of its call."""
        self._hooks.append(hook)
        return _Handle(self._hooks, hook)

    def recall(self, xs_stim):
        """Without latent and learning."""
        return self._quietly(xs_stim, None)

    def complete_from_input(self, xs_partial, y_partial=None):
        """Without learning, from this latent."""
        return self._quietly(xs_partial, y_partial)

    def _quietly(self, xs_stim, y_latent):
        modes = [(area, area.training) for _, area in self.leaves()]
        own, self.training = self.training, False
        try:
            for area, _ in modes:
                area.training = False
            return self(xs_stim, y_latent)
        finally:
            self.training = own
            for area, mode in modes:
                area.training = mode

    # --- weights

    def normalize_weights(self):
        """All rows of all matrices below are divided by their sums."""
        self.network().net.normalize()

    def memory_used(self):
        """{matrix: share of its weights that are not 0}"""
        return {f"{prefix}{w}": float(np.count_nonzero(m) / m.size) for prefix, w, m in self._matrices()}

    def _matrices(self):
        for name, area in self.leaves():
            for weight in area.weight_names():
                yield name, weight, area.weight(weight)

    def named_parameters(self):
        """(name, matrix (post, pre)) of all weights below, copies; tensors where the script uses torch."""
        for prefix, weight, matrix in self._matrices():
            yield f"{prefix}{weight}", given_back(matrix)

    def parameters(self):
        """The matrices of named_parameters()."""
        return [matrix for _, matrix in self.named_parameters()]

    def state_dict(self):
        """{name: matrix (post, pre)} of all weights below, copies, under the names of the package."""
        return dict(self.named_parameters())

    def load_state_dict(self, state):
        """Takes back what state_dict() gave. KeyError where names differ, ValueError where a shape does; then nothing is
        loaded."""
        known = {f"{name}{weight}": (area, weight) for name, area in self.leaves() for weight in area.weight_names()}
        if set(state) != set(known):
            raise KeyError(f"found {sorted(state)}; needed are {sorted(known)}")
        given = {name: as_numpy(values) for name, values in state.items()}
        for name, values in given.items():
            known[name][0].check_weight(known[name][1], values)
        for name, (area, weight) in known.items():
            area.set_weight(weight, given[name])

    def __repr__(self):
        lines = [f"  ({name}): " + repr(child).replace("\n", "\n  ") for name, child in self._shown()]
        return f"{type(self).__name__}(\n" + "".join(f"{line}\n" for line in [*self._said(), *lines]) + ")"

    def _said(self):
        return []

    def _shown(self):
        return self.named_children()
