#!/usr/bin/env bash
# Everything worth knowing on a machine with a GPU, in one folder:
#   tools/gpu_report.sh [--bundle FOLDER] [--build FOLDER] [--preset NAME] [REPORT_FOLDER]
# REPORT_FOLDER is $OUT if not given, else gpu-report. Builds, runs the CUDA tests, compares with the traces that a CPU
# recorded (data/traces), runs the sanitizers of the CUDA toolkit, and measures. A stage that fails does not stop the
# next one; summary.txt says what passed, failed and was skipped. Exit code 1 if anything failed.
set -u

usage() {
  sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
  exit 2
}
bundle="" build="" preset=cuda report=""
while [ $# -gt 0 ]; do
  case $1 in
    --bundle | --build | --preset)
      [ $# -ge 2 ] || usage
      case $1 in
        --bundle) bundle=$(cd "$2" && pwd) || exit 2 ;;
        --build) build=$2 ;;
        --preset) preset=$2 ;;
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
report=${report:-${OUT:-gpu-report}}
mkdir -p "$report" || exit 2
report=$(cd "$report" && pwd)
cd "$(dirname "$0")/.." || exit 2
build=${build:-build/$preset}
PATH=$PATH:/usr/local/cuda/bin
summary=$report/summary.txt
: >"$summary"
failed=0

say() { echo "$*" | tee -a "$summary"; }

# stage NAME LIMIT COMMAND...: output to NAME.log, both streams. A shell of its own, so that COMMAND may be a function.
stage() {
  local name=$1 limit=$2 start=$SECONDS
  shift 2
  # shellcheck disable=SC2016  # the inner shell expands it
  if timeout "$limit" bash -c '"$@"' bash "$@" >"$report/$name.log" 2>&1; then
    say "pass     $name ($((SECONDS - start)) s)"
  else
    local code=$?
    failed=$((failed + 1))
    say "FAILED   $name (exit code $code, $((SECONDS - start)) s): $(tail -n 1 "$report/$name.log")"
    return 1
  fi
}
skip() { say "skipped  $1: $2"; }

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

configure=(cmake -S . -B "$build" --preset "$preset")
if [ -n "$bundle" ]; then configure+=("-DENGRAM_BUNDLE=$bundle"); fi
command -v ninja >/dev/null || configure+=(-G "Unix Makefiles")
stage configure 300 "${configure[@]}"
stage build 1500 cmake --build "$build" --parallel "$(nproc)"

engram=$build/engram
if [ ! -x "$engram" ]; then
  skip "everything else" "no program was built"
  say "$failed stages failed"
  exit 1
fi

# A skipped CUDA test is no success here: this machine is meant to have a device.
needs_device() { "$@" && ! grep -q "SKIPPED: no CUDA device" "$report/cuda_tests.log"; }
export -f needs_device
export report build
stage cuda_tests 600 needs_device "$build/tests/cuda_tests"
stage kernel_tests 600 "$build/tests/kernel_tests"
stage golden_on_cuda 900 env ENGRAM_TEST_BACKEND=cuda "$build/tests/golden_tests"
stage scenarios_on_cuda 1500 env ENGRAM_TEST_BACKEND=cuda "$build/tests/model_tests" --gtest_filter=-*Long.*
stage ctest 1500 ctest --test-dir "$build" --output-on-failure

stage check 900 "$engram" check --backend cuda
for trace in data/traces/*; do
  [ -e "$trace" ] || continue
  case $(basename "$trace") in
    float*) stage "check_$(basename "$trace")" 900 "$engram" check --backend cuda --trace-in "$trace" ;;
    *) skip "check_$(basename "$trace")" "recorded in another precision than this build" ;;
  esac
done
stage trace_of_cuda 900 "$engram" check --backend cuda --trace-out "$report/cuda.trace"

if command -v compute-sanitizer >/dev/null; then
  for tool in memcheck racecheck initcheck synccheck; do
    stage "sanitizer_$tool" 1500 compute-sanitizer --tool "$tool" --error-exitcode 9 "$build/tests/cuda_tests"
    stage "sanitizer_${tool}_golden" 1500 env ENGRAM_TEST_BACKEND=cuda compute-sanitizer --tool "$tool" --error-exitcode 9 "$build/tests/golden_tests"
  done
  # The control: each planted fault must be found.
  finds() { compute-sanitizer --tool "$1" --error-exitcode 9 "$build/tests/planted_faults_cuda" "$2"; [ $? -eq 9 ]; }
  export -f finds
  stage planted_out_of_bounds 300 finds memcheck out_of_bounds
  stage planted_race 300 finds racecheck race
  stage planted_missing_barrier 300 finds racecheck missing_barrier
  stage planted_uninitialised 300 finds initcheck uninitialised
else
  skip sanitizers "compute-sanitizer is not installed (memcheck, racecheck, initcheck, synccheck)"
fi
stage one_launch_at_a_time 900 env ENGRAM_CUDA_SYNC=1 "$build/tests/cuda_tests"

# bench NAME ARGUMENTS...: the measurements alone in NAME.jsonl, remarks in the log.
bench() {
  local name=$1
  shift
  # shellcheck disable=SC2016  # the inner shell expands them
  stage "$name" 1500 bash -c '"$1" bench --json "${@:3}" >"$2"' bash "$engram" "$report/$name.jsonl" "$@"
}
bench bench_cuda --backend cuda
bench bench_cpu --backend cpu --threads "$(nproc)"

say "$failed stages failed"
[ "$failed" -eq 0 ]
