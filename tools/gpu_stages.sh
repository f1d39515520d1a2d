# What gpu_slot.sh and gpu_repair.sh run on a machine with a GPU, sourced by both. They set `programs`, `out` and `within`.
# Every result is written the moment it is known; no stage takes what is left to the others; nothing waits for an end that
# may not come. ENGRAM_SLOT_PERCENT stretches or shrinks all limits of a stage, to try the scripts on a host.
# shellcheck shell=bash disable=SC2154
percent=${ENGRAM_SLOT_PERCENT:-100}
begun=$EPOCHSECONDS
programs=$(cd "$programs" && pwd) || exit 2
mkdir -p "$out" || exit 2
out=$(cd "$out" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
PATH=$PATH:/usr/local/cuda/bin
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
: >"$out/summary.txt"

say() { printf '%4d s  %s\n' $((EPOCHSECONDS - begun)) "$*" | tee -a "$out/summary.txt"; }
left() { echo $((within - (EPOCHSECONDS - begun))); }

# limited SECONDS COMMAND...: ended after that, or when the time of the call is over. 125: there was none left.
limited() {
  local limit=$(($1 * percent / 100)) rest code=0
  shift
  rest=$(left)
  [ "$rest" -ge 5 ] || return 125
  [ "$limit" -ge 1 ] || limit=1
  timeout -k 3 $((limit < rest ? limit : rest)) "$@" || code=$?
  case $code in 124 | 137) : >"$state/timed_out" ;; esac
  return $code
}

# after STAGE: where it ran into a limit, the device must still answer, or nothing that follows means anything.
after() {
  [ -e "$state/timed_out" ] || return 0
  rm -f "$state/timed_out"
  [ "$(left)" -ge 25 ] || return 0
  if ! timeout -k 3 20 "$programs/engram" info --json 2>/dev/null | grep -q '"available":true'; then
    say "THE DEVICE NO LONGER ANSWERS after $1"
    exit 1
  fi
}

# at_most COUNT: waits until fewer than that run in the background.
at_most() {
  while [ "$(jobs -rp | wc -l)" -ge "$1" ]; do wait -n; done
}

# The programs start here, with their own libraries where the machine lacks some, and the tests find their data.
start_programs() {
  local built_in
  if ldd "$programs/engram" 2>/dev/null | grep -q "not found" || ! "$programs/engram" --version >/dev/null 2>&1; then
    export LD_LIBRARY_PATH=$programs/lib
  fi
  "$programs/engram" --version >/dev/null 2>&1 || {
    say "the program does not start here: $("$programs/engram" --version 2>&1 | head -n 1)"
    exit 1
  }
  built_in=$(cat "$programs/SOURCE_DIR" 2>/dev/null || pwd)
  if [ ! -e "$built_in" ] && ! { mkdir -p "$(dirname "$built_in")" && ln -s "$PWD" "$built_in"; } 2>/dev/null; then
    say "$built_in cannot be made: tests will not find their data"
  fi
  say "$("$programs/engram" --version 2>&1 | head -n 1); $(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null || echo 'no nvidia-smi')"
}

about_machine() {
  { uname -srm && nproc && nvidia-smi && nvidia-smi -q -d CLOCK,PERFORMANCE && nvcc --version | tail -n 2; } >"$out/machine.txt" 2>&1
  limited 30 "$programs/engram" info >>"$out/machine.txt" 2>&1
  say "info: exit code $?, $(grep '^cuda ' "$out/machine.txt")"
  after info
}

# check_group PRECISION PATTERN: cases against what a CPU recorded. A process of its own, since an error of a kernel spoils all that
# its process does later.
check_group() {
  local log code=0 differ program=$programs/engram
  [ "$1" = float ] || program=$programs/$1/engram
  log=$(mktemp -p "$state")
  limited 60 "$program" check --backend cuda --json --trace-in "data/traces/$1.trace" --filter "$2" 2>"$log.error" |
    tee -a "$out/check-$1.jsonl" >"$log"
  code=${PIPESTATUS[0]}
  differ=$(grep -c '"pass":false' "$log")
  [ "$code" -eq 0 ] && return
  say "check $2, $1: exit code $code, $(grep -c '"pass":true' "$log") pass, $differ differ; $({ grep -m 1 '"pass":false' "$log" || tail -n 1 "$log.error"; } | cut -c1-220)"
}

