"""Simulator.run and Trainer.run."""

import difflib
import functools
import logging
import warnings

import numpy as np

from engram_sim import native
from engram_sim.compat import CompatWarning, fresh_seed, random
from engram_sim.compat.sorn.states import KEYS, Course, State
from engram_sim.sorn import fitting

log = logging.getLogger("sorn")

PARAMETERS = (
    "ne", "nu", "network_type_ee", "network_type_ei", "network_type_ie", "lambda_ee", "lambda_ei", "lambda_ie",
    "eta_stdp", "eta_inhib", "eta_ip", "te_max", "ti_max", "ti_min", "te_min", "mu_ip", "sigma_ip",
)  # fmt: skip
RULES = ("stdp", "ip", "sp", "istdp", "ss")
SERIES = (
    "ExcitatoryActivation", "InhibitoryActivation", "RecurrentActivation", "WEE", "WEI", "WIE", "TE", "TI",
    "EEConnectionCounts", "EIConnectionCounts", "IEConnectionCounts",
)  # fmt: skip
OF_STATE = {"WEE": "wee", "WEI": "wei", "WIE": "wie", "TE": "te", "TI": "ti"}
RECORDED = {
    "ExcitatoryActivation": "x", "InhibitoryActivation": "y", "RecurrentActivation": "recurrent",
    "EEConnectionCounts": "counts", "EIConnectionCounts": "counts",
}  # fmt: skip
MOST_BYTES = 1 << 30


def _parameters(keywords):
    """Keywords that the engine knows; others are named in a warning."""
    keywords = dict(keywords)
    threads = keywords.pop("max_workers", None)
    if keywords.pop("matrices", None) is not None:
        warnings.warn("matrices: ignored, as in the package since 0.7; state= goes on from a state", CompatWarning, 4)
    values = {}
    for name, value in keywords.items():
        if name in PARAMETERS:
            values[name] = value
            continue
        near = difflib.get_close_matches(name, PARAMETERS, 1)
        warnings.warn(f"{name}: no such parameter{f'; did you mean {near[0]}?' if near else ''}", CompatWarning, 4)
    return values, int(threads or 0)


def _inputs(inputs, timesteps):
    """[unit][step], and how many steps."""
    inputs = np.asarray(inputs, float)
    if inputs.ndim == 1:
        inputs = inputs[:, None]
    if inputs.ndim != 2:
        raise ValueError(f"inputs: found {inputs.shape}, needed is (nu, timesteps)")
    timesteps = inputs.shape[1] if timesteps is None else int(timesteps)
    if timesteps < 0 or inputs.shape[1] < timesteps:
        raise ValueError(f"inputs: found {inputs.shape[1]} columns, needed is one a step, {timesteps}")
    return inputs, timesteps


def _native_state(state, values):
    """A state of the user's as the engine takes it; sizes are those of the state."""
    if missing := [name for name in KEYS if name not in state]:
        raise KeyError(f"state: lacks {', '.join(missing)}; needed is what Simulator.run returned")
    arrays = {name: np.asarray(state[name], float) for name in KEYS}
    for name in "XY":
        if arrays[name].ndim != 2 or arrays[name].shape[1] != 2:
            raise ValueError(f"state: {name} has the shape {arrays[name].shape}, needed are two columns, before and now")
    ne = len(arrays["Wee"])
    if values.setdefault("ne", ne) != ne:
        warnings.warn(f"ne={values['ne']} ignored, the state has {ne} units", CompatWarning, 5)
        values["ne"] = ne
    return fitting({
        "wee": arrays["Wee"], "wei": arrays["Wei"], "wie": arrays["Wie"], "te": arrays["Te"], "ti": arrays["Ti"],
        "x": arrays["X"][:, 1], "x_before": arrays["X"][:, 0], "y": arrays["Y"][:, 1], "y_before": arrays["Y"][:, 0],
    })  # fmt: skip


