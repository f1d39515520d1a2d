"""R2, R3, R12: a run that is split at random ticks, any number of times, with other numbers of threads, is one run; threads
change no bit."""

import signal
import shutil
import unittest

from families import FAMILIES
from program import amount, checkpoints, draws, engram, outcome, scratch, write_experiment


class Splits(unittest.TestCase):
    def test_chains_of_stops_with_other_threads(self):
        for family in FAMILIES:
            random = draws(f"splits {family}")
            with scratch() as folder:
                file, whole, run = write_experiment(folder, family), folder / "whole", folder / "run"
                self.assertEqual(engram("run", file, "--out", whole, "--quiet").code, 0)
                expected = outcome(whole)
                for trial in range(amount(1, 25)):
                    shutil.rmtree(run, ignore_errors=True)
                    parts, done = 0, None
                    while parts < 10 and (done is None or done.code):
                        command = ("resume", run) if parts else ("run", file, "--out", run)
                        stop = f"/checkpoints/:{random.randint(1, 3)}:{signal.SIGTERM.value}"
                        done = engram(*command, "--threads", random.choice((1, 2, 3, 7)), "--quiet", ENGRAM_SIGNALS=stop)
                        self.assertIn(done.code, (0, 143), f"{family} {done}")
                        parts += 1
                    if done.code:
                        self.assertTrue(checkpoints(run))
                        self.assertEqual(engram("resume", run, "--quiet").code, 0)
                    self.assertEqual(outcome(run), expected, f"{family}, trial {trial}, {parts} parts")

    def test_threads_change_no_bit(self):
        for family in FAMILIES:
            with scratch() as folder:
                file, found = write_experiment(folder, family), set()
                for threads in amount((1, 3, 16), (1, 2, 3, 4, 7, 16)):
                    run = folder / str(threads)
                    self.assertEqual(engram("run", file, "--out", run, "--threads", threads, "--quiet").code, 0)
                    found.add(outcome(run))
                self.assertEqual(len(found), 1, family)


if __name__ == "__main__":
    unittest.main()