# check_all PRECISION: the patterns of standard input, eight at a time.
check_all() {
  local pattern to=$out/check-$1.jsonl
  : >"$to"
  while read -r pattern; do
    at_most 8
    check_group "$1" "$pattern" &
  done
  wait
  say "check, $1: $(grep -c '"pass":true' "$to") cases give the recorded bits, $(grep -c '"pass":false' "$to") do not"
  after check
}

# suite NAME LIMIT SHARDS COMMAND...: the shards of a GoogleTest program side by side, each line of tests.log with its name.
suite() {
  local name=$1 limit=$2 shards=$3 i
  shift 3
  for ((i = 0; i < shards; ++i)); do shard "$@" & done
  wait
  say "$name: $(grep -c "^$name [0-9]*: \[       OK" "$out/tests.log") tests passed"
  after "$name"
}
shard() {
  local log code
  log=$(mktemp -p "$state")
  GTEST_TOTAL_SHARDS=$shards GTEST_SHARD_INDEX=$i limited "$limit" "$@" --gtest_color=no 2>&1 |
    sed -u "s/^/$name $i: /" | tee -a "$out/tests.log" >"$log"
  code=${PIPESTATUS[0]}
  [ "$code" -eq 0 ] || say "$name, shard $i: exit code $code; $(grep -E ': \[  FAILED  \] [A-Za-z]|: \[ RUN' "$log" | tail -n 1)"
}

# bench_case FILE PROGRAM CASE [ARGUMENT...]: a line of FILE.
bench_case() {
  local to=$1 program=$2 name=$3 code=0 log=$state/bench
  shift 3
  limited 25 "$program" bench --json --backend cuda --min-time 0.1 --filter "$name" "$@" >"$log" 2>"$log.error" || code=$?
  say "$(printf '%-6s %-50s' "$(basename "$to" .jsonl)" "$name $*") $(grep -o '"seconds_per_step":[^,]*' "$log" | cut -d: -f2) s$([ $code -eq 0 ] || echo "  exit code $code: $(tail -n 1 "$log.error" | cut -c1-160)")"
  grep '^{' "$log" >>"$to"
  after "$name"
}

# kernels_of CASE SKIP COUNT: the launches of a step or two, with where their time went; into kernels.csv.
kernels_of() {
  local code
  limited 25 ncu --clock-control none --csv --page raw --launch-skip "$2" --launch-count "$3" \
    --metrics "gpu__time_duration.sum,dram__bytes_read.sum,dram__bytes_write.sum,lts__t_bytes.sum,smsp__inst_executed.sum,sm__warps_active.avg.pct_of_peak_sustained_active,smsp__average_warps_issue_stalled_long_scoreboard_per_issue_active.ratio,launch__grid_size,launch__block_size,launch__registers_per_thread" \
    "$programs/engram" bench --backend cuda --min-time 0.01 --filter "$1" 2>&1 | sed -u "s#^#$1;#" >>"$out/kernels.csv"
  code=${PIPESTATUS[0]}
  say "kernels of $1: exit code $code"
  after "kernels of $1"
}

# sanitized TOOL LIMIT PROGRAM ARGUMENT...: what compute-sanitizer finds. SANITIZED_SHARDS: a GoogleTest program in so many
# processes side by side, for a sanitizer takes a hundred times as long as the program.
sanitized() {
  local tool=$1 limit=$2 shards=${SANITIZED_SHARDS:-1} i log code=0 options=(--error-exitcode 9)
  shift 2
  # The tests ask for memory that is refused, which is no fault.
  [ "$tool" != memcheck ] || options+=(--report-api-errors no)
  log=$(mktemp -d -p "$state")
  for ((i = 0; i < shards; ++i)); do
    {
      [ "$shards" -eq 1 ] || export GTEST_TOTAL_SHARDS=$shards GTEST_SHARD_INDEX=$i
      limited "$limit" compute-sanitizer --tool "$tool" "${options[@]}" "$@" >"$log/$i" 2>&1
      echo $? >"$log/$i.code"
    } &
  done
  wait
  for ((i = 0; i < shards; ++i)); do
    cat "$log/$i" >>"$out/sanitizers.log"
    [ "$(cat "$log/$i.code")" -le "$code" ] || code=$(cat "$log/$i.code")
  done
  say "$tool ${1##*/} ${*:2}: exit code $code, $(cat "$log"/*[0-9] | grep 'ERROR SUMMARY\|RACECHECK SUMMARY' | sed 's/^=* *//' |
    sort | uniq -c | awk '{ n = $1; $1 = ""; printf "%s%s%s", (NR > 1 ? "; " : ""), substr($0, 2), (n > 1 ? " (" n " times)" : "") }')"
  after "$tool ${1##*/}"
  return $code
}
