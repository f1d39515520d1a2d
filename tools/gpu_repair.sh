#!/usr/bin/env bash
# The second call on a machine with a GPU, in 200 seconds, after tools/gpu_slot.sh was read and its faults were mended:
#   tools/gpu_repair.sh BEFORE AFTER OUT SECONDS CHECKED [CASE...]
# BEFORE and AFTER hold the unpacked programs of the first call and the mended ones; CHECKED is check-float.jsonl of the first
# call, whose cases that differed are checked again; CASES of `engram bench` are measured by both in turns (five with goals
# unless named). OUT gets summary.txt, machine.txt, check-float.jsonl, tests.log, sanitizers.log, before.jsonl, after.jsonl,
# kernels.csv. Where Python has the libraries, two peers come last.
set -u
if [ $# -lt 5 ] || [[ ! $4 =~ ^[0-9]+$ ]] || [ ! -r "$5" ]; then
  sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
before=$(cd "$1" && pwd) || exit 2
programs=$2 out=$3 within=$4
checked=$(realpath "$5")
shift 5
cases=("$@")
[ $# -gt 0 ] || cases=("topk/n=1000000,k=1000" "sorn.step/ne=1000000" "sorn.step/ne=10000" "attractor.learn/n=4096" "assembly.train/n=10000,k=100")
# shellcheck source=tools/gpu_stages.sh
source "$(dirname "$0")/gpu_stages.sh"

start_programs
about_machine
: >"$out/tests.log"
failed_cases() { grep '"pass":false' "$1" | sed -E 's/^\{"case":"([^"]*)".*/\1/'; }
failed_cases "$checked" >"$state/failed"
say "$(wc -l <"$state/failed") cases differed before"
check_all float <"$state/failed"
suite cuda_tests 40 6 "$programs/cuda_tests"

# The first that still differs: launch by launch, and under the sanitizer.
still=$(failed_cases "$out/check-float.jsonl" | head -n 1)
if [ -n "$still" ]; then
  : >"$out/sanitizers.log"
  again=("$programs/engram" check --backend cuda --trace-in data/traces/float.trace --filter "$still")
  say "one launch at a time: $(ENGRAM_CUDA_SYNC=1 limited 20 "${again[@]}" 2>&1 | head -n 1 | cut -c1-220)"
  after "$still"
  if command -v compute-sanitizer >/dev/null; then sanitized memcheck 30 "${again[@]}"; fi
fi

: >"$out/before.jsonl"
: >"$out/after.jsonl"
for name in "${cases[@]}"; do
  [ "$(left)" -ge 40 ] || break
  bench_case "$out/before.jsonl" "$before/engram" "$name"
  bench_case "$out/after.jsonl" "$programs/engram" "$name"
done

if command -v ncu >/dev/null; then
  : >"$out/kernels.csv"
  for name in "${cases[@]:0:2}"; do kernels_of "$name" 100 22; done
fi
if python3 -c "import torch" 2>/dev/null; then
  limited 25 python3 bench/peers/run.py --device cuda --min-time 0.1 --filter 'topk/n=1000000,k=1000' >>"$out/machine.txt" 2>&1
  say "peers: exit code $?"
fi
say "end"
