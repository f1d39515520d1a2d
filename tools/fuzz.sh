#!/bin/sh
# tools/fuzz.sh [SECONDS [READER...]]: builds the fuzz targets (clang, libFuzzer, address and undefined-behaviour
# sanitizers) and runs each, or the named ones, so long (60 s if not given), from the examples and from files that engram
# wrote. What is found stays in build/fuzz/findings; exit code 1 if there is anything.
set -eu
cd "$(dirname "$0")/.."
seconds=60
if [ $# -gt 0 ]; then
  seconds=$1
  shift
fi
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz
if [ $# -eq 0 ]; then
  for target in build/fuzz/tests/fuzz_*; do
    [ -x "$target" ] && [ -f "$target" ] && set -- "$@" "${target##*fuzz_}"
  done
fi

corpus=build/fuzz/corpus findings=build/fuzz/findings
for reader in "$@"; do mkdir -p "$corpus/$reader"; done
mkdir -p "$findings" $corpus/config $corpus/npy $corpus/checkpoint $corpus/table $corpus/trace $corpus/setting
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
# A checkpoint of one empty tensor, its header 160 bytes long; those of a run are too large to mutate.
printf '\240\0\0\0\0\0\0\0%-160s' '{"__metadata__":{"xxh3 header":"0000000000000000","xxh3 a":"2d06800538d394c2"},"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}' \
  >$corpus/checkpoint/small

# Words of the schema, for what reads text.
$engram describe --schema | grep -o '"[A-Za-z_][A-Za-z_0-9]*"' | sort -u >build/fuzz/words
failed=0
for reader in "$@"; do
  words=""
  case $reader in config | setting) words=-dict=build/fuzz/words ;; esac
  # shellcheck disable=SC2086
  build/fuzz/tests/fuzz_$reader -max_total_time="$seconds" -max_len=16384 -timeout=20 -rss_limit_mb=3072 \
    -artifact_prefix=$findings/$reader- -print_final_stats=1 -print_funcs=0 -verbosity=0 $words $corpus/$reader || failed=1
done
exit $failed
