"""Words for what a run measured: names of matrices and metrics, the phases of a protocol, what was swept."""

import hashlib
import json
import re
import urllib.parse

WORDS = {
    "convergence": "winners kept from\nthe step before (units)",
    "support": "units that fired so far",
    "recall": "overlap of recall with\nwhat was learned (units)",
    "memory_used": "synapses present,\nshare of all pairs",
    "similarity": "overlap of samples, share of k",
    "association": "overlap of recalls, share of k",
    "stable": "winners that stayed,\nshare of the new ones",
    "newcomers": "neurons that fired\nfor the first time",
    "input": "total input of the winners",
    "rate": "active excitatory units,\nshare of all",
    "EEConnectionCounts": "synapses, excitatory\nto excitatory",
    "EIConnectionCounts": "synapses, inhibitory\nto excitatory",
    "IEConnectionCounts": "synapses, excitatory\nto inhibitory",
    "hamming": "units that differ",
    "score": "steps until the fall",
    "vfe": "free energy (nats)",
    "accuracy": "accuracy (nats)",
    "complexity": "complexity (nats)",
    "macroscopic free energy": "macroscopic free energy (nats)",
    "squared weight change": "squared change of the weights",
    "right": "sentences parsed as expected",
    "dependencies": "dependencies found",
    "loss": "loss, without errors\nbelow a half",
    "squared error": "squared error a unit",
    "converged": "networks without an error\nof a half or more",
    "cosine": "cosine of what is recalled\nand the value",
    "correct": "items whose value\nwas nearest, share",
}
OF_FAMILY = {
    ("leabra", "accuracy"): "patterns with the right\nstrongest unit, share",
    ("leabra", "act"): "activation",
    ("leabra", "net"): "net input",
    ("leabra", "v_m"): "potential",
    ("leabra", "gc_i"): "inhibition",
    ("leabra", "adapt"): "adaptation",
    ("leabra", "spike"): "spike",
    ("leabra", "v_m_eq"): "potential\nwithout spikes",
    ("leabra", "avg_act"): "mean activation",
    ("leabra", "avg_net"): "mean net input",
}
MOST_LETTERS = 30  # of a swept value
MOST_BYTES = 200  # of the name of a file, of which systems take 255, endings among them


def words(attribute, family=""):
    return OF_FAMILY.get((family, attribute), WORDS.get(attribute, attribute))


def unescaped(column):
    """The name of a column whose path was seen in a folder."""
    return urllib.parse.unquote(column)


def matrix_words(config, name):
    """'B to C' for '1.weight_input1': which projection a matrix of an assembly run is."""
    found = re.fullmatch(r"(\d+)\.(?:(.+)\.)?weight_(recurrent|input(\d+))", name)
    try:
        stage = config["model"]["stages"][int(found[1])]
        area = found[2] or next(iter(stage))
        return (
            f"{area} to {area if found[3] == 'recurrent' else ''}"
            if found[3] == "recurrent"
            else f"{stage[area]['inputs'][int(found[4])]} to {area}"
        )
    except (TypeError, KeyError, IndexError, StopIteration):
        return name


def pointer_words(pointer):
    """'eta ip' for '/model/eta_ip': the last part that is a word."""
    parts = [p for p in pointer.split("/") if p]
    words_ = [p for p in parts if not p.isdigit()]
    name = (words_ or parts)[-1].replace("~1", "/").replace("~0", "~").replace("_", " ")
    number = parts[-2] if len(parts) > 1 and parts[-2].isdigit() else None
    return f"{name} ({parts[-3]} {int(number) + 1})" if number and len(parts) > 2 else name


def value_words(value):
    """A value as an experiment has it; of one that is itself a list or an object, the beginning and the end."""
    if isinstance(value, float):
        return f"{value:.4g}"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS * 2 // 3]}…{text[-MOST_LETTERS // 3 :]}"


def distinct(texts):
    """Texts beside the ticks of an axis; those that read alike, as shortened ones may, get their number, from 1 on."""
    texts = [no_formula(text) for text in texts]
    return [text if texts.count(text) == 1 else f"{text} ({i + 1})" for i, text in enumerate(texts)]


def point_words(point):
    """'eta ip = 0.01, ne = 200'."""
    return ", ".join(f"{pointer_words(k)} = {value_words(v)}" for k, v in point.items())


