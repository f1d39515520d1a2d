#!/bin/sh
# Builds the engine and the test of the association run in many ways; each must find the recorded hash.
#   tools/same_bits.sh [float | double [NAME...]], such as: tools/same_bits.sh float gcc-O0 clang-O2
set -eu
cd "$(dirname "$0")/.."
folder=build/same_bits
mkdir -p "$folder"
exact="-std=c++20 -ffp-contract=off -fno-math-errno -fno-trapping-math -w -I include -I ."
sources="engine/core/array.cpp engine/models/attractor/steps.cpp engine/backend/make_backend.cpp engine/core/incoming.cpp engine/core/random_graph.cpp $(ls engine/cpu/*.cpp) engine/models/cpu_extensions.cpp $(ls engine/models/*/cpu/*.cpp)
  engine/models/sorn/steps.cpp engine/models/assembly/assembly.cpp
  engine/models/assembly/state.cpp engine/models/assembly/projection.cpp engine/models/assembly/metrics.cpp
  engine/models/assembly/simulator.cpp kernels/core/no_cuda.cpp tests/models/assembly/hash_test.cpp tests/testing/test_main.cpp"
status=0 precisions=${1:-float double}
[ $# -eq 0 ] || shift
wanted=$*
check() { # name compiler flags
  name=$1
  shift
  case " $wanted " in "  " | *" ${name%-*} "*) ;; *) return 0 ;; esac
  # shellcheck disable=SC2086
  if "$@" $exact $sources -o "$folder/$name" -lgtest -lpthread >"$folder/$name.log" 2>&1 &&
    "$folder/$name" --gtest_filter='AssociationHash*' >>"$folder/$name.log" 2>&1; then
    echo "same   $name"
  else
    echo "DIFFER $name (see $folder/$name.log)"
    status=1
  fi
}
for precision in $precisions; do
  p=""
  [ $precision = double ] && p="-DENGRAM_DOUBLE"
  # shellcheck disable=SC2086
  {
    check gcc-O0-$precision g++ -O0 $p
    check gcc-O3-$precision g++ -O3 $p
    check gcc-O3-native-$precision g++ -O3 -march=native $p
    check gcc-O3-no-clones-$precision g++ -O3 $p -DENGRAM_NO_CLONES
    if command -v clang++ >/dev/null; then check clang-O2-$precision clang++ -O2 $p; fi
  }
done
exit $status
