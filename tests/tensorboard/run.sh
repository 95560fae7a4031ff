#!/usr/bin/env bash
# Trains an epoch, goes on with another, and reads the run's event files with TensorBoard.
#
#   usage: run.sh ORTHANT
#
# ORTHANT is the binary. The exit status is that of check.py, or 77 when Python or TensorBoard cannot
# be had.
set -euo pipefail

skip() { echo "skipped: $*"; exit 77; }

[ $# -eq 1 ] || { echo "usage: run.sh ORTHANT"; exit 2; }
orthant=$(realpath "$1")
cd "$(dirname "$0")"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v python3 >/dev/null || skip "python3 is not installed"
python3 -m venv "$work/venv" >"$work/log" 2>&1 || skip "python3 makes no virtual environment"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check -r requirements.txt \
    >"$work/log" 2>&1 || skip "pip cannot install $(cat requirements.txt): $(tail -n 1 "$work/log")"

# Two sittings, the second of which writes the first one's epoch again.
for sitting in "binarynet-digits --epochs 1 --out $work/run" "$work/run --resume --force --epochs 2"; do
    # shellcheck disable=SC2086
    "$orthant" train $sitting >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
done

shopt -s nullglob
events=("$work"/run/events.out.tfevents.*)
[ ${#events[@]} -eq 2 ] || { echo "expected two event files, found ${#events[@]}"; exit 1; }
# Readers print warnings of their own to standard error.
"$work/venv/bin/python" check.py "$work/run" "$work/run/metrics.jsonl" 2>"$work/log" ||
    { tail -n 5 "$work/log"; exit 1; }
