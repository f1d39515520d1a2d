"""Writes the page: what ran, what came out, how it went, what was asked."""

import base64
import html
import json
import pathlib
import tempfile
import urllib.parse

from engram_sim import names, whole_files
from engram_sim.quiet import without_warnings
from engram_sim.report import configuration, data

MOST_BYTES_OF_PICTURES = 1_300_000  # as they stand in the page
MOST_TEXTS = 200
CHARTS = """<h2>Over time</h2><p class='quiet'>Lines are means over the networks, bands one standard deviation.
Drag over a chart to zoom, click twice to see all of it, click on a name to hide its line.</p><div id="charts"></div>"""
STATUS = {
    "complete": "The run is complete.",
    "running": "The run is going on. This page shows how far it was when it was written.",
    "interrupted": "The run was stopped before its end. <code>engram resume {folder}</code> continues it.",
    "killed": "The run ended without saying so, for its process is gone. <code>engram resume {folder}</code> continues it "
    "from its newest checkpoint.",
    "failed": "The run failed. What was recorded until then is shown.",
}


def text(value):
    return html.escape(str(value))


def resource(name):
    return (pathlib.Path(__file__).parent / name).read_text()


def script_data(name, value):
    """JSON that no text in it can end."""
    safe = json.dumps(value, separators=(",", ":")).replace("<", "\\u003c").replace("\u2028", "\\u2028")
    return f'<script type="application/json" id="{name}">{safe}</script>'


def write(run, path, refresh=None):
    """The whole page; returns its path. It replaces an older one only when it is complete."""
    path = pathlib.Path(path)
    with without_warnings():
        page = page_of(run, refresh)
    whole_files.write(path, page.encode(errors="replace"))
    return path


