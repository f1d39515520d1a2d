"""Nengo on the engine: the user's own nengo builds a network, engram runs what was built.

`import engram_sim.compat.nengo as nengo` offers everything of nengo, which must be installed, with a Simulator of the
engine. Old names of arguments are taken: post_tau and pre_tau of learning rules stand for today's post_synapse and
pre_synapse, None being unfiltered. `%load_ext engram_sim.compat.nengo.ipynb` does nothing.
"""

import sys
import types

try:
    import nengo as _nengo
except ImportError:
    raise ImportError("engram_sim.compat.nengo needs nengo, which is not installed: pip install nengo") from None

from engram_sim.compat.nengo.simulator import Simulator

__all__ = ["Simulator", "Voja", "PES", "BCM", "Oja"]
__path__ = [*__path__, *_nengo.__path__]  # `import nengo.spa` finds nengo's own
parts = ()  # of this package none takes the place of one of nengo's


def _with_old_names(rule):
    def make(*arguments, **keywords):
        for old, new in (("pre_tau", "pre_synapse"), ("post_tau", "post_synapse"), ("theta_tau", "theta_synapse")):
            if old in keywords:
                keywords[new] = keywords.pop(old)
        return rule(*arguments, **keywords)

    make.__name__, make.__doc__ = rule.__name__, rule.__doc__
    return make


Voja, PES, BCM, Oja = (_with_old_names(rule) for rule in (_nengo.Voja, _nengo.PES, _nengo.BCM, _nengo.Oja))

ipynb = types.ModuleType(f"{__name__}.ipynb", "Does nothing: bars of progress need no extension.")
ipynb.load_ipython_extension = lambda ipython: None
sys.modules[ipynb.__name__] = ipynb
aliases = {"ipynb": ipynb}


def __getattr__(name):
    return getattr(_nengo, name)


def __dir__():
    return sorted({*__all__, *dir(_nengo)})
