#!/bin/sh
# tools/fuzz.sh [EXECUTIONS]: builds the fuzz targets (clang, libFuzzer, address and undefined-behaviour sanitizers) and
# runs each that often (1,000,000 if not given), from the examples and from files that engram wrote. Findings stay in
# build/fuzz/findings; exit code 1 if there are any.
set -eu
cd "$(dirname "$0")/.."
executions=${1:-1000000}
cmake --preset fuzz
cmake --build --preset fuzz --target fuzz_config fuzz_npy fuzz_checkpoint engram_program
corpus=build/fuzz/corpus findings=build/fuzz/findings
mkdir -p $corpus/config $corpus/npy $corpus/checkpoint $findings
cp examples/*/*.json $corpus/config
build/fuzz/engram run examples/assembly/associate.json --out build/fuzz/seed --force --set /samples=1 --set /checkpoint/every=1 >/dev/null
find build/fuzz/seed -name '*.npy' -exec cp {} $corpus/npy \;
find build/fuzz/seed -name '*.safetensors' -exec cp {} $corpus/checkpoint \;
failed=0
for reader in config npy checkpoint; do
  build/fuzz/tests/fuzz_$reader -runs="$executions" -max_len=8192 -timeout=1 -rss_limit_mb=512 -artifact_prefix=$findings/$reader- \
    -print_final_stats=1 -verbosity=0 $corpus/$reader || failed=1
done
exit $failed
