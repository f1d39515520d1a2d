"""R21: eight processes and one folder: one wins, the others end with exit 5, and the files are those of one run."""

import unittest

from program import amount, engram, finish, outcome, scratch, start, write_experiment


class Races(unittest.TestCase):
    def race(self, arguments, expected, folder):
        processes = [start(arguments) for _ in range(8)]
        done = [finish(p) for p in processes]
        self.assertTrue(all(d.code in (0, 5) for d in done), done)
        # Who comes after the winner's end finds the run complete.
        winners = sum(d.code == 0 and "complete already" not in d.out + d.error for d in done)
        self.assertEqual(outcome(folder / "run"), expected)
        return winners

    def test_eight_processes_want_one_folder(self):
        with scratch() as folder:
            file = write_experiment(folder, "sorn", phases=[{"steps": 4000, "label": "a"}], checkpoint={"every": 1000})
            self.assertEqual(engram("run", file, "--out", folder / "whole", "--quiet").code, 0)
            expected = outcome(folder / "whole")
            for _ in range(amount(2, 40)):
                engram("run", file, "--out", folder / "run", "--force", "--quiet", ENGRAM_SIGNALS="/checkpoints/:1:15")
                self.assertEqual(self.race(("resume", folder / "run"), expected, folder), 1)
                # A run that begins after another one ended may force its way: at least one wins, and no files are mixed.
                command = ("run", file, "--out", folder / "run", "--force", "--quiet")
                self.assertGreaterEqual(self.race(command, expected, folder), 1)


if __name__ == "__main__":
    unittest.main()
