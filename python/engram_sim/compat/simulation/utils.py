"""Training, retrieval and what is measured of attractor networks, with the names of `simulation.utils`."""

import pathlib
import types

import numpy as np

from engram_sim.compat import random
from engram_sim.compat.simulation.network import AttractorNetwork, Langevin, relax

__all__ = [
    "continous_inference_and_learning", "run_network", "get_deterministic_attractors", "vfe",
    "evaluate_reconstruction_accuracy", "angle_between", "orthogonality", "performance_metrics",
    "report_network_evaluation", "fetch_digits_data", "preprocess_digits_data",
]  # fmt: skip


def _curves(nw, data, inverse_temperature, learning_rate, num_steps):
    data = np.asarray(data, float)
    if data.shape != (len(nw),):
        raise ValueError(f"data: found {data.shape}, needed is {(len(nw),)}")
    nw._want(inverse_temperature, learning_rate, False)
    bias = nw._bias()
    nw._set_bias(data)
    try:
        watched = nw._native.watch(num_steps)
        bias = np.zeros(len(nw))
    finally:
        nw._set_bias(bias)
    return watched


def continous_inference_and_learning(nw, data, inverse_temperature=1, learning_rate=0.001, num_steps=100):
    """Steps with `data` as the bias: lists of activations, weight changes, accuracy, complexity and free energy of each
    step. State and weights stay as they end, the bias becomes 0."""
    watched = _curves(nw, data, inverse_temperature, learning_rate, num_steps)
    return (
        watched["states"][:, 0].tolist(),
        *(watched[name][:, 0].tolist() for name in ("weight_change", "accuracy", "complexity", "vfe")),
    )


def _bar(steps, shown):
    if shown:
        try:
            from tqdm import tqdm

            return tqdm(steps)
        except ImportError:
            pass
    return steps


def run_network(data, evidence_level, inverse_temperature, learning_rate, num_epochs, num_steps, progress_bar=True):
    """A new network shown random rows of `data`: (network, weight_change, pattern, accuracy, complexity, vfe)."""
    data = np.array(data, float) * evidence_level
    n = data.shape[1]
    nw = AttractorNetwork(np.zeros((n, n)), biases=np.zeros(n))
    pattern = [int(k) for k in random().randint(len(data), size=num_epochs)]
    curves = {name: [] for name in ("weight_change", "accuracy", "complexity", "vfe")}
    for k in _bar(pattern, progress_bar):
        watched = _curves(nw, data[k], inverse_temperature, learning_rate, num_steps)
        for name, curve in curves.items():
            curve.extend(watched[name][:, 0].tolist())
    return nw, curves["weight_change"], pattern, curves["accuracy"], curves["complexity"], curves["vfe"]


def get_deterministic_attractors(nw, data, noise_levels=(0.0, 0.1, 0.2, 0.5), inverse_temperature=1, plot=True):
    """Where cues made of the rows of `data` come to rest, for the last noise level; NaN where one does not. The network
    stays as it is."""
    data = np.asarray(data, float)
    attractors = []
    for noise in noise_levels:
        cues = [Langevin(0.1 * row + 0.1 * noise * np.std(row) * random().normal(0, 1, len(row))) for row in data]
        attractors = [
            relax(nw, cue, np.zeros(len(cue)), inverse_temperature, least_action=True, tol=1e-12)[0] for cue in cues
        ]
        if plot:
            _draw([*cues, *attractors], f"cues and attractors, noise {noise}")
    return attractors


def _pyplot():
    """pyplot where the script draws already; otherwise nothing is drawn."""
    import sys

    return sys.modules.get("matplotlib.pyplot")