@functools.lru_cache(maxsize=64)
def _plan(phase, freeze, callbacks):
    """Of checked names: which of x, y, recurrent and counts the engine records, and what is looked at after each step."""
    if phase not in ("plasticity", "training"):
        raise ValueError(f'phase: found {phase!r}; allowed are "plasticity", "training"')
    if unknown := set(freeze) - set(RULES):
        raise ValueError(f"freeze: found {unknown.pop()!r}; allowed are {', '.join(RULES)}")
    if unknown := [c for c in callbacks if c not in SERIES]:
        near = difflib.get_close_matches(unknown[0], SERIES, 1)
        raise AssertionError(f"{unknown} not available{f'; did you mean {near[0]}?' if near else ''}")
    recorded = {RECORDED[c] for c in callbacks if c in RECORDED}
    looked_at = [c for c in callbacks if c in OF_STATE or c == "IEConnectionCounts"]
    return tuple(r in recorded for r in ("x", "y", "recurrent", "counts")), looked_at


def _names(given, what):
    """A tuple of names."""
    if isinstance(given, str):
        raise AssertionError(f"{what} must be a list of names, found {given!r}")
    return tuple(given or ())


def _check_room(callbacks, ne, steps):
    """Matrices of every step are refused where they would fill the memory."""
    ni = int(0.2 * ne)
    sizes = {"WEE": ne * ne, "WEI": ne * ni, "WIE": ne * ni}
    asked = sum(8 * steps * sizes[c] for c in callbacks if c in sizes)
    if asked > MOST_BYTES:
        raise MemoryError(
            f"{asked / 2**30:.1f} GiB of matrices were asked for; run in pieces, or record EEConnectionCounts"
        )


def _entries(name, values):
    """One entry a step, each an object of its own."""
    if name == "RecurrentActivation":
        return [v.astype(float)[:, None] for v in values]
    return [v.astype(float) for v in values]


def _run(course, rules, inputs, steps, callbacks, record, looked_at):
    """The series. Activity comes from the engine at once; weights and thresholds are looked at after each step."""
    series = {c: [] for c in callbacks}
    inputs = np.array(inputs.T[:steps], order="C")
    for first in range(steps) if looked_at else range(min(steps, 1)):
        found = course.run(rules, inputs[first : first + 1] if looked_at else inputs, record)
        for name in callbacks:
            if name.endswith("Activation"):
                series[name] += _entries(name, found[RECORDED[name]][:, 0])
            elif name in ("EEConnectionCounts", "EIConnectionCounts"):
                series[name] += [int(v) for v in found[name[:2].lower()][:, 0]]
        if looked_at:
            _look(course.net.matrices(0), looked_at, series)
    return series


def _look(matrices, names, series):
    for name in names:
        if name == "IEConnectionCounts":
            series[name].append(int(np.count_nonzero(matrices["wie"])))
        else:
            value = matrices[OF_STATE[name]].astype(float)
            series[name].append(value[:, None] if value.ndim == 1 else value)


def _same(keywords, others):
    """Whether these are the keywords of the call before."""
    try:
        return keywords == others
    except ValueError:  # two arrays
        return False


def _course(module, state, inputs, rules, kwargs):
    """The one that made the state, where it stands there still and nothing that shapes it is new; else a new one."""
    course = state.taken_up() if type(state) is State else None
    if (course is not None and _same(course.keywords, kwargs) and course.parameters["nu"] == len(inputs)
            and course.module is module):  # fmt: skip
        return course.goes_on()
    values, threads = _parameters(kwargs)
    if values.setdefault("nu", len(inputs)) != len(inputs):
        raise AssertionError(f"Input units and input size mismatch: nu is {values['nu']}, inputs have {len(inputs)} rows")
    given = [] if state is None else [_native_state(state, values)]
    freeze, phase, noise = rules
    fields = {**values, "freeze": freeze, "phase": phase, "noise": noise}
    seed = fresh_seed()
    net = module.Sorn(native.text(fields), [seed], given, 0, "auto", threads)
    course = Course(net, seed, rules, module, kwargs, values, threads)
    if state is None:
        log.info("Network Initialized")
        log.info("Number of connections in Wee %d, Wei %d, Wie %d",
                 *(np.count_nonzero(course.origin[w]) for w in ("wee", "wei", "wie")))  # fmt: skip
    return course


