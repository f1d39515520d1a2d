"""Small runs of every family, with a checkpoint every few ticks: what the drivers of this folder stop, harm and go on with."""

import copy
import json
import pathlib

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"


def _example(name, **settings):
    document = json.loads((EXAMPLES / name).read_text())
    document.update(settings)
    return document


def _every(ticks):
    return {"every": ticks, "keep": 2}


def _assembly():
    return {
        "model": {"type": "assembly", "stimuli": {"x": {"n": 100, "k": 10}},
                  "stages": [{"A": {"inputs": ["x"], "n": 80, "k": 10}}]},
        "simulator": {"epoch_size": 20, "weights": False},
        "samples": 4,
        "protocol": [{"do": "simulate", "label": "first"}],
        "checkpoint": _every(6),
    }


def _sorn():
    return {
        "model": {"type": "sorn", "ne": 60, "nu": 5},
        "replicas": {"seeds": 2},
        "input": {"source": "random"},
        "callbacks": {"series": ["ExcitatoryActivation", "EEConnectionCounts"]},
        "phases": [{"steps": 60, "label": "a"}, {"steps": 40, "label": "b"}],
        "checkpoint": _every(12),
    }


def _attractor():
    return {
        "model": {"type": "attractor", "evidence": 5, "inverse_temperature": 1, "learning_rate": 0.01},
        "patterns": {"random": 3, "units": 20},
        "protocol": [{"do": "train", "label": "t", "epochs": 30, "steps": 4, "record_every": 10},
                     {"do": "attractors", "label": "a"}, {"do": "run", "label": "r", "steps": 40}],
        "checkpoint": _every(20),
    }


def _calculus(connectome):
    return {
        "model": {"type": "calculus", "connectome": connectome, "p": 0.1, "defaults": {"n": 300, "k": 20},
                  "areas": {"A": {}, "B": {}}, "stimuli": {"s": {"size": 20}}},
        "protocol": [{"do": "project", "stimuli": {"s": ["A"]}, "rounds": 8},
                     {"do": "project", "stimuli": {"s": ["A"]}, "areas": {"A": ["A", "B"]}, "rounds": 8}],
        "checkpoint": _every(3),
    }


def _leabra():
    document = _example("leabra/pattern_association.json", checkpoint=_every(3), replicas={"seeds": 2})
    document["protocol"] = [{"do": "train", "epochs": 12, "evaluate_every": 3, "order": "shuffled", "minus_cycles": 20,
                             "plus_cycles": 10, "cycles": 20}]
    return document


def _parser():
    document = _example("calculus/parser_english.json", replicas={"seeds": 1}, checkpoint=_every(1))
    document["model"].update(n=1000, k=30, word_k=10, rounds=5)
    document["sentences"] = document["sentences"][:4]
    return document


def _nef():
    return _example("nef/learning_new_associations.json", run={"seconds": 0.2}, checkpoint=_every(30))


def _nef_memory():
    return {
        "model": {"type": "nef_memory", "pairs": 6, "dimensions": 16, "neurons": 300, "presentation": 0.05},
        "replicas": {"seeds": 2},
        "run": {"rounds": 2},
        "checkpoint": _every(70),
    }


def _grid():
    document = _assembly()
    document["replicas"] = {"grid": {"/model/stages/0/A/k": [8, 12]}}
    return document


FAMILIES = {
    "assembly": _assembly,
    "sorn": _sorn,
    "attractor": _attractor,
    "explicit": lambda: _calculus("explicit"),
    "procedural": lambda: _calculus("procedural"),
    "lazy": lambda: _calculus("lazy"),
    "parser": _parser,
    "leabra": _leabra,
    "nef": _nef,
    "nef_memory": _nef_memory,
    "grid": _grid,
}


def experiment(family, **settings):
    """The experiment of a family, complete; settings replace its keys."""
    document = copy.deepcopy(FAMILIES[family]())
    document.update({"schema": "engram/1", "name": family, "seed": 3, "backend": "cpu", "threads": 1, **settings})
    return document