def _draw(rows, title, columns=10):
    plt = _pyplot()
    side = int(round(np.sqrt(len(rows[0]))))
    if plt is None or side * side != len(rows[0]):
        return
    lines = -(-len(rows) // columns)
    _, axes = plt.subplots(lines, columns, figsize=(columns, lines), squeeze=False)
    for ax, row in zip(axes.flat, rows):
        ax.imshow(np.reshape(row, (side, side)), cmap="gray_r", vmin=-1, vmax=1)
    for ax in axes.flat:
        ax.set_axis_off()
    plt.suptitle(title)
    plt.show()


def vfe(nw, acts):
    """Free energy of a state, to four digits; the network takes that state."""
    nw._set_state(np.asarray(acts, float))
    return round(nw.vfe(), 4)


def _correlation_squared(a, b):
    with np.errstate(invalid="ignore"):
        return round(float(np.corrcoef(a, b)[0, 1]) ** 2, 3)


def evaluate_reconstruction_accuracy(
    nw, data, sample, signal_strength, num_trials, SNR, inverse_temperature, num_steps, plot=True
):
    """Squared correlations with the target, of the noisy cue and of the mean state that it leads to. sample: rows at
    random, otherwise in turn."""
    data = np.asarray(data, float)
    before, after = [], []
    for trial in range(num_trials):
        row = data[random().randint(len(data)) if sample else trial % len(data)]
        target = row * signal_strength
        cue = target + random().normal(0, np.std(target) / SNR, len(target))
        states = _curves(nw, cue, inverse_temperature, 0, num_steps)["states"][:, 0]
        before.append(_correlation_squared(cue, target))
        after.append(_correlation_squared(states.mean(axis=0), target))
    if plot and (plt := _pyplot()):
        plt.plot([0, 1], np.array([before, after]), "o-", color="gray", alpha=0.3)
        plt.xticks([0, 1], ["cue", "mean state"])
        plt.show()
    return before, after


def angle_between(v1, v2):
    """In degrees."""
    v1, v2 = np.asarray(v1, float), np.asarray(v2, float)
    return float(np.degrees(np.arccos(np.clip(v1 @ v2 / (np.linalg.norm(v1) * np.linalg.norm(v2)), -1, 1))))


def _angles(rows):
    found = np.zeros((len(rows), len(rows)))
    for i in range(len(rows)):
        for j in range(i):
            found[i, j] = found[j, i] = angle_between(rows[i], rows[j])
    return found


def orthogonality(data, attractors, plot=True):
    """Angles between all pairs of rows, in degrees, 0 on the diagonal; of both."""
    angles = _angles(data), _angles(attractors)
    if plot and (plt := _pyplot()):
        for each, label in zip(angles, ("data", "attractors")):
            plt.hist(each[np.triu_indices(len(each), 1)], alpha=0.5, label=label)
        plt.legend()
        plt.show()
    return angles


def _gain(nw, data, sample, params):
    before, after = evaluate_reconstruction_accuracy(nw, data, sample, plot=False, **params)
    return float(np.median(np.array(after) - np.array(before)))


def performance_metrics(
    training_output, train_data, test_data, evidence_level, params_retreival, params_generalization,
    inverse_temperature_deterministic,
):  # fmt: skip
    """Median gains of retrieval and generalisation, how many attractors there are, and how far from orthogonal the data
    and the attractors are, in degrees."""
    nw = training_output[0]
    retrieval = _gain(nw, train_data, False, params_retreival)
    generalization = _gain(nw, test_data, True, params_generalization)
    ended = get_deterministic_attractors(
        nw, np.asarray(train_data) * evidence_level, [0], inverse_temperature_deterministic, plot=False
    )
    rested = [a for a in ended if np.isfinite(a).all()]
    distinct = len(np.unique(np.round(rested, 2), axis=0)) if rested else 0
    of_data, of_attractors = orthogonality(train_data, rested, plot=False)
    kept = of_attractors[(of_attractors > 1) & (of_attractors < 179)]
    return (
        retrieval, generalization, distinct, float(np.mean(np.abs(of_data - 90))),
        float(np.mean(np.abs(kept - 90))) if kept.size else float("nan"),
    )  # fmt: skip


def report_network_evaluation(
    training_output, evidence_level, train_data, test_data, params_retreival, params_generalization,
    inverse_temperature_deterministic, title="test run",
):  # fmt: skip
    """Prints what performance_metrics gives."""
    names = ("median retrieval gain", "median generalisation gain", "attractors", "deviation of the data, degrees",
             "deviation of the attractors, degrees")  # fmt: skip
    found = performance_metrics(
        training_output, train_data, test_data, evidence_level, params_retreival, params_generalization,
        inverse_temperature_deterministic,
    )  # fmt: skip
    print(title)
    for name, value in zip(names, found):
        print(f"  {name}: {value:.4g}")


def _digits_file():
    here = pathlib.Path(__file__).resolve()
    for path in (here.with_name("digits.csv"), here.parents[4] / "examples" / "attractor" / "digits.csv"):
        if path.is_file():
            return path
    raise FileNotFoundError("digits.csv, the handwritten digits, lies neither in the package nor in the examples")


def fetch_digits_data():
    """1797 handwritten digits of 8 x 8 pixels: `.data.values`, `.images`, `.target`; the first 20 are drawn where the
    script has pyplot."""
    path = _digits_file()
    with path.open() as file:
        names = file.readline().strip().split(",")
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    label = names.index("label")
    pixels = np.delete(table, label, axis=1)
    _draw([p / 8 - 1 for p in pixels[:20]], "digits")
    return types.SimpleNamespace(
        data=types.SimpleNamespace(values=pixels, shape=pixels.shape), images=pixels.reshape(-1, 8, 8),
        target=table[:, label].astype(int),
    )  # fmt: skip


def preprocess_digits_data(digits):
    """(train, test): squared pixels, each row with mean 0 and deviation 1; the first ten digits, and all others."""
    rows = np.asarray(getattr(digits.data, "values", digits.data), float) ** 2
    rows = rows - rows.mean(axis=1, keepdims=True)
    rows /= rows.std(axis=1, keepdims=True)
    _draw(rows[:10], "training data")
    return rows[:10], rows[10:]
