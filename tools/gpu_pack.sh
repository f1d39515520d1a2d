#!/usr/bin/env bash
# Packs what tools/gpu_slot.sh and tools/gpu_repair.sh run, so that nothing is built on a machine with a GPU:
#   tools/gpu_pack.sh [--guarded] [--double] [BUILD [ARCHIVE]]     build/slot and BUILD/programs.tar.xz unless given
# Builds the programs for sm_90, strips them and adds the libraries of the compiler and the path of the sources, where the
# tests look for their data. With --guarded they are those of BUILD/guarded, which need no GPU: a rehearsal. With --double
# the check and the golden tests of BUILD-double come too.
set -euo pipefail
guarded="" double=""
while [[ ${1:-} == --* ]]; do
  case $1 in
  --guarded) guarded=/guarded ;;
  --double) double=yes ;;
  *) break ;;
  esac
  shift
done
if [ $# -gt 2 ] || [[ ${1:-} == -* ]]; then
  sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
cd "$(dirname "$0")/.."
build=${1:-build/slot}
archive=${2:-$build/programs.tar.xz}
largest=$((40 * 1000 * 1000))

if [ -n "$guarded" ]; then
  targets=(guarded_engram guarded_cuda_tests guarded_golden_tests guarded_model_tests)
  programs=("$build"/guarded/{engram,cuda_tests,golden_tests,model_tests})
else
  targets=(engram_program cuda_tests golden_tests model_tests planted_faults_cuda device_constants)
  programs=("$build/engram" "$build"/tests/{cuda_tests,golden_tests,model_tests,planted_faults_cuda} "$build/device_constants")
fi
make() { # BUILD OPTION TARGET...
  local build=$1 option=$2 configure=(cmake -S . -B "$1")  # also a build that is there: the program names its commit
  shift 2
  [ -n "$guarded" ] || [ -e "$build/CMakeCache.txt" ] || configure+=(-G Ninja -DENGRAM_CUDA=ON -DENGRAM_CUDA_ARCHITECTURES=90-real "$option")
  "${configure[@]}"
  cmake --build "$build" --target "$@"
}
make "$build" -DENGRAM_DOUBLE=OFF "${targets[@]}"
[ -z "$double" ] || make "$build-double" -DENGRAM_DOUBLE=ON engram_program golden_tests

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/lib"
for program in "${programs[@]}"; do strip -s -o "$folder/$(basename "$program")" "$program"; done
if [ -n "$double" ]; then
  mkdir "$folder/double"
  for program in engram tests/golden_tests; do strip -s -o "$folder/double/$(basename $program)" "$build-double/$program"; done
fi
ldd "${programs[0]}" | awk '/libstdc\+\+|libgomp|libgcc_s/ {print $3}' | xargs -I{} cp -L {} "$folder/lib/"
pwd >"$folder/SOURCE_DIR"
mkdir -p "$(dirname "$archive")"
tar -C "$folder" -c . | xz -2 >"$archive.new"
size=$(stat -c %s "$archive.new")
if [ "$size" -gt "$largest" ]; then
  echo "$0: $archive.new has $size bytes, more than the $largest that may travel" >&2
  exit 1
fi
mv "$archive.new" "$archive"
echo "$archive: $((size / 1000)) kB; there: mkdir programs && tar -C programs -xJf ARCHIVE && tools/gpu_slot.sh programs OUT 465"