class _Runner:
    """What Simulator and Trainer share."""

    def run(
        self, inputs=None, phase=None, state=None, timesteps=None, noise=True, freeze=None, callbacks=(), **kwargs
    ):  # fmt: skip
        """(state, series): runs `timesteps` steps with column t of `inputs` [unit][step] added in step t."""
        phase = phase or self.default_phase
        if phase == "training" and self.always_learns:
            warnings.warn("Simulator learns in every phase; Trainer.run has phase='training'", CompatWarning, 2)
            phase = "plasticity"
        freeze = (freeze,) if isinstance(freeze, str) else _names(freeze, "freeze")
        callbacks = _names(callbacks, "callbacks")
        record, looked_at = _plan(phase, freeze, callbacks)
        if inputs is None:
            raise TypeError("inputs are needed: an array (nu, timesteps)")
        if state is None and phase == "training":
            raise TypeError("training needs the state that Simulator.run returned")
        inputs, steps = _inputs(inputs, timesteps)
        if looked_at:
            _check_room(looked_at, kwargs.get("ne", 200) if state is None else len(state["Wee"]), steps)
        rules = (freeze, phase, bool(noise))
        course = _course(native.module(prefer="double"), state, inputs, rules, kwargs)
        series = _run(course, rules, inputs, steps, callbacks, record, looked_at)
        return State(course), series


class Simulator_(_Runner):
    """What `Simulator` is: run() learns in every step, whatever the phase."""

    default_phase, always_learns = "plasticity", True


class Trainer_(_Runner):
    """What `Trainer` is: run() learns in phase "plasticity" and only propagates in phase "training", its default."""

    default_phase, always_learns = "training", False


Simulator, Trainer = Simulator_(), Trainer_()


class Plasticity:
    """The rules as functions on arrays, for reading and teaching; networks learn in the engine."""

    eta_stdp, eta_ip, eta_inhib, mu_ip, w_max, h_ip = 0.004, 0.01, 0.001, 0.1, 1.0, 0.1

    def stdp(self, wee, x, cutoff_weights=(0.0, 1.0)):
        """x: columns before and now."""
        before, now = x[:, 0], x[:, 1]
        change = self.eta_stdp * (np.outer(before, now) - np.outer(now, before))
        return np.clip(np.where(wee > 0, wee + change, wee), *cutoff_weights)

    def ip(self, te, x):
        """Thresholds (ne, 1) moved by eta_ip times activity less h_ip; x (ne, 2): columns before and now."""
        return np.reshape(te, (-1, 1)) + self.eta_ip * (x[:, 1:2] - self.h_ip)

    @staticmethod
    def ss(wee):
        """A copy of [from][to] weights whose columns add up to 1; a column of zeros stays."""
        total = wee.sum(axis=0)
        return wee / np.where(total > 0, total, 1)

    def istdp(self, wei, x, y, cutoff_weights=(0.0, 1.0)):
        """Inhibitory weights wei [from][to], changed where they are above 0 and cut to cutoff_weights; x and y: columns before
        and now."""
        before, now = y[:, 0], x[:, 1]
        change = -self.eta_inhib * np.outer(before, 1 - now * (1 + 1 / self.mu_ip))
        return np.clip(np.where(wei > 0, wei + change, wei), *cutoff_weights)

    @staticmethod
    def structural_plasticity(wee):
        """With probability 0.1 one absent synapse appears, in place."""
        if random().rand() < 0.1:
            absent = np.argwhere((wee <= 0) & ~np.eye(len(wee), dtype=bool))
            if len(absent):
                wee[tuple(absent[random().randint(len(absent))])] = 0.001
        return wee
