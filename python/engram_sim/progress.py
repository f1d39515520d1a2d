"""How far a run is: as a bar of tqdm, as one line, or told to a function."""

import contextlib
import dataclasses
import sys
import time


@dataclasses.dataclass(frozen=True)
class Progress:
    """How far the current point of a run is, in ticks; `began` is where this call took it up."""

    point: int
    began: int
    done: int
    total: int
    seconds: float


class _Bar:
    def __init__(self, tqdm):
        self.tqdm, self.bar, self.point = tqdm, None, None

    def __call__(self, progress):
        if progress.point != self.point:
            self.close()
            self.point = progress.point
            self.bar = self.tqdm(total=progress.total, initial=progress.began, desc=f"point {progress.point}")
        self.bar.update(progress.done - self.bar.n)

    def close(self):
        if self.bar is not None:
            self.bar.close()


class _Line:
    """One line that is written over; in a notebook, an output that is replaced."""

    def __init__(self):
        self.handle = None
        shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
        self.display = sys.modules["IPython"].display if shell and hasattr(shell, "kernel") else None
        self.last = -1.0

    def __call__(self, progress):
        if progress.seconds - self.last < 0.2 and progress.done < progress.total:
            return
        self.last = progress.seconds
        rate = (progress.done - progress.began) / max(progress.seconds, 1e-9)
        line = f"point {progress.point}: {progress.done} of {progress.total} ticks, {rate:.3g} a second"
        if self.display is None:
            sys.stderr.write(f"\r{line:<70}")
            sys.stderr.flush()
        elif self.handle is None:
            self.handle = self.display.display(line, display_id=True)
        else:
            self.handle.update(line)

    def close(self):
        if self.last >= 0 and self.display is None:
            sys.stderr.write("\n")


def _chosen(how):
    if how is None or callable(how):
        return how
    if how == "text":
        return _Line()
    if how in ("auto", "tqdm"):
        try:
            from tqdm.auto import tqdm

            return _Bar(tqdm)
        except ImportError:
            if how == "tqdm":
                raise ImportError('progress="tqdm" needs tqdm; install python3-tqdm, or take "text"') from None
        return _Line() if sys.stderr.isatty() or "ipykernel" in sys.modules else None
    raise ValueError(f'progress: found {how!r}; allowed are "auto", "tqdm", "text", None or a function')


@contextlib.contextmanager
def painter(how):
    """What the engine calls, for as long as a run goes on; None: nothing."""
    show = _chosen(how)
    began, last = time.monotonic(), None

    def tell(*ticks):
        nonlocal last
        now = Progress(*ticks, time.monotonic() - began)
        if last is not None and last.point != now.point:
            complete()
        last = now
        show(now)

    def complete():
        """The engine tells of ticks between others, so the end of a point may be untold."""
        if last is not None and last.done < last.total:
            show(dataclasses.replace(last, done=last.total, seconds=time.monotonic() - began))

    try:
        yield show and tell
        complete()
    finally:
        if hasattr(show, "close") and not callable(how):
            show.close()
