"""How far a run is: by a bar of tqdm where there is one, else by a line of text, in notebooks as in terminals."""

import io
import sys
import types

import pytest

import engram_sim as eg
from engram_sim.progress import painter

EXPERIMENT = {"schema": "engram/1", "model": {"type": "sorn", "ne": 50}, "phases": [{"steps": 20000}]}


def paint(how):
    with painter(how) as show:
        for done in (0, 30, 100):
            show(1, 0, done, 100)


@pytest.fixture
def notebook(monkeypatch):
    """A notebook without tqdm; what it shows."""
    shown = []

    class Handle:
        def update(self, line):
            shown.append(("again", line))

    def display(line, display_id):
        shown.append(("first", line))
        return Handle()

    ipython = types.ModuleType("IPython")
    ipython.get_ipython = lambda: types.SimpleNamespace(kernel=object())
    ipython.display = types.SimpleNamespace(display=display)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "ipykernel", types.ModuleType("ipykernel"))
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)  # its import fails
    return shown


def test_a_notebook_without_tqdm_shows_one_line_that_is_replaced(notebook, capsys):
    paint("auto")
    assert [kind for kind, _ in notebook] == ["first"] + ["again"] * (len(notebook) - 1)
    assert len(notebook) > 1 and "100 of 100 ticks" in notebook[-1][1]
    assert capsys.readouterr().err == ""  # no carriage returns, which a notebook keeps


def test_a_terminal_without_tqdm_shows_one_line(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    monkeypatch.setattr(sys, "stderr", Terminal())
    paint("auto")
    assert sys.stderr.getvalue().count("\r") > 1 and sys.stderr.getvalue().endswith("\n")
    monkeypatch.setattr(sys, "stderr", io.StringIO())  # a file: nobody looks
    with painter("auto") as show:
        assert show is None


def test_tqdm_is_asked_for_the_bar_that_fits_where_it_is_shown(monkeypatch):
    """tqdm.auto draws a widget in a notebook and text elsewhere."""
    bars = []

    class Bar:
        def __init__(self, total, initial, desc):
            self.n, self.total, self.closed = initial, total, False
            bars.append(self)

        def update(self, count):
            self.n += count

        def close(self):
            self.closed = True

    auto = types.ModuleType("tqdm.auto")
    auto.tqdm = Bar
    monkeypatch.setitem(sys.modules, "tqdm", types.ModuleType("tqdm"))
    monkeypatch.setitem(sys.modules, "tqdm.auto", auto)
    paint("auto")
    eg.run(EXPERIMENT)
    assert bars and all(bar.closed for bar in bars)
    assert (bars[0].n, bars[0].total) == (100, 100)
    assert all(bar.total == 20000 for bar in bars[1:])


def test_tqdm_that_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(ImportError, match="python3-tqdm"):
        paint("tqdm")


def test_what_is_complete_is_told_to_its_end():
    seen = []
    with painter(seen.append) as show:
        for point in (0, 1):
            show(point, 0, 10, 100)
            show(point, 0, 90 + 10 * point, 100)
    assert [(p.point, p.done) for p in seen] == [(0, 10), (0, 90), (0, 100), (1, 10), (1, 100)]
    seen.clear()
    with pytest.raises(KeyboardInterrupt):
        with painter(seen.append) as show:
            show(0, 0, 10, 100)
            raise KeyboardInterrupt
    assert [p.done for p in seen] == [10]


def test_the_bar_of_a_run_ends_full(capsys):
    eg.run(EXPERIMENT, progress=(seen := []).append)
    assert not seen or seen[-1].done == seen[-1].total == 20000
