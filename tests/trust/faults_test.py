"""R5, R6, R18: a disk that fails at the n-th call of any kind, or memory that ends at the n-th allocation, costs nothing."""

import errno
import shutil
import unittest

from families import FAMILIES
from program import LONG, amount, begun, checkpoints, draws, engram, go_on, outcome, scratch, write_experiment

KINDS = {"open": errno.EMFILE, "mkdir": errno.EACCES, "truncate": errno.EIO, "unlink": errno.EIO, "rename": errno.EIO,
         "sync": errno.EIO, "read": errno.EIO, "write": errno.ENOSPC, "close": errno.EIO}


class Faults(unittest.TestCase):
    def hold(self, family, kinds):
        with scratch() as folder:
            file, whole, run, kept = (write_experiment(folder, family), folder / "whole", folder / "run", folder / "kept")
            self.assertEqual(engram("run", file, "--out", whole, "--quiet").code, 0)
            expected, injected = outcome(whole), 0
            # A run that was stopped in its middle, for faults while it is resumed.
            engram("run", file, "--out", kept, "--quiet", ENGRAM_SIGNALS="/checkpoints/:2:15")
            for resumes in (False, True):
                for kind in kinds:
                    step = 1 if LONG else draws(f"{family} {kind} {resumes}").randint(20, 60)
                    for n in range(1 if LONG else draws(f"{kind} {family}").randint(1, step), 100000, step):
                        shutil.rmtree(run, ignore_errors=True)
                        if resumes:
                            shutil.copytree(kept, run)
                        before = checkpoints(run)
                        done = go_on(run, file, ENGRAM_FAULT=f"{kind}:{n}:{KINDS[kind]}")
                        if not done.injected:
                            break
                        injected += 1
                        what = f"{family}, {'resume' if resumes else 'run'}, {kind} {n}"
                        # 2: what cannot be read is no experiment; 4: no thread or no memory where a file was wanted
                        self.assertIn(done.code, (0, 2, 4, 5), f"{what} {done}")
                        if done.code == 0 and outcome(run) == expected:
                            continue
                        self.assertNotEqual(done.code, 0, f"{what}: complete, but another outcome")
                        self.assertGreaterEqual(checkpoints(run)[-1:], before[-1:], f"{what}: a checkpoint was lost")
                        again = go_on(run, file)
                        self.assertEqual(again.code, 0, f"{what}, then {again}")
                        self.assertEqual(outcome(run), expected, what)
            return injected

    def test_the_nth_call_of_any_kind_fails(self):
        injected = 0
        for number, family in enumerate(FAMILIES):
            kinds = list(KINDS)
            injected += self.hold(family, kinds if LONG else (kinds[number % 9], kinds[(number + 4) % 9]))
        self.assertGreater(injected, amount(30, 3000))


class Calls(unittest.TestCase):
    def test_calls_that_do_less_than_asked_or_are_interrupted_are_made_again(self):
        for family in amount(("assembly", "sorn"), FAMILIES):
            with scratch() as folder:
                file, expected = write_experiment(folder, family), None
                interrupted = [{"ENGRAM_FAULT": f"{kind}:{n}:{errno.EINTR}"} for kind in ("write", "read") for n in (1, 4, 9)]
                for environment in ({}, {"ENGRAM_SHORT": 7}, {"ENGRAM_SHORT": 4099}, *interrupted):
                    run = folder / "run"
                    shutil.rmtree(run, ignore_errors=True)
                    stopped = engram("run", file, "--out", run, "--quiet", ENGRAM_SIGNALS="/checkpoints/:2:15", **environment)
                    self.assertEqual(stopped.code, 143, f"{family} {environment} {stopped}")
                    done = engram("resume", run, "--quiet", **environment)
                    self.assertEqual(done.code, 0, f"{family} {environment} {done}")
                    expected = expected or outcome(run)
                    self.assertEqual(outcome(run), expected, f"{family} {environment}")


class Allocations(unittest.TestCase):
    def test_the_nth_allocation_gives_nothing(self):
        """Exit 4, never a signal; what was written before can be gone on with."""
        for family in FAMILIES:
            random = draws(f"allocations {family}")
            with scratch() as folder:
                file, run = write_experiment(folder, family), folder / "run"
                self.assertEqual(engram("run", file, "--out", folder / "whole", "--quiet").code, 0)
                expected = outcome(folder / "whole")
                step = amount(6001, 37)
                n, refused = random.randint(1, step), 0
                while True:
                    shutil.rmtree(run, ignore_errors=True)
                    done = engram("run", file, "--out", run, "--quiet", ENGRAM_ALLOCATION=n)
                    if not done.injected:
                        break
                    what = f"{family}, allocation {n}: {done}"
                    self.assertIn(done.code, (0, 4), what)  # 0: what was missing was not needed, as in the library's sort
                    refused += done.code == 4
                    if refused % 10 == 1 and begun(run):
                        again = go_on(run, file)
                        self.assertEqual(again.code, 0, f"{what}, then {again}")
                        self.assertEqual(outcome(run), expected, what)
                    n += random.randint(1, 2 * step)
                self.assertGreater(refused, 0, family)


if __name__ == "__main__":
    unittest.main()
