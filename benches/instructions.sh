#!/usr/bin/env bash
# Compares the instructions the hot parts take with benches/instructions.csv; fails above the
# tolerance. `--update` writes the counts down anew. Needs valgrind.
set -euo pipefail
cd "$(dirname "$0")/.."
# Code elsewhere in the crate moves what is inlined: up to 8 % was seen without any change here.
tolerance_percent=12
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
# The tests' own profile: nothing has to be compiled twice.
program="$(cargo test --locked --no-run --bench instructions --message-format=json 2>/dev/null |
  sed -n 's/.*"executable":"\([^"]*instructions-[^"]*\)".*/\1/p' | tail -1)"
[ -n "$program" ] || { echo "the bench 'instructions' did not build" >&2; exit 1; }
"$program" prepare "$folder"
valgrind --tool=callgrind --callgrind-out-file="$folder/out" 2>/dev/null --toggle-collect='*counted_*' \
  "$program" measure "$folder" 2>"$folder/valgrind.log" ||
  { cat "$folder/valgrind.log" >&2; exit 1; }
callgrind_annotate --inclusive=yes --threshold=100 "$folder/out" 2>/dev/null |
  sed -n 's/^ *\([0-9,]*\) .*:instructions::counted_\([a-z]*\) .*/\2 \1/p' |
  tr -d , | sort -u | tr ' ' , >"$folder/now.csv"
[ -s "$folder/now.csv" ] || { echo "nothing was counted" >&2; exit 1; }
compiler="$(rustc --version | cut -d' ' -f1,2)"
if [ "${1:-}" = --update ]; then
  { echo "part,$compiler"; cat "$folder/now.csv"; } >benches/instructions.csv
  cat benches/instructions.csv
  exit
fi
# Another compiler makes other code: its counts are shown and held against nothing.
if [ "$(head -1 benches/instructions.csv)" != "part,$compiler" ]; then
  echo "counted with $compiler, not the compiler of instructions.csv: shown only"
  tolerance_percent=1000000
fi
awk -F, -v most="$tolerance_percent" '
  FNR == 1 { file++ }
  file == 1 { if (FNR > 1) was[$1] = $2; next }
  !($1 in was) { printf "%-10s is not in instructions.csv\n", $1; bad = 1; next }
  {
    change = 100 * ($2 / was[$1] - 1)
    printf "%-10s %12d  was %12d  %+.1f %%\n", $1, $2, was[$1], change
    seen++
    if (change > most) { bad = 1; printf "%-10s takes more than %d %% more instructions\n", $1, most }
  }
  END {
    for (part in was) parts++
    if (seen != parts) { print "some parts were not counted"; bad = 1 }
    exit bad
  }' benches/instructions.csv "$folder/now.csv"
