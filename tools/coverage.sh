#!/bin/sh
# tools/coverage.sh: which lines of the engine, and of the kernels as the host runs them, do the tests reach? Builds the
# library with counters (preset coverage), runs the tests of the other programs against it, and prints the lines and
# branches by folder and the files with the most lines missed. Exit code 1 below 90 % of the lines.
# $JOBS compilers at once (all cores if unset); with $REPORT_ONLY set, of the runs that were made before.
set -eu
cd "$(dirname "$0")/.."
build=build/coverage
programs="core_tests io_tests kernel_tests conformance_tests golden_tests model_tests run_tests"

if [ -z "${REPORT_ONLY:-}" ]; then
  cmake --preset coverage >/dev/null
  # shellcheck disable=SC2086
  cmake --build --preset coverage --parallel "${JOBS:-$(nproc)}" --target $programs
  find $build -name '*.gcda' -delete
  # Programs side by side, of one thread each: two threads would wait for each other at every counter. Threads in other
  # orders run the same lines. Tests that count calls or memory may fail here: counters take both.
  echo $programs | tr ' ' '\n' | (cd $build && OMP_NUM_THREADS=1 xargs -P "$(nproc)" -I{} sh -c '
    tests/{} --gtest_brief=1 --gtest_filter="-*Long.*:*/Emulated.*descending:*/Emulated.*real_blocks" ||
      echo "{}: some tests failed under the counters" >&2')
fi
gcovr --root . --object-directory $build --filter engine/ --filter include/ --filter kernels/ --exclude '.*\.cu$' \
  --exclude-throw-branches --exclude-unreachable-branches --json-summary-pretty --json-summary $build/coverage.json \
  --print-summary -j "${JOBS:-$(nproc)}" $build >/dev/null
/usr/bin/python3 - $build/coverage.json <<'EOF'
import collections
import json
import sys

files = json.load(open(sys.argv[1]))["files"]
folders = collections.defaultdict(lambda: [0, 0, 0, 0])
for file in files:
    parts = file["filename"].split("/")[:-1]
    counts = [file[key] for key in ("line_covered", "line_total", "branch_covered", "branch_total")]
    for folder in ("/".join(parts[:3]), "all"):
        folders[folder] = [a + b for a, b in zip(folders[folder], counts)]


def percent(part, whole):
    return f"{100 * part / whole:5.1f} %" if whole else "      -"


print(f"{'folder':32} {'lines':>6} {'covered':>8} {'branches':>9}")
for folder, (lines, all_lines, branches, all_branches) in sorted(folders.items(), key=lambda item: (item[0] == "all", item)):
    print(f"{folder:32} {all_lines:6} {percent(lines, all_lines):>8} {percent(branches, all_branches):>9}")
print("\nmost lines missed:")
for file in sorted(files, key=lambda f: f["line_covered"] - f["line_total"])[:15]:
    print(f"{file['line_total'] - file['line_covered']:5}  {file['filename']}")
lines, all_lines = folders["all"][:2]
sys.exit(lines < 0.9 * all_lines)
EOF
