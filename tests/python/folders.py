"""Run folders made by hand, so that what a test expects is known without a run."""

import json
import pathlib
import tempfile

import numpy as np

_kept = tempfile.TemporaryDirectory()  # until the tests end


class Folder:
    """A run folder."""

    def __init__(self, model="sorn", status="complete", seeds=(1,), grid=None, config=None, results=(), **manifest):
        self.path = pathlib.Path(tempfile.mkdtemp(dir=_kept.name))
        whole = {"schema": "engram/1", "model": {"type": model}, **(config or {})}
        whole["replicas"] = {"seeds": list(seeds), **({"grid": grid} if grid else {})}
        self.manifest = {
            "schema": "engram-run/1",
            "status": status,
            "name": "made by hand",
            "config": whole,
            "seeds": list(seeds),
            "points": [{"results": r} for r in results],
            **manifest,
        }
        self.write("manifest.json", json.dumps(self.manifest))

    def write(self, name, text):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def metrics(self, rows, columns="time,replica,layer,unit,attribute,value"):
        self.write("metrics.csv", "\n".join([columns, *(",".join(map(str, r)) for r in rows)]) + "\n")
        return self

    def column(self, name, values):
        path = self.path / f"{name}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, np.asarray(values))
        return self


def rates(networks=2, steps=20, columns=(), value=lambda t, r: t + 100 * r):
    """Rows of a metric of SORN whose values are known."""
    return [(t, r, "E", "", "rate", value(t, r), *columns) for t in range(steps) for r in range(networks)]
