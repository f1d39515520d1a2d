"""docs/columns.md describes every column that a run of any family writes: its name, type and shape."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest
import urllib.parse

import numpy as np

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("ENGRAM_PROGRAM")
RUNS = {
    "assembly/associate": ["/samples=2", "/simulator/epoch_size=2"],
    "sorn/plastic_inputs": [
        '/phases=[{"steps":20}]',
        "/replicas/seeds=2",
        '/callbacks={"series":["ExcitatoryActivation","InhibitoryActivation","RecurrentActivation",'
        '"WEE","WEI","WIE","WEU","TE","TI"]}',
    ],
    "attractor/bars": ["/protocol/0/epochs=5"],
    "attractor/sequence": ["/protocol/0/epochs=5"],
    "calculus/project": ["/model/defaults/n=2000", "/model/defaults/k=50", "/model/stimuli/s/size=50"],
    "leabra/pattern_association": [
        "/replicas/seeds=2",
        "/protocol/0/epochs=2",
        "/protocol/0/record_outputs=true",
        '/model/layers/output/log_on_cycle=["avg_act","unit_act"]',
        '/model/projections/input_to_output/log_on_epoch=["conn_wt"]',
        "/model/layers/output/bias=true",
    ],
    "nef/learning_new_associations": ["/run/seconds=0.05", "/replicas/seeds=2"],
}
ENDINGS = {"u4": ["u4"], "u8": ["u8"], "f8": ["f8"], "real": ["f4", "f8"]}


def documented():
    """[(families, pattern, type, whether a row has several values)]"""
    found = []
    for line in (SOURCE / "docs/columns.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 5 or "`" not in cells[1]:
            continue
        families, columns, kind, values, _ = cells
        for column in re.findall(r"`([^`]+)`", columns):
            pattern = re.sub(r"(?<![A-Za-z_])[A-Z]{4,}(?![A-Za-z])", "[^/]+", re.escape(column))
            found.append((families.split(", "), re.compile(pattern), kind, bool(values)))
    return found


@unittest.skipUnless(PROGRAM, "ENGRAM_PROGRAM names no program")
class Columns(unittest.TestCase):
    def test_every_column_is_documented(self):
        table = documented()
        self.assertGreater(len(table), 40)
        seen = set()
        for example, settings in RUNS.items():
            family = example.split("/")[0]
            with tempfile.TemporaryDirectory() as folder:
                words = [w for s in settings for w in ("--set", s)]
                done = subprocess.run(
                    [PROGRAM, "run", SOURCE / f"examples/{example}.json", "--out", f"{folder}/run", "--quiet", *words],
                    capture_output=True,
                    text=True,
                )
                self.assertEqual(done.returncode, 0, done.stderr)
                for path in sorted(pathlib.Path(folder, "run").rglob("*.npy")):
                    name = urllib.parse.unquote(path.relative_to(f"{folder}/run").as_posix()[:-4])
                    name = re.sub(r"^grid-\d+/", "", name)
                    fitting = [row for row in table if family in row[0] and row[1].fullmatch(name)]
                    self.assertTrue(fitting, f"{example}: {name} is not documented")
                    column = np.load(path)
                    self.assertTrue(
                        any(
                            column.dtype.str[1:] in ENDINGS[kind] and (several or column.ndim == 1)
                            for _, _, kind, several in fitting
                        ),
                        f"{example}: {name} is {column.dtype} of {column.shape}; documented is {fitting}",
                    )
                    seen.update(row[1].pattern for row in fitting)
        missing = [pattern.pattern for _, pattern, _, _ in table if pattern.pattern not in seen]
        self.assertLess(len(missing), 12, f"these were written by no run: {missing}")


if __name__ == "__main__":
    unittest.main()
