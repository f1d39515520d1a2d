#!/bin/sh
# tools/fuzz.sh [READER...]: builds the fuzz targets (clang, libFuzzer, address and undefined-behaviour sanitizers) and
# runs all of them, or the named ones, from the examples and from files that engram wrote: each $FUZZ_RUNS times (10^6 if
# unset), at most $FUZZ_SECONDS long (if unset, as long as it takes). What is found stays in build/fuzz/findings; exit
# code 1 if there is anything.
set -eu
cd "$(dirname "$0")/.."
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --parallel "${JOBS:-$(nproc)}"
if [ $# -eq 0 ]; then
  for target in build/fuzz/tests/fuzz_*; do
    [ -x "$target" ] && [ -f "$target" ] && set -- "$@" "${target##*fuzz_}"
  done
fi

corpus=build/fuzz/corpus findings=build/fuzz/findings
for reader in "$@"; do mkdir -p "$corpus/$reader"; done
mkdir -p "$findings"
for reader in config npy checkpoint table trace setting manifest command_line; do mkdir -p "$corpus/$reader"; done
engram=build/fuzz/engram
for file in examples/*/*.json; do cp "$file" "$corpus/config/$(echo "$file" | tr / -)"; done  # families share names
head -n 3 examples/attractor/digits.csv >$corpus/table/digits
printf 'a,label,b\n1,x,-2.5e3\n' >$corpus/table/small
head -n 20 data/traces/float.trace >$corpus/trace/check
first=0
while [ $first -lt 10 ]; do # the first byte names an example
  printf '%s/seed=7\n/replicas/seeds=3\n/protocol/0/steps=1' $first >$corpus/setting/$first
  first=$((first + 1))
done
$engram run examples/assembly/associate.json --out build/fuzz/seed --force --set /samples=1 >/dev/null 2>&1
find build/fuzz/seed -name '*.npy' -size -8k -exec cp {} $corpus/npy \;
cp build/fuzz/seed/manifest.json $corpus/manifest/complete
sed 's/"complete"/"running"/' build/fuzz/seed/manifest.json >$corpus/manifest/running
sed 's/"status"/"replaces": ["..\/metrics.csv", "a.npy"], "status"/' build/fuzz/seed/manifest.json >$corpus/manifest/replaced
# A checkpoint of one empty tensor, its header 160 bytes long; those of a run are too large to mutate.
printf '\240\0\0\0\0\0\0\0%-160s' '{"__metadata__":{"xxh3 header":"0000000000000000","xxh3 a":"2d06800538d394c2"},"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}' \
  >$corpus/checkpoint/small
for command in run resume compare analyse plot report validate check bench describe info completion; do
  printf '%s\na\n--json\n--threads\n2' $command >$corpus/command_line/$command
  printf '%s\n--help' $command >$corpus/command_line/$command-help
done
printf 'run\ne.json\n--set\n/seed=7\n--out\nx\n--force\n--progress\nbar' >$corpus/command_line/options

# Words of the schema, for what reads documents, and of the help, for the command line.
$engram describe --schema | grep -o '"[A-Za-z_][A-Za-z_0-9]*"' | sort -u >build/fuzz/words
$engram completion fish | grep -oE -- '-l [a-z-]+' | sed 's/-l \(.*\)/"--\1"/' | sort -u >build/fuzz/options
failed=0
for reader in "$@"; do
  words=""
  case $reader in
  config | setting | manifest) words=-dict=build/fuzz/words ;;
  command_line) words=-dict=build/fuzz/options ;;
  esac
  echo "== $reader"
  # Folders that a target makes lie in memory where there is room.
  # shellcheck disable=SC2086
  TMPDIR=$([ -w /dev/shm ] && echo /dev/shm || echo /tmp) build/fuzz/tests/fuzz_$reader -runs="${FUZZ_RUNS:-1000000}" \
    -max_total_time="${FUZZ_SECONDS:-0}" -max_len=16384 -timeout=20 -rss_limit_mb=3072 \
    -artifact_prefix=$findings/$reader- -print_final_stats=1 -print_funcs=0 -verbosity=0 $words $corpus/$reader || failed=1
done
exit $failed
