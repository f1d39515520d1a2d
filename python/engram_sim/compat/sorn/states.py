"""States that go from call to call: looked at when they are asked for, and handed back without a copy.

A script that takes one step a call passes the state round and looks at little of it. So a returned state is a dict whose
arrays are made when they are first read, and the network that made it goes on when the state comes back as it was.
"""

import numpy as np

from engram_sim import native

KEYS = ("Wee", "Wei", "Wie", "Te", "Ti", "X", "Y")
_CALLS_KEPT, _VALUES_KEPT = 256, 1 << 20


class Course:
    """A network on its way through calls. Its past since `origin` is kept as the calls that were made, so that the
    state after any of them can be seen again: the same steps give the same bits."""

    def __init__(self, net, seed, rules, module, keywords, parameters, threads):
        """`keywords` are the caller's, `parameters` what they came to, `rules` those that act: freeze, phase, noise."""
        self.net, self.seed, self.rules = net, seed, rules
        self.module, self.keywords, self.parameters, self.threads = module, keywords, parameters, threads
        self.origin, self.tick, self.first_rules = net.matrices(0), net.tick, rules
        self.calls, self.values_kept = [], 0

    def run(self, rules, inputs, record):
        """[step][unit] of inputs; what was recorded."""
        net, self.net = self.net, None  # a run that is broken off leaves no state
        if rules != self.rules:
            net.set_rules(*rules)
            self.rules = rules
        found = net.run(len(inputs), inputs, *record)
        self.net = net
        self.calls.append((rules, inputs))
        self.values_kept += inputs.size
        return found

    def goes_on(self):
        """This course, or where its past has become long, one that begins here; earlier states keep the old one."""
        if len(self.calls) < _CALLS_KEPT and self.values_kept < _VALUES_KEPT:
            return self
        course = Course(self.net, self.seed, self.rules, self.module, self.keywords, self.parameters, self.threads)
        self.net = None
        return course

    def matrices(self, after):
        """Arrays after so many calls."""
        if self.net is not None and after == len(self.calls):
            return self.net.matrices(0)
        freeze, phase, noise = self.first_rules
        fields = {**self.parameters, "freeze": freeze, "phase": phase, "noise": noise}
        net = self.module.Sorn(native.text(fields), [self.seed], [self.origin], self.tick, "auto", self.threads)
        for rules, inputs in self.calls[:after]:
            net.set_rules(*rules)
            net.run(len(inputs), inputs, False, False, False, False)
        return net.matrices(0)


def users_arrays(found):
    """The arrays as the package has them."""
    return {
        "Wee": found["wee"].astype(float), "Wei": found["wei"].astype(float), "Wie": found["wie"].astype(float),
        "Te": found["te"].astype(float)[:, None], "Ti": found["ti"].astype(float)[:, None],
        "X": np.stack([found["x_before"], found["x"]], axis=1), "Y": np.stack([found["y_before"], found["y"]], axis=1),
    }  # fmt: skip


class State(dict):
    """A dict of the seven arrays, which are made when one of them is first looked at."""

    __slots__ = ("_course", "_after", "_seen", "__weakref__")

    def __init__(self, course):
        super().__init__()
        self._course, self._after, self._seen = course, len(course.calls), None

    def _fill(self):
        if self._seen is None:
            self._seen = users_arrays(self._course.matrices(self._after))
            super().update({name: values.copy() for name, values in self._seen.items()})
        return super()

    def taken_up(self):
        """The course, if this is where it stands and nobody has changed an array; else None."""
        course = self._course
        if course.net is None or self._after != len(course.calls):
            return None
        seen = self._seen
        if seen is not None and not (
            dict.keys(self) == seen.keys() and all(np.array_equal(dict.__getitem__(self, k), seen[k]) for k in seen)
        ):
            return None
        return course

    def __missing__(self, name):
        if self._seen is None and name in KEYS:
            return self._fill().__getitem__(name)
        raise KeyError(name)

    def __reduce__(self):
        return dict, (dict(self),)

    def __deepcopy__(self, memo):
        return {name: np.array(values) for name, values in self.items()}


def _after_filling(name):
    def call(self, *arguments):
        return getattr(self._fill(), name)(*arguments)

    call.__name__ = name
    return call


for _name in ("__setitem__", "__delitem__", "__iter__", "__reversed__", "__len__", "__contains__", "__eq__", "__ne__",
              "__repr__", "__or__", "__ror__", "__ior__", "get", "keys", "values", "items", "pop", "popitem", "setdefault",
              "update", "copy", "clear"):  # fmt: skip
    setattr(State, _name, _after_filling(_name))