def phases(run):
    """(label, first tick, tick after the last) of each phase; [] where the experiment alone does not say when they
    were: where a grid changes them, samples come from a file, or the networks of another run go on."""
    config = run.config
    if (
        any(re.match(r"/(phases|protocol|samples|simulator)(/|$)", p) for p in run.swept)
        or "began_from" in run.manifest
    ):
        return []
    lengths = {
        "assembly": _assembly_lengths,
        "attractor": _attractor_lengths,
        "leabra": _leabra_lengths,
        "sorn": _sorn_lengths,
    }.get(run.family)
    begin, found = 0, []
    for label, length in lengths(config) if lengths else []:
        found.append((label, begin, begin + length))
        begin += length
    return found


def phase_labels(protocol):
    """The names of phases in results: a phase without a label is called after what it does; the second of one label is
    LABEL (2). Phases of an assembly that simulate give names of other forms than those that measure."""
    taken = set(), set()
    for i, phase in enumerate(protocol):
        action = phase.get("do", "run")
        yield free(phase.get("label") or f"{action} {i + 1}", taken[action == "simulate"]), phase


def free(wanted, taken):
    """A name that is not taken, which it is afterwards: the second one of a name is NAME (2)."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted} ({number})"
    taken.add(name)
    return name


def result_labels(run, points):
    """What stands before ", " in the names of results: labels of phases and of measures, and sentences. A label may
    have commas of its own. None where it is the whole name."""
    if run.family == "calculus":
        return None
    swept = any(re.match(r"/(phases|protocol|run|sentences)(/|$)", p) for p in run.swept)
    return {label for config in map(run.config_of, points if swept else points[:1]) for label in _labels(config)}


def _labels(config):
    if config["model"]["type"] == "nef":
        wanted = [m.get("label") or m["probe"] for m in config.get("run", {}).get("measures", [])]
    elif config["model"]["type"] == "parser":
        wanted = [s if isinstance(s, str) else s["text"] for s in config.get("sentences", [])]
    else:
        return [label for label, _ in phase_labels(config.get("phases", config.get("protocol", [])))]
    taken = set()
    return [free(label, taken) for label in wanted]


def split_result(name, labels):
    """(label, quantity) of the name of a result; the label is "" where it has none."""
    if labels is None:
        return "", name
    found = max((label for label in labels if name.startswith(label + ", ")), key=len, default=None)
    if found is not None:
        return found, name[len(found) + 2 :]
    label, comma, quantity = name.partition(", ")
    return (label, quantity) if comma else ("", name)


def no_formula(text):
    """A text as matplotlib is to show it: a dollar in a label begins no formula."""
    return re.sub(r"(?<!\\)\$", r"\\$", text)


def file_name(name):
    """A name as that of a file, another one for each name: what some system does not take in names of files stands as
    the recorder writes it, such as %2F, and names that are too long end with a number made of the whole."""
    escaped = re.sub(r'[%/\\:*?"<>|\x00-\x1f\x7f]', lambda c: f"%{ord(c[0]):02X}", name).encode(errors="replace")
    if len(escaped) > MOST_BYTES:
        digest = hashlib.sha256(name.encode(errors="replace")).hexdigest()[:12]
        escaped = escaped[: MOST_BYTES - 13] + f" {digest}".encode()
    return escaped.decode(errors="ignore")


def _assembly_lengths(config):
    """On the clock of training steps."""
    samples = config.get("samples", 5)
    if isinstance(samples, dict):
        listed = [s for s in samples.values() if isinstance(s, list)]
        if len(listed) < len(samples):
            return
        samples = max(map(len, listed), default=0)
    steps = samples * config.get("simulator", {}).get("epoch_size", 10)
    for label, phase in phase_labels(config.get("protocol", [])):
        if phase["do"] == "simulate":
            yield label, steps


def _sorn_lengths(config):
    for label, phase in phase_labels(config.get("phases", config.get("protocol", []))):
        yield label, phase.get("steps", 1000)


def _attractor_lengths(config):
    for label, phase in phase_labels(config.get("protocol", [])):
        train = phase.get("epochs", 1) * phase.get("steps", 10)
        yield label, {"train": train, "run": phase.get("steps", 100)}.get(phase["do"], 1)


def _leabra_lengths(config):
    """In epochs."""
    for label, phase in phase_labels(config.get("protocol", [])):
        yield label, 1 if phase["do"] == "test" else phase.get("epochs", 1)
