"""The array libraries that peers are written in: what differs between them, and whether they can run here.

`Arrays` is what the rewrites of numpy, cupy and torch share, so that one step serves all three; those of JAX are functions
from state to state and compiled, which is its straightforward way.
"""
import importlib
import importlib.util

import numpy as np

ON = {"cpu": ("numpy", "scipy", "torch", "jax", "nengo"), "cuda": ("torch", "cupy", "jax")}


def unavailable(library, device):
    """Why a library cannot compute on a device here, or ""."""
    if library not in ON[device]:
        return f"{library} does not run on {device}"
    if importlib.util.find_spec(library) is None:
        return f"{library} is not installed"
    if device == "cuda":
        try:
            if library == "torch" and not importlib.import_module("torch").cuda.is_available():
                return "this torch sees no CUDA device"
            if library == "cupy":
                importlib.import_module("cupy").zeros(1)
            if library == "jax":
                importlib.import_module("jax").devices("cuda")
        except Exception as error:  # whatever the library says of its driver
            return f"{library} on cuda: {str(error).splitlines()[0]}"
    return ""


def wait(library, device, last):
    """Until what was asked for is computed; `last` is what the last step of JAX returned."""
    if library == "jax":
        importlib.import_module("jax").block_until_ready(last)
    elif device == "cuda" and library == "torch":
        importlib.import_module("torch").cuda.synchronize()
    elif device == "cuda":
        importlib.import_module("cupy").cuda.Device().synchronize()


class Arrays:
    """numpy, cupy or torch on a device. `lib` is the module, for all that has the same name in the three."""

    def __init__(self, library, device):
        self.lib, self.torch, self.device = importlib.import_module(library), library == "torch", device
        if not self.torch:
            self.generator = self.lib.random.default_rng(2)

    def array(self, values):
        values = np.ascontiguousarray(values)
        return self.lib.from_numpy(values).to(self.device) if self.torch else self.lib.array(values)

    def indices(self, values):
        return self.array(np.asarray(values, np.int64))

    def zeros(self, shape):
        return self.lib.zeros(shape, dtype=self.lib.float32, **({"device": self.device} if self.torch else {}))

    def ones(self, shape):
        return self.zeros(shape) + 1

    def floats(self, values):
        return values.float() if self.torch else values.astype(self.lib.float32)

    def uniform(self, shape):
        return self.lib.rand(shape, device=self.device) if self.torch else self.generator.random(shape, dtype=self.lib.float32)

    def normal(self, n):
        return self.lib.randn(n, device=self.device) if self.torch else self.generator.standard_normal(n, dtype=self.lib.float32)

    def top(self, values, k):
        """Indices of the k largest, in any order."""
        return self.lib.topk(values, k).indices if self.torch else self.lib.argpartition(values, len(values) - k)[len(values) - k:]

    def added(self, at, values, n):
        """Sums of the values that go to each of n places."""
        if self.torch:
            return self.zeros(n).index_add_(0, at.ravel(), values.ravel())
        return self.floats(self.lib.bincount(at.ravel(), values.ravel(), n))

    def clip(self, values, low, high):
        self.lib.clip(values, low, high, out=values)

    def host(self, values):
        return values.cpu().numpy() if self.torch else getattr(values, "get", lambda: values)()

    def step(self, step):
        """As one CUDA graph with torch on a device, so that single launches do not slow it; otherwise as it is."""
        if not self.torch or self.device != "cuda":
            return step
        cuda = self.lib.cuda
        stream = cuda.Stream()
        stream.wait_stream(cuda.current_stream())
        with cuda.stream(stream):
            for _ in range(3):
                step()
        cuda.current_stream().wait_stream(stream)
        graph = cuda.CUDAGraph()
        with cuda.graph(graph):
            step()
        return graph.replay


def compiled(step, state):
    """A step of JAX, state -> state, compiled and in place; returns it as a function without arguments, and its state."""
    import jax

    run, held = jax.jit(step, donate_argnums=0), [jax.tree_util.tree_map(jax.numpy.asarray, state)]

    def call():
        held[0] = run(held[0])
        return held[0]

    return call, held
