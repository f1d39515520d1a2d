"""R20, R33: a hundred million ticks: memory is flat, files have the size that was asked for, ticks count on beyond 2^32."""

import time
import unittest

from checkpoint_file import CheckpointFile
from program import LONG, checkpoints, engram, finish, scratch, start, write_experiment


def own_memory(process):
    """Bytes that a process holds, without pages of its program, which the system takes and gives as it likes."""
    with open(f"/proc/{process.pid}/status") as file:
        return next((int(line.split()[1]) << 10 for line in file if line.startswith("RssAnon:")), 0)


class Soak(unittest.TestCase):
    @unittest.skipUnless(LONG, "takes minutes: ./run long")
    def test_memory_is_flat(self):
        longer = {
            "sorn": {"model": {"type": "sorn", "ne": 10, "nu": 2}, "callbacks": {}, "replicas": {"seeds": 1},
                     "phases": [{"steps": 100_000_000, "label": "a"}], "checkpoint": {"every": 20_000_000}},
            "attractor": {"patterns": {"values": [[1, 0], [0, 1]]}, "checkpoint": {"every": 20_000_000},
                          "protocol": [{"do": "run", "label": "r", "steps": 100_000_000}]},
            "procedural": {"protocol": [{"do": "project", "stimuli": {"s": ["A"]}, "rounds": 1},
                                        {"do": "project", "stimuli": {"s": ["A"]}, "areas": {"A": ["A"]}, "rounds": 1500}]},
        }
        for family, settings in longer.items():
            with scratch() as folder:
                file, run = write_experiment(folder, family, **settings), folder / "run"
                process, seen, began = start(("run", file, "--out", run, "--quiet")), [], time.monotonic()
                while process.poll() is None:
                    seen.append(own_memory(process))
                    time.sleep(0.2)
                done = finish(process)
                self.assertEqual(done.code, 0, f"{family} {done}")
                print(f"{family}: {time.monotonic() - began:.0f} s, {max(seen[5:] or seen) >> 20} MiB")
                steady = seen[len(seen) // 10 : -1] or seen
                self.assertLess(max(steady) - min(steady), 1 << 20, family)

    def test_ticks_go_on_beyond_2_to_the_32(self):
        """A checkpoint whose tick is said to be large goes on from there: nothing counts in 32 bits."""
        for tick in (2**32 - 7, 10**12 - 100):
            with scratch() as folder:
                file = write_experiment(folder, "sorn", phases=[{"steps": 12, "label": "a"}, {"steps": 10**12, "label": "b"}])
                run = folder / "run"
                done = engram("run", file, "--out", run, "--quiet", ENGRAM_SIGNALS="/checkpoints/:1:15")
                self.assertEqual(done.code, 143, done)
                kept = sorted(run.glob("checkpoints/*.safetensors"), key=lambda p: int(CheckpointFile(p).metadata["tick"]))
                checkpoint = CheckpointFile(kept[-1])
                checkpoint.metadata["tick"] = str(tick)
                for path in kept:
                    path.unlink()
                checkpoint.write(run / f"checkpoints/point-0-tick-{tick}.safetensors")
                done = engram("resume", run, "--quiet", ENGRAM_SIGNALS="/checkpoints/:2:15")
                self.assertEqual(done.code, 143, done)
                ticks = [t for _, t in checkpoints(run)]
                self.assertTrue(tick < max(ticks) <= tick + 30, ticks)


if __name__ == "__main__":
    unittest.main()
