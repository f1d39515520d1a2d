"""R1, R19: whatever ends a run at whatever time, it goes on where its newest checkpoint is, with the bits of a whole run."""

import shutil
import signal
import time
import unittest

from families import FAMILIES
from program import amount, begun, checkpoints, draws, engram, finish, go_on, outcome, scratch, start, write_experiment


class Kills(unittest.TestCase):
    def stopped_at_random(self, family, trials, signals):
        random = draws(f"kills {family}")
        with scratch() as folder:
            file, whole, run = write_experiment(folder, family), folder / "whole", folder / "run"
            began = time.monotonic()
            self.assertEqual(engram("run", file, "--out", whole, "--quiet").code, 0)
            seconds, expected, went_on = time.monotonic() - began, outcome(whole), 0
            for trial in range(trials):
                shutil.rmtree(run, ignore_errors=True)
                threads = random.choice((1, 2, 3))
                for turn in range(20):
                    with self.subTest(family=family, trial=trial, turn=turn):
                        from_tick = checkpoints(run)
                        command = ("resume", run) if begun(run) else ("run", file, "--out", run)
                        process = start([*command, "--threads", threads, "--quiet"])
                        time.sleep(random.uniform(0, seconds))
                        number = random.choice(signals)
                        process.send_signal(number)
                        done = finish(process)
                        self.assertIn(done.code, (0, -number, 128 + number), done)
                        self.assertNotIn("refused", done.error)  # no checkpoint was found unusable
                        if from_tick and command[0] == "resume":
                            went_on += 1
                            self.assertGreaterEqual(checkpoints(run)[-1:] or from_tick[-1:], from_tick[-1:], done)
                    if done.code == 0:
                        break
                done = go_on(run, file) if done.code else done
                self.assertEqual(done.code, 0, done)
                self.assertEqual(outcome(run), expected, f"{family}, trial {trial}")
                self.assertEqual([p for p in run.rglob("*.tmp")], [], "a killed write left its file")
            return went_on

    def test_kill_9_at_random_times(self):
        # A network that ends within a tenth of a second is hard to hit after its first checkpoint: what counts is the sum.
        went_on = sum(self.stopped_at_random(family, amount(4, 200), (signal.SIGKILL,)) for family in FAMILIES)
        self.assertGreater(went_on, amount(4, 400), "hardly any kill came between a checkpoint and the end")

    def test_signals_at_random_times(self):
        signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR2)
        for family in amount(("sorn", "lazy", "leabra"), FAMILIES):
            self.stopped_at_random(family, amount(2, 50), signals)


if __name__ == "__main__":
    unittest.main()