def page_of(run, refresh=None):
    charts, left_out = data.charts_of(run)
    parts = [
        header(run),
        results(run),
        sentences(run),
        CHARTS if charts else "",
        f"<p class='quiet'>{left_out} more metrics are in metrics.csv.</p>" if left_out else "",
        pictures(run),
        configuration.section(run),
        files(run),
    ]
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
{f'<meta http-equiv="refresh" content="{refresh}">' if refresh else ''}<title>{text(run.name)} - engram</title>
<style>{resource('page.css')}</style></head><body><main>
{''.join(parts)}
</main>{script_data('chart-data', charts)}{script_data('result-data', data.results_of(run))}
<script>{resource('page.js')}</script></body></html>
"""


def header(run):
    m = run.manifest
    build, device = m.get("engram", {}), m.get("device", {})
    seeds = run.seeds
    rows = {
        "model": run.family,
        "networks": f"{len(seeds)} at each of {len(run.points)} points" if len(run.points) > 1 else len(seeds),
        "seeds": (
            f"{seeds[0]} to {seeds[-1]}"
            if len(seeds) > 1 and seeds == list(range(seeds[0], seeds[-1] + 1))
            else ", ".join(map(str, seeds[:20])) + (" ..." if len(seeds) > 20 else "")
        ),
        "started": m.get("started"),
        "took": duration(m.get("seconds")),
        "ticks": m.get("ticks"),
        "device": ", ".join(str(device[k]) for k in ("name", "instruction_set") if device.get(k))
        + (f", {device['threads']} threads" if device.get("threads") else ""),
        "engram": f"{build.get('version', '')} {build.get('commit', '')} ({build.get('precision', '')}, {build.get('compiler', '')})",
    }
    listed = "".join(f"<dt>{k}</dt><dd>{text(v)}</dd>" for k, v in rows.items() if v not in (None, ""))
    status = run.status
    said = STATUS.get(status, "").format(folder=text(run.folder))
    return f"<h1>{text(run.name)} <span class='status {text(status)}'>{text(status)}</span></h1><p>{said}</p>{warnings(run)}<dl>{listed}</dl>"


def duration(seconds):
    if seconds is None:
        return None
    if seconds < 120:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.3g} minutes" if seconds < 7200 else f"{seconds / 3600:.3g} hours"


def warnings(run):
    found = []
    for number, point in enumerate(run.manifest.get("points", [])):
        if "error" in point:
            found.append(
                f"Point {number} ({names.point_words(run.points[number * len(run.points) // len(run.manifest['points'])])}) "
                f"ended at tick {point.get('tick')}: {point['error']}"
            )
    found += [str(w) for w in run.manifest.get("warnings", [])]
    if run.manifest.get("error"):
        found.append(str(run.manifest["error"]))
    undefined = sum(1 for p in run.manifest.get("points", []) for v in p.get("results", {}).values() if v is None)
    if undefined:
        found.append(f"{undefined} results are undefined, such as a mean over nothing; the table shows them as a dash.")
    return "".join(f"<p class='warning'>{text(w)}</p>" for w in found)


def results(run):
    if not run.results:
        return "<h2>Results</h2><p class='quiet'>There are none yet.</p>" if run.status != "complete" else ""
    if len(run.points) > 1:
        return '<h2>Results</h2><div id="sweep"></div><div class="scroll" id="points"></div>'
    rows = [(r.name, data.rounded(r.mean)[0], data.rounded(r.sd)[0]) for r in run.results.values()]
    spread = any(sd is not None for _, _, sd in rows)  # one network has none
    lines = [
        f"<tr><td>{text(name)}</td><td>{'-' if mean is None else f'{mean:.5g}'}</td>"
        + (f"<td>{'' if sd is None else f'{sd:.3g}'}</td>" if spread else "")
        + "</tr>"
        for name, mean, sd in rows
    ]
    heads = "<th>mean</th><th>standard deviation</th>" if spread else "<th>value</th>"
    return (
        f"<h2>Results</h2><div class='scroll'><table><tr><th>quantity</th>{heads}</tr>" + "".join(lines) + "</table></div>"
    )


def sentences(run):
    """Results that are lists or texts."""
    found = data.texts_of(run)
    if not found:
        return ""
    items = []
    for number, name, value in found[:MOST_TEXTS]:
        at = f" ({names.point_words(run.points[number])})" if len(run.points) > 1 else ""
        if isinstance(value, dict) and "outcomes" in value:
            items.append(answers(name + at, value))
        else:
            shown = json.dumps(value)
            items.append(f"<details><summary>{text(name)}{text(at)}</summary><pre>{text(shown[:4000])}</pre></details>")
    left = len(found) - MOST_TEXTS
    more = f"<p class='quiet'>{left} more are in the manifest and in results.csv.</p>" if left > 0 else ""
    return "<h2>Lists and texts</h2>" + "".join(items) + more


def answers(sentence, found):
    """What the networks of a parser make of a sentence, and of one for which something is expected how many find it."""
    networks = sum(found["outcomes"].values())
    sorted_ = sorted(found["outcomes"].items(), key=lambda o: -o[1])
    shown = "".join(
        f"<li>{n} of {networks} networks: {text(said or 'no dependencies')}</li>" for said, n in sorted_[:5]
    )
    if len(sorted_) > 5:
        shown += f"<li>{sum(n for _, n in sorted_[5:])} of {networks} networks: other answers</li>"
    right = f": {found['right']:.0%} as expected" if "right" in found else ""
    return f"<details><summary>{text(sentence)}{right}</summary><ul>{shown}</ul></details>"


def pictures(run):
    """What `engram plot` draws, inside the page."""
    from engram_sim.plot import album_of, draw

    with tempfile.TemporaryDirectory() as folder:
        album = album_of(run, pathlib.Path(folder), dpi=85)
        draw(run, album)
        size, shown, left = 0, [], []
        for name, path in zip(album.names, album.pictures):
            encoded = base64.b64encode(path.read_bytes()).decode()
            if size + len(encoded) > MOST_BYTES_OF_PICTURES:
                left.append(name)
                continue
            size += len(encoded)
            shown.append(f'<figure><img alt="{text(name)}" src="data:image/png;base64,{encoded}"></figure>')
    note = (
        f"<p class='quiet'>Left out, to keep the page small: {text(', '.join(left))}. <code>engram plot</code> draws them.</p>"
        if left
        else ""
    )
    return ("<h2>Pictures</h2><div class='pictures'>" + "".join(shown) + "</div>" + note) if shown or left else ""


def files(run):
    listed = run.manifest.get("files", {})
    if not listed:
        return ""
    rows = "".join(
        f"<tr><td><a href=\"./{urllib.parse.quote(name)}\">{text(name)}</a></td><td>{entry.get('bytes', 0):,}</td></tr>"
        for name, entry in sorted(listed.items())
    )
    return f"<h2>Files</h2><details><summary>{len(listed)} files in the run folder</summary><table><tr><th>file</th><th>bytes</th></tr>{rows}</table></details>"
