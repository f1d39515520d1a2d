"""The page stands alone, shows every kind of run, and a browser draws it without an error."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest
import unittest.mock

from engram_sim import Run
from engram_sim.report import command, configuration, data, page
from folders import Folder, rates

BROWSER = next(
    filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"))), None
)


def written(folder):
    return page.write(Run(folder.path), folder.path / "report.html").read_text()


def dom_of(path):
    """The page as a browser has it once its scripts ran."""
    with tempfile.TemporaryDirectory() as profile:
        return subprocess.run(
            [
                BROWSER,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                f"--user-data-dir={profile}",
                "--virtual-time-budget=3000",
                "--dump-dom",
                pathlib.Path(path).as_uri(),
            ],
            capture_output=True,
            text=True,
            timeout=120,
        ).stdout


class Page(unittest.TestCase):
    def test_nothing_is_fetched(self):
        text = written(Folder(seeds=(1, 2)).metrics(rates(2, 30)))
        self.assertNotRegex(text, r"https?://|<link|src=\"(?!data:)|@import")

    def test_lines_have_the_order_of_the_experiment_whatever_was_measured_first(self):
        stages = {"model": {"type": "assembly", "stages": [{"A": {"n": 9}, "B": {"n": 9}}]}}
        folder = Folder(config=stages).metrics([(t, 0, area, "", "support", t) for area in "BA" for t in range(9)])
        charts, _ = data.charts_of(Run(folder.path))
        self.assertEqual([line["label"] for line in charts[0]["lines"]], ["A", "B"])

    def test_one_network_has_values_and_no_deviation(self):
        one = written(Folder(results=[{"recall": 0.5}]))
        self.assertIn("<th>value</th></tr><tr><td>recall</td><td>0.5</td></tr>", one)
        several = written(Folder(seeds=(1, 2), results=[{"recall": 0.5, "recall, sd": 0.25}]))
        self.assertIn("<td>0.5</td><td>0.25</td></tr>", several)

    def test_sentences_are_right_only_where_something_is_expected(self):
        outcomes = {f"dogs-x{n} OBJ": 7 - n for n in range(7)}
        results = {"a b": {"outcomes": {"": 2}}, "c d": {"outcomes": outcomes, "right": 0.0}}
        text = written(Folder(model="parser", results=[results]))
        self.assertIn("<summary>a b</summary><ul><li>2 of 2 networks: no dependencies</li></ul>", text)
        self.assertIn("<summary>c d: 0% as expected</summary>", text)
        self.assertIn("<li>3 of 28 networks: other answers</li>", text)

    def test_no_name_ends_the_script_or_becomes_markup(self):
        nasty = "</script><script>document.title=1</script>"
        folder = Folder(name=nasty, results=[{nasty + ", <b>q": 1.0}]).metrics(
            [(t, 0, nasty, "", "<i>rate", t) for t in range(9)]
        )
        text = written(folder)
        self.assertNotIn(nasty, text)
        self.assertNotIn("<i>rate", text)
        charts = json.loads(re.search(r'id="chart-data">(.*?)</script>', text, re.S)[1])
        self.assertEqual(charts[0]["lines"][0]["label"], nasty)

    def test_links_lead_to_files_beside_the_page_only(self):
        text = written(Folder(files={"javascript:alert(1)": {"bytes": 1}, "a b/x.npy": {"bytes": 2}}))
        self.assertIn('href="./javascript%3Aalert%281%29"', text)
        self.assertIn('href="./a%20b/x.npy"', text)

    def test_every_status_says_what_to_do(self):
        for status, said in (
            ("complete", "is complete"),
            ("interrupted", "engram resume"),
            ("failed", "failed"),
            ("running", "process is gone"),
        ):
            self.assertIn(said, written(Folder(status=status).metrics(rates(1, 9))))

    def test_a_run_that_recorded_nothing_yet_has_a_page(self):
        folder = Folder(status="running")
        folder.write("metrics.csv", "time,replica,layer,uni")
        self.assertIn("There are none yet", written(folder))

    def test_points_that_failed_and_undefined_results_are_said(self):
        folder = Folder(grid={"/model/a": [1, 2]}, results=[{"q": None}, {}])
        folder.manifest["points"][1] = {"error": "a weight is not finite", "tick": 7}
        folder.write("manifest.json", json.dumps(folder.manifest))
        text = written(folder)
        self.assertIn("Point 1 (a = 2) ended at tick 7: a weight is not finite", text)
        self.assertIn("1 results are undefined", text)

    def test_long_runs_stay_small(self):
        folder = Folder(seeds=(1, 2)).metrics(
            [
                (t, r, layer, "", "rate", t % 7 + r / 3)
                for t in range(20000)
                for r in (0, 1)
                for layer in ("E", "F", "G")
            ]
        )
        self.assertLess(len(written(folder)), 2_000_000)

    def test_reduced_lines_keep_their_extremes(self):
        folder = Folder().metrics(rates(1, 5000, value=lambda t, r: 100 if t == 1234 else 1))
        line = data.line("", Run(folder.path).curve("E", "rate"), 0, 100)
        self.assertEqual((len(line["x"]), max(line["high"]), min(line["low"])), (100, 100, 1))

    @unittest.mock.patch("sys.stderr")
    @unittest.mock.patch("sys.stdout")
    def test_the_command_names_its_faults(self, *_):
        self.assertEqual(command.main(["/nonexistent"]), 2)
        folder = Folder().metrics(rates(1, 9))
        self.assertEqual(command.main([str(folder.path), "--watch", "1"]), 0)  # the run is over
        self.assertEqual(command.main([str(folder.path), "--out", "/nonexistent/page.html"]), 5)
        for seconds in ("nan", "inf", "-1", "x"):
            with self.assertRaises(SystemExit) as left:
                command.main([str(folder.path), "--watch", seconds])
            self.assertEqual(left.exception.code, 2)

    def test_defaults_are_told_from_what_was_chosen(self):
        program = os.environ.get("ENGRAM_PROGRAM")
        if not program:
            self.skipTest("ENGRAM_PROGRAM names no program")
        text = configuration._tree(
            {"model": {"type": "sorn", "ne": 200, "nu": 3}}, configuration._schema(program, "sorn")
        )
        self.assertIn("<b>ne</b>: <span class='default'>200", text)
        self.assertIn("<b>nu</b>: <span class='value'>3", text)


@unittest.skipUnless(BROWSER, "no Chromium is installed")
class InABrowser(unittest.TestCase):
    def drawn(self, folder):
        written(folder)
        dom = dom_of(folder.path / "report.html")
        body = re.search(r"<body[^>]*>", dom)
        self.assertIsNotNone(body, dom[:300])
        self.assertNotIn("data-error", body[0])
        return dom, int(re.search(r'data-charts="(\d+)"', body[0])[1])

    def test_charts_are_drawn(self):
        folder = Folder(seeds=(1, 2), results=[{"q": 1.5, "q, sd": 0.1}])
        self.assertEqual(
            self.drawn(folder.metrics(rates(2, 30) + [(t, 0, "E", "", "hamming", "nan") for t in range(9)]))[1], 1
        )

    def test_charts_zoom_hide_lines_and_say_values(self):
        folder = Folder(seeds=(1, 2))
        folder.metrics(rates(2, 101) + [(t, r, "I", "", "rate", 9) for t in range(101) for r in (0, 1)])
        path = folder.path / "report.html"
        page.write(Run(folder.path), path)
        steps = """<script>
