"""What networks of all families have: state by name, files, forks, zero copy while borrowed."""

import contextlib
import copy
import dataclasses
import json
import pathlib
import tempfile

from engram_sim import native
from engram_sim.errors import ConfigError, Error, IoError

_families = {}


class Network:
    """A network, or several replicas of it with weights of their own, one a seed.

    Families keep in `_given` the keywords that make one, as they are now (what a method sets later replaces them), and in
    `_calls` the methods that shaped it afterwards, so that files and forks can do the same again before they restore the
    state.
    """

    def __init_subclass__(cls):
        _families[cls.__name__] = cls

    def _begin(self, given, precision, prefer=None):
        self._given = {k: v for k, v in given.items() if v is not None}
        self._calls = []
        self._module = native.module(precision, prefer)
        self._given["precision"] = self._module.precision

    def __getattr__(self, name):
        if name in ("_net", "_given", "_calls", "_module"):
            kind = type(self).__name__
            raise Error(f"this {kind} was never made: call {kind}(...), load() or fork()")
        raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")

    def _shape(self, method, *arguments):
        """Calls a method that shapes the network, and remembers it."""
        getattr(self._net, method)(*arguments)
        self._calls.append([method, list(arguments)])

    # --- state

    def state(self):
        """All that steps change: copies of arrays by name, and text. Parameters, and what a method set in their place, are
        no part of it; save() and fork() keep them as well."""
        return self._net.state()

    def set_state(self, state):
        """Restores what state() gave; names, types and shapes must fit. ConfigError where one does not, which leaves the
        network as it was."""
        before = self._net.state()
        try:
            self._net.set_state(dict(native.named(state, "state", "a dict, as state() gives it")))
        except Exception:
            self._net.set_state(before)
            raise

    def __getitem__(self, name):
        """A copy of one array of the state."""
        state = self.state()
        if not isinstance(name, str) or name not in state:
            raise KeyError(f"{name!r}; there are {sorted(state)}")
        return state[name]

    def check_finite(self):
        """Raises NumericError naming the first value of the state that is not finite."""
        self._net.check_finite()

    @property
    def device(self):
        """{"kind", "name", "threads"} of where it runs."""
        return self._net.device

    @contextlib.contextmanager
    def borrow(self, write=False):
        """`with net.borrow() as arrays:` gives arrays of the network without a copy, by name: numpy.asarray(),
        numpy.from_dlpack(), and __cuda_array_interface__ on a device. Nothing can run while they are out, and
        afterwards they refuse; a view that was kept reads later values, never freed memory."""
        borrow = self._module.Borrow(self._net, write)
        try:
            if not (arrays := borrow.arrays()):
                raise Error(f"{type(self).__name__} lends no arrays; state() copies them")
            yield arrays
        finally:
            borrow.end()

    # --- files and copies

    def _specification(self):
        return {"class": type(self).__name__, "given": self._given, "calls": self._calls}

    def save(self, path):
        """Writes all of it into a file (safetensors with checksums) that load() makes the same network of."""
        self._net.save(str(path), native.text(self._specification()))

    @classmethod
    def load(cls, path, **changes):
        """The network that save() wrote; `changes` as in fork(), such as backend="cuda". Refuses pickles and foreign
        files."""
        module = native.module()
        told = json.loads(module.specification_of(str(path)))
        kind = _families.get(told["class"])
        if kind is None or not issubclass(kind, cls):
            raise IoError(f"{path}: holds a {told['class']}, not a {cls.__name__}")
        made = kind._again(told, changes)
        anew = made._anew(told["given"], changes) if changes else {}
        made._net.restore(str(path))
        if anew:
            made._net.set_state({**made._net.state(), **anew})
        return made

    @classmethod
    def _again(cls, told, changes):
        made = cls(**{**told["given"], **changes})
        for method, arguments in told["calls"]:
            made._shape(method, *arguments)
        return made

    def _anew(self, before, changes):
        """Of a copy whose parameters were `before` but for `changes`: the arrays that it takes from its new parameters, not
        from the state. ConfigError at a parameter that only shapes new networks and has another value."""
        return {}

    def _refuse_other(self, before, key, default=None):
        then, now = before.get(key, default), self._given.get(key, default)
        if then != now:
            raise of_new_networks(key, then)

    def fork(self, **changes):
        """A copy that goes its own way from here; `changes` replace parameters, from its next step on. ConfigError at
        parameters that only shape new networks, such as the number of synapses."""
        told = json.loads(native.text(self._specification()))
        made = self._again(told, changes)
        anew = made._anew(told["given"], changes) if changes else {}
        made._net.set_state({**self.state(), **anew})
        return made

    def __deepcopy__(self, memo):
        return self.fork()

    __copy__ = fork

    def __reduce__(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "network.safetensors"
            self.save(path)
            return _from_bytes, (type(self), path.read_bytes())

    def __repr__(self):
        shown = ", ".join(f"{k}={v!r}" for k, v in self._given.items() if k != "seeds")
        return f"{type(self).__name__}({shown}, seeds={len(self._given['seeds'])})"


def _from_bytes(kind, data):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "network.safetensors"
        path.write_bytes(data)
        return kind.load(path)


def of_new_networks(key, then):
    """Why a copy cannot have another value."""
    return ConfigError(key, f"shapes new networks, and this one was made with {then!r}; leave it out or give the same")


def parameters_of(parameters, keywords):
    """Keywords over the values of a parameter class or a dict."""
    if parameters is None:
        return dict(keywords)
    if not isinstance(parameters, dict) and not dataclasses.is_dataclass(parameters):
        raise ConfigError("parameters", f"found {parameters!r}; needed is a dict, or a class of engram_sim.parameters")
    base = parameters if isinstance(parameters, dict) else native.given(parameters)
    return {**copy.deepcopy(base), **keywords}
