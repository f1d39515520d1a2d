#!/usr/bin/env bash
# Everything worth knowing on a machine with a GPU, in one folder:
#   tools/gpu_report.sh [--only PARTS] [--within SECONDS] [--bundle FOLDER] [--build FOLDER] [--preset NAME] [REPORT_FOLDER]
# PARTS, by commas, of: build, tests, check, crossover, bench, compare, sanitizers; all unless named. Without build the
# program of an earlier call is used. REPORT_FOLDER is $OUT if not given, else gpu-report.
# Builds, runs the CUDA tests, compares with the traces that a CPU recorded (data/traces), records from which size on the
# GPU is faster, measures, also against torch, CuPy and JAX, and runs the sanitizers of the CUDA toolkit. A stage that fails
# does not stop the next one; with --within none begins after that time, and what runs then is ended. summary.txt says what
# passed, failed and was skipped, logs.tar.gz holds all output. Exit code 1 if anything failed.
# shellcheck disable=SC2317  # stages call functions by name
set -u

usage() {
  sed -n '2,10s/^# \{0,1\}//p' "$0" >&2
  exit 2
}
parts="build tests check crossover bench compare sanitizers"
bundle="" build="" preset=cuda report="" only=$parts within=1000000
while [ $# -gt 0 ]; do
  case $1 in
    --bundle | --build | --preset | --only | --within)
      [ $# -ge 2 ] || usage
      case $1 in
        --bundle) bundle=$(cd "$2" && pwd) || exit 2 ;;
        --build) build=$2 ;;
        --preset) preset=$2 ;;
        --only) only=${2//,/ } ;;
        --within) within=$2 ;;
      esac
      shift 2
      ;;
    -*) usage ;;
    *)
      [ -z "$report" ] || usage
      report=$1
      shift
      ;;
  esac
done
for part in $only; do
  case " $parts " in *" $part "*) ;; *) echo "$0: no part \"$part\"; there are: $parts" >&2; exit 2 ;; esac
done
case $within in '' | *[!0-9]*) echo "$0: --within $within: a number of seconds is needed" >&2; exit 2 ;; esac
report=${report:-${OUT:-gpu-report}}
mkdir -p "$report" || exit 2
report=$(cd "$report" && pwd)
cd "$(dirname "$0")/.." || exit 2
build=${build:-build/$preset}
PATH=$PATH:/usr/local/cuda/bin
logs=$(mktemp -d)
summary=$report/summary.txt
: >"$summary"
failed=0

say() { echo "$*" | tee -a "$summary"; }
skip() { say "skipped  $1: $2"; }
finish() {
  say "$failed stages failed"
  tar -C "$logs" -czf "$report/logs.tar.gz" . && rm -rf "$logs"
  [ "$failed" -eq 0 ]
  exit
}
child=""
stop() {
  [ -z "$child" ] || kill "$child" 2>/dev/null  # timeout, which ends all of its stage
  say "STOPPED by a signal"
  failed=$((failed + 1))
  finish
}
trap stop INT TERM

# stage NAME LIMIT COMMAND...: output to NAME.log, both streams. A shell of its own, so that COMMAND may be a function. In
# the background, so that a signal to this script is heard at once.
stage() {
  local name=$1 limit=$2 start=$SECONDS left=$((within - SECONDS)) code=0
  shift 2
  if [ "$left" -lt 5 ]; then
    skip "$name" "no time left of the $within s"
    return 1
  fi
  # shellcheck disable=SC2016  # the inner shell expands it
  timeout -k 5 "$((limit < left ? limit : left))" bash -c '"$@"' bash "$@" >"$logs/$name.log" 2>&1 &
  child=$!
  wait "$child" || code=$?
  child=""
  if [ "$code" -eq 0 ]; then
    say "pass     $name ($((SECONDS - start)) s)"
  else
    failed=$((failed + 1))
    say "FAILED   $name (exit code $code, $((SECONDS - start)) s): $(tail -n 1 "$logs/$name.log")"
    return 1
  fi
}
wanted() { case " $only " in *" $1 "*) ;; *) false ;; esac }

machine() {
  uname -srm
  nproc
  nvidia-smi
  nvcc --version
  cmake --version
  c++ --version
}
export -f machine
stage machine 60 machine

