"""What a run measured, as DataFrames of pandas, and as the table that notebooks show."""

import html

import numpy as np

from engram_sim.names import point_words

MOST_POINTS = 50  # of a grid in a notebook


def _frame(call):
    try:
        import pandas
    except ImportError:
        raise ImportError(f"{call} needs pandas, which is not installed") from None
    return pandas.DataFrame


def of_metrics(run):
    """A row a value of metrics.csv."""
    names = ["point", "replica", "seed", "layer", "unit", "attribute", "time", "value", *run.swept]
    columns = {name: [] for name in names}
    seeds = np.array(run.seeds, np.uint64)
    for (layer, unit, attribute), curve in run.curves.items():
        network, time = np.nonzero(np.isfinite(curve.values))
        point, replica = curve.points[network], curve.replicas[network]
        found = [point, replica, seeds[replica], *(np.full(len(network), text, object) for text in (layer, unit, attribute)),
                 curve.times[time], curve.values[network, time]]  # fmt: skip
        found += [np.array([run.points[p][pointer] for p in point.tolist()], object) for pointer in run.swept]
        for column, values in zip(columns.values(), found):
            column.append(values)
    whole = {name: np.concatenate(values) if values else [] for name, values in columns.items()}
    return _frame("Run.frame")(whole, columns=names).infer_objects()


def of_results(run):
    """A row a result and point."""
    names = ["point", "result", "mean", "sd", "networks", *run.swept]
    rows = [
        {"point": p, "result": name, "mean": r.mean[p], "sd": r.sd[p], "networks": len(r.values[p]), **point}
        for name, r in run.results.items()
        for p, point in enumerate(run.points)
    ]
    return _frame("Run.results_frame")(rows, columns=names)


def as_html(run):
    """How far the run is, and its results at the first points."""
    sizes = f"{len(run.points)} points of {len(run.seeds)} networks" if run.swept else f"{len(run.seeds)} networks"
    rows = "".join(
        f"<tr><td>{html.escape(name)}</td><td>{html.escape(point_words(run.points[p]))}</td><td>{r.mean[p]:.6g}</td>"
        f"<td>{'' if np.isnan(r.sd[p]) else f'{r.sd[p]:.3g}'}</td></tr>"
        for name, r in run.results.items()
        for p in range(min(len(run.points), MOST_POINTS))
    )
    return (f"<p><b>{html.escape(f'{run.name}: {run.family}, {run.status}, {sizes}')}</b></p>"
            f"<table><tr><th>result</th><th>point</th><th>mean</th><th>sd</th></tr>{rows}</table>")  # fmt: skip
