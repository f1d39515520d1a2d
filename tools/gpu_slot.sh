#!/usr/bin/env bash
# The first thing to run on a machine with a GPU, in eight minutes, from programs built elsewhere (tools/gpu_pack.sh):
#   tools/gpu_slot.sh FOLDER OUT SECONDS [PART...]
# FOLDER holds the unpacked programs; OUT gets seven files (machine.txt, summary.txt, check-float.jsonl, tests.log, bench.jsonl,
# kernels.csv, sanitizers.log). After SECONDS what runs is ended and nothing more begins. PARTS, all unless named: machine
# check device tests double bench kernels sanitizers. Are bits equal comes first, then how fast, then where the time goes.
set -u
if [ $# -lt 3 ] || [[ ! $3 =~ ^[0-9]+$ ]]; then
  sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
programs=$1 out=$2 within=$3
shift 3
all="machine check device tests double bench kernels sanitizers"
parts=" ${*:-$all} "
for part in $parts; do
  case " $all " in *" $part "*) ;; *) echo "$0: no part \"$part\"; there are: $all" >&2; exit 2 ;; esac
done
wanted() { [[ $parts == *" $1 "* ]]; }
# shellcheck source=tools/gpu_stages.sh
source "$(dirname "$0")/gpu_stages.sh"

start_programs
if wanted machine; then
  about_machine
  limited 40 "$programs/device_constants" >>"$out/machine.txt" 2>&1
  say "constants of the device: exit code $?"
  after "constants of the device"
fi

if wanted check || wanted double; then
  "$programs/engram" check --list | sed -E 's#^(model/[^/]*/?[^/]*|[^/]*/[^/]*/?).*#\1*#' | sort -u >"$state/groups"
fi
if wanted check; then
  check_all float <"$state/groups"
fi

: >"$out/tests.log"
if wanted device; then suite cuda_tests 60 6 "$programs/cuda_tests"; fi
if wanted tests; then
  export ENGRAM_TEST_BACKEND=cuda OMP_NUM_THREADS=1
  suite golden_tests 60 6 "$programs/golden_tests"
  suite model_tests 100 12 "$programs/model_tests" '--gtest_filter=-*Long.*'
  unset ENGRAM_TEST_BACKEND OMP_NUM_THREADS
fi

# Those with a goal first; what the host does alone is left out.
cases=("topk/n=1000000,k=1000" "sorn.step/ne=1000000" "sorn.step/ne=10000" "attractor.learn/n=4096" "assembly.train/n=10000,k=100"
  "calculus.round/n=1000000,k=1000,p=0.01" "calculus.round/n=10000000,k=3162,p=0.001" "sorn.replicas/ne=200,R=64 --replicas 1000"
  "sorn.step/ne=1000" "attractor.infer/n=64,states=10000" "attractor.learn/n=16384" "attractor.replicas/n=64,R=380"
  "sorn.step/ne=100000" "topk/n=10000,k=100" "topk/n=1000000,k=1000,ties=1" "assembly.train/n=10000,k=100,storage=dense"
  "assembly.train/n=1000,k=50" "calculus.round/n=100000,k=317,p=0.01" "attractor.infer/n=1024,states=256" "attractor.learn/n=1024"
  "attractor.learn/n=64" "sorn.step/ne=400" "assembly.recall/n=10000,k=100" "attractor.relax/n=4096" "sorn.step/ne=200"
  "sorn.replicas/ne=200,R=64" "leabra.trial/layers=2,n=1000" "nef.memory/n=2000,d=512" "nef.memory/n=1000000,d=64"
  "leabra.replicas/R=64 --replicas 1000" "leabra.iris_epoch" "leabra.cycle/layers=5,n=1024" "leabra.cycle/layers=5,n=2048"
  "leabra.learn/layers=5,n=1024" "leabra.hippocampus_epoch" "nef.example/n=200" "nef.replicas/n=200,R=64" "attractor.infer/n=64,states=10000,sums=fast" "attractor.infer/n=1024,states=256,sums=fast"
  "nef.memory/n=10000,d=64" "nef.memory/n=20000,d=256" "nef.pes/n=2000")
# The same in double, where those programs are packed too.
if wanted double && [ -e "$programs/double/engram" ]; then
  double=$programs/double
  check_all double <"$state/groups"
  export ENGRAM_TEST_BACKEND=cuda OMP_NUM_THREADS=1
  suite double_golden_tests 60 6 "$double/golden_tests"
  unset ENGRAM_TEST_BACKEND OMP_NUM_THREADS
fi

if wanted bench; then
  : >"$out/bench.jsonl"
  for words in "${cases[@]}"; do
    [ "$(left)" -ge 10 ] || break
    # shellcheck disable=SC2086  # they are words
    bench_case "$out/bench.jsonl" "$programs/engram" $words
  done
fi

if wanted kernels; then
  if command -v ncu >/dev/null; then
    : >"$out/kernels.csv"
    for words in "sorn.step/ne=1000000 80 8" "sorn.step/ne=10000 2 1" "topk/n=1000000,k=1000 4 2" "assembly.train/n=10000,k=100 100 12" \
      "calculus.round/n=1000000,k=1000,p=0.01 120 48" "attractor.learn/n=4096 20 10" "sorn.replicas/ne=200,R=64 2 1" "sorn.step/ne=1000 2 1" \
      "leabra.trial/layers=2,n=1000 400 30" "nef.memory/n=2000,d=512 200 12" "nef.memory/n=1000000,d=64 60 12"; do
      [ "$(left)" -ge 30 ] || break
      # shellcheck disable=SC2086
      kernels_of $words
    done
  else
    say "no ncu: no kernel is looked into"
  fi
fi

if wanted sanitizers; then
  if command -v compute-sanitizer >/dev/null; then
    : >"$out/sanitizers.log"
    # The control first: each planted fault must be found.
    for words in "memcheck out_of_bounds" "racecheck missing_barrier" "initcheck uninitialised"; do
      read -r tool fault <<<"$words"
      sanitized "$tool" 25 "$programs/planted_faults_cuda" "$fault"
      [ $? -eq 9 ] || say "planted $fault: NOT FOUND by $tool"
    done
    export ENGRAM_TEST_BACKEND=cuda OMP_NUM_THREADS=1 SANITIZED_SHARDS=8
    few=--gtest_filter=-*SaysHowMany*:*Select*:*Outgrow*:CudaModels.*
    sanitized memcheck 60 "$programs/cuda_tests" "$few"
    sanitized racecheck 90 "$programs/cuda_tests" "$few"
    sanitized initcheck 40 "$programs/cuda_tests" "$few"
    sanitized memcheck 60 "$programs/golden_tests"
    sanitized racecheck 90 "$programs/golden_tests" '--gtest_filter=*sorn*:*Sorn*:*attractor*:*eabra*:*ef*'
  else
    say "no compute-sanitizer: nothing is looked for"
  fi
fi
say "end"
