#!/bin/sh
# tools/sanitize.sh [STAGE...]: proofs that need no GPU, each in its own build; all of them if none is named.
#   asan       all tests under the address and undefined-behaviour sanitizers (g++)
#   tsan       kernels on real threads, operations and models on several, under the thread sanitizer
#   memcheck   kernels under valgrind, to which new and shared memory is unwritten
#   fuzz       every reader of a user's bytes and the command line under libFuzzer, $FUZZ_RUNS times each (10^6 if unset)
#   same_bits  the same run from other compilers, optimisations and instruction sets
# The builds take hours of one core together. Exit code 1 if any stage failed; planted faults are the control of the
# first three. $JOBS compilers at once (all cores if unset).
set -eu
cd "$(dirname "$0")/.."

build() { # preset [targets]
  preset=$1
  shift
  cmake --preset "$preset" >/dev/null || return 1
  if [ $# -gt 0 ]; then set -- --target "$@"; fi
  cmake --build --preset "$preset" --parallel "${JOBS:-$(nproc)}" "$@"
}
asan() { build asan && ctest --preset asan; }
tsan() {
  # Kernels whose threads take turns in some order show it nothing. Conformance takes half an hour of a core.
  build tsan kernel_tests conformance_tests planted_faults &&
    ctest --preset tsan -R '^planted_' &&
    build/tsan/tests/conformance_tests --gtest_brief=1 --gtest_filter='-*Long.*' &&
    build/tsan/tests/kernel_tests --gtest_brief=1 --gtest_filter='-*Long.*:*ascending*:*descending*:*shuffled*'
}
memcheck() {
  set -- --quiet --error-exitcode=9
  # Several threads take turns under valgrind and show it nothing new; it reserves no range as large as a guarded device's.
  build cpu kernel_tests conformance_tests planted_faults &&
    ctest --preset cpu -R '^planted_' &&
    valgrind "$@" build/cpu/tests/conformance_tests --gtest_brief=1 --gtest_filter='EmulatedDevice.*' &&
    valgrind "$@" build/cpu/tests/kernel_tests --gtest_brief=1 --gtest_filter='-PlantedFaults.*:Guarded*:Orders/Emulated*:*real*:*Threads*:*Races:*descending:*shuffled'
}
fuzz() { tools/fuzz.sh; }
same_bits() { tools/same_bits.sh; }

[ $# -gt 0 ] || set -- asan tsan memcheck fuzz same_bits
for stage in "$@"; do
  case $stage in
  asan | tsan | memcheck | fuzz | same_bits) ;;
  *)
    sed -n '2,10s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
  esac
done
failed=""
for stage in "$@"; do
  echo "== $stage"
  "$stage" || failed="$failed $stage"
done
[ -z "$failed" ] || { echo "failed:$failed"; exit 1; }
