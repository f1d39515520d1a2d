"""A small network of each family."""

import engram_sim as eg


def sorn(**more):
    return eg.Sorn(ne=50, **{"seeds": [1, 2], **more})


def attractor(**more):
    return eg.Attractor(**{"units": 12, "seeds": [3, 4], "learning_rate": 0.01, **more})


def assembly(**more):
    return eg.Assembly(
        {"s": {"n": 60, "k": 10}}, [{"A": {"inputs": ["s"], "n": 80, "k": 10}}], **{"seeds": [5, 6], **more}
    )


def brain(**more):
    made = eg.Brain(p=0.1, **{"seeds": [1, 2], **more})
    made.add_stimulus("s", 20)
    made.add_area("A", n=200, k=20)
    made.add_area("B", n=200, k=20, beta=0.1)
    return made


def leabra(**more):
    made = eg.Leabra(**{"seeds": [7, 8], **more})
    made.new_layer("in", 3)
    made.new_layer("out", 2, unit_spec={"vm_dt": 0.3}, log_on_cycle=["avg_act"])
    made.new_projection("p", "in", "out", dist="uniform", low=0.25, high=0.75)
    return made


def nef(**more):
    return eg.Nef(
        {
            "nodes": {"stim": {"output": "sine"}},
            "ensembles": {"e": {"neurons": 30, "dimensions": 1}},
            "connections": {"c": {"from": "stim", "to": "e"}},
            "probes": {"p": {"of": "e", "synapse": {"type": "lowpass", "tau": 0.01}}},
        },
        **{"seeds": [1, 2], **more},
    )


FAMILIES = [sorn, attractor, assembly, brain, leabra, nef]