const chart = drawn[0], left = chart.canvas.getBoundingClientRect().left, wide = chart.width - 72;
const at = (type, share) => chart.canvas.dispatchEvent(new MouseEvent(type, {clientX: left + 62 + share * wide, bubbles: true}));
at("mousemove", 0.5); document.body.dataset.tip = chart.tip.innerText;
at("mousedown", 0.25); at("mousemove", 0.4); at("mouseup", 0.5); document.body.dataset.range = chart.range.map(Math.round);
at("dblclick", 0.5); document.body.dataset.all = chart.range;
document.querySelector(".legend button").click(); document.body.dataset.bounds = chart.bounds().map(Math.round);
</script>"""
        path.write_text(path.read_text().replace("</body>", steps + "</body>"))
        body = re.search(r"<body[^>]*>", dom_of(path), re.S)[0]
        self.assertNotIn("data-error", body)
        self.assertIn('data-range="25,50"', body)
        self.assertIn('data-all="0,100"', body)
        self.assertIn('data-bounds="8,10"', body)  # of the line that is left
        self.assertRegex(body, r'data-tip="50\s+E: 100 \(29.\d+ to 170.\d+\)\s+50\s+I: 9')

    def test_a_result_is_shown_at_all_points(self):
        folder = Folder(
            grid={"/model/a": [1, 2], "/model/b": ["x", "y"]}, results=[{"q": v} for v in (0.125, 0.25, 0.375, 0.5)]
        )
        dom, _ = self.drawn(folder)
        for value in ("0.125", "0.25", "0.375", "0.5"):
            self.assertRegex(dom, rf"<td[^>]*>{value}</td>")


if __name__ == "__main__":
    unittest.main()
