"""Pictures of a run: draw(run, album) draws all that what was recorded allows."""

from engram_sim.plot import assembly, attractor, calculus, figures, leabra, nef, parser, sorn, sweep
from engram_sim.quiet import without_warnings

FAMILIES = {
    "assembly": assembly,
    "attractor": attractor,
    "calculus": calculus,
    "leabra": leabra,
    "nef": nef,
    "nef_memory": nef,
    "parser": parser,
    "sorn": sorn,
}


def album_of(run, folder=None, selection=None, format="png", dpi=110):
    return figures.Album(run, folder or run.folder / "plots", selection or figures.Selection(), format, dpi)


def draw(run, album):
    """The pictures of the family, and those of swept values."""
    with without_warnings():
        if run.family in FAMILIES:
            FAMILIES[run.family].draw(run, album)
        else:
            figures.all_metrics(album)
        sweep.draw(run, album)
