#!/usr/bin/env bash
# Three versions of yield-predictor, told by the program itself: one is promoted, two are taken back. Needs gitopsctl on
# PATH; works in a folder of its own and leaves nothing behind but the picture it names at the end.
#   story.sh [PICTURE.svg]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
picture=$(realpath -m "${1:-${TMPDIR:-/tmp}/yield-predictor.svg}")
export GITOPSCTL_HOME="$work/home"

bold= plain=
[ ! -t 1 ] || { bold=$'\033[1m' plain=$'\033[0m'; }
say() { printf '\n%s# %s%s\n' "$bold" "$*" "$plain"; }
run() {
    printf '$ %s\n' "$*"
    "$@"
}
# For commands whose answer is "no" (exit 1): rolled back is what the story is about.
expect_no() {
    printf '$ %s\n' "$*"
    local status=0
    "$@" || status=$?
    [ "$status" -eq 1 ] || { echo "expected exit 1, got $status" >&2; exit 1; }
}

cd "$here/manifests"
say "v2.8 serves. The canary takes over: a primary serves from now on, new versions are tried beside it."
run gitopsctl cluster apply -f workload.yaml
run gitopsctl canary explain -f canary.yaml
run gitopsctl canary run -f canary.yaml --metrics metrics.yaml

say "v2.9 is good: success rate 99.6 %, p99 125 ms, accuracy 99.5 %."
run gitopsctl canary run -f canary.yaml --metrics metrics.yaml --image wafer/yield-predictor:v2.9

say "v3.0 is bad from the start: 97.2 %, 180 ms, 98.1 %. It is taken back at the first stage."
expect_no gitopsctl canary run -f canary.yaml --metrics metrics.yaml --image wafer/yield-predictor:v3.0

say "v3.1 is good until half of the traffic reaches it. It is caught there."
expect_no gitopsctl canary run -f canary.yaml --metrics metrics.yaml --image wafer/yield-predictor:v3.1

say "v2.9 serves all the while."
run gitopsctl cluster get deployment -n wafer-prod -o wide
run gitopsctl canary history yield-predictor
run gitopsctl canary plot yield-predictor --file "$picture"