if wanted build; then
  configure=(cmake -S . -B "$build" --preset "$preset")
  if [ -n "$bundle" ]; then configure+=("-DENGRAM_BUNDLE=$bundle"); fi
  ninja --version >/dev/null 2>&1 || configure+=(-G "Unix Makefiles")
  stage configure 300 "${configure[@]}"
  stage build 1500 cmake --build "$build" --parallel "$(nproc)"
fi
engram=$build/engram
if [ ! -x "$engram" ]; then
  skip "everything else" "there is no program $engram"
  failed=$((failed + 1))
  finish
fi
stage info 60 "$engram" info

if wanted tests; then
  # A skipped CUDA test is no success here: this machine is meant to have a device.
  needs_device() { "$@" && ! grep -q "SKIPPED: no CUDA device" "$logs/cuda_tests.log"; }
  export -f needs_device
  export logs
  stage cuda_tests 600 needs_device "$build/tests/cuda_tests"
  stage golden_on_cuda 900 env ENGRAM_TEST_BACKEND=cuda "$build/tests/golden_tests"
  stage scenarios_on_cuda 1500 env ENGRAM_TEST_BACKEND=cuda "$build/tests/model_tests" --gtest_filter=-*Long.*
fi

if wanted check; then
  stage check 900 "$engram" check --backend cuda
  stage check_500_steps 900 "$engram" check --backend cuda --filter 'model*' --steps 500
  for trace in data/traces/*; do
    case $(basename "$trace") in
      float*) stage "check_$(basename "$trace")" 900 "$engram" check --backend cuda --trace-in "$trace" ;;
      *) skip "check_$(basename "$trace")" "recorded in another precision than this build" ;;
    esac
  done
  stage trace_of_cuda 900 "$engram" check --backend cuda --trace-out "$report/cuda.trace"
fi

# written FILE COMMAND...: its output without its remarks.
written() { "${@:2}" >"$1"; }
export -f written
if wanted crossover && stage crossover 900 "$engram" bench --crossover --min-time 0.3 --out "$report/crossover.json"; then
  stage auto 120 env ENGRAM_CROSSOVER="$report/crossover.json" "$engram" run examples/attractor/bars.json --backend auto --out "$logs/run"
fi
if wanted bench; then
  device=$(nvidia-smi --query-gpu=name --format=csv,noheader 2>/dev/null | head -n 1)
  # The format of bench/results; the table has the goals and floors of an H200 beside what was measured.
  stage bench_cuda 1500 python3 bench/record.py "$engram" --backend cuda --threads 1 --min-time 0.2 --machine "${device:-no device}" --out "$report/bench_cuda.json" &&
    stage bench_cuda_table 60 written "$report/bench_cuda.md" python3 bench/record.py --table "$report/bench_cuda.json"
  stage bench_cpu 1500 written "$report/bench_cpu.jsonl" "$engram" bench --json --min-time 0.2 --backend cpu --threads "$(nproc)"
fi
if wanted compare; then stage compare 1500 python3 bench/compare.py "$engram" --device cuda --turns 1 --min-time 0.1 --out "$report"; fi

if wanted sanitizers; then
  if command -v compute-sanitizer >/dev/null; then
    # The control first: each planted fault must be found.
    finds() { compute-sanitizer --tool "$1" --error-exitcode 9 "$build/tests/planted_faults_cuda" "$2"; [ $? -eq 9 ]; }
    export -f finds
    export build
    stage planted_out_of_bounds 300 finds memcheck out_of_bounds
    stage planted_race 300 finds racecheck race
    stage planted_missing_barrier 300 finds racecheck missing_barrier
    stage planted_between_phases 300 finds racecheck between_phases
    stage planted_uninitialised 300 finds initcheck uninitialised
    for tool in memcheck racecheck initcheck synccheck; do
      stage "sanitizer_$tool" 1500 compute-sanitizer --tool "$tool" --error-exitcode 9 "$build/tests/cuda_tests"
      stage "sanitizer_${tool}_golden" 1500 env ENGRAM_TEST_BACKEND=cuda compute-sanitizer --tool "$tool" --error-exitcode 9 "$build/tests/golden_tests"
    done
  else
    skip sanitizers "compute-sanitizer is not installed (memcheck, racecheck, initcheck, synccheck)"
  fi
  stage one_launch_at_a_time 900 env ENGRAM_CUDA_SYNC=1 "$build/tests/cuda_tests"
fi
finish
