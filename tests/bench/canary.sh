#!/usr/bin/env bash
# What many canaries cost: CANARIES (500) of them, looked after by one `controller run` at an interval of 10 s on a real API
# server, idle and then all on their way at once. Prints the share of a core and the peak memory, never judges.
#   canary.sh [BUILD]    BUILD is a finished build folder to take the programs from
# SECONDS_EACH (60) is how long each phase is watched.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${1:-$root/.build/release}
canaries=${CANARIES:-500} seconds=${SECONDS_EACH:-60}
if [ $# -eq 0 ]; then
    cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
    cmake --build "$build" --target gitopsctl kubelet_loop >/dev/null
fi
bin="$build/cli/gitopsctl"
work=$(mktemp -d)
export GITOPSCTL_HOME="$work/home"
controller=
finish() {
    [ -z "$controller" ] || kill "$controller" 2>/dev/null || true
    "$root/tests/kube/control_plane.sh" stop "$work/plane"
    rm -rf "$work"
}
trap finish EXIT
"$root/tests/kube/control_plane.sh" start "$work/plane" "$build/tests/kubelet_loop"
"$bin" cluster add real --kubeconfig "$work/plane/kubeconfig" -q >/dev/null
"$bin" cluster use real -q >/dev/null

workload() { # NUMBER IMAGE
    printf -- '---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: svc-%d}\nspec:\n  replicas: 1\n  selector: {matchLabels: {app: svc-%d}}\n  template:\n    metadata: {labels: {app: svc-%d}}\n    spec:\n      containers:\n      - {name: main, image: "registry.example/svc:%s"}\n' "$1" "$1" "$1" "$2"
}
canary() { # NUMBER
    printf -- 'apiVersion: gitopsctl.io/v1\nkind: Canary\nmetadata: {name: svc-%d, namespace: default}\nspec:\n  targetRef: {name: svc-%d}\n  service: {port: 80}\n  analysis:\n    interval: 10s\n    stages: [10, 50, 100]\n    successes: 3\n    metrics:\n    - {name: success-rate, thresholdRange: {min: 99}}\n    - {name: latency-p99, thresholdRange: {max: 150}}\n' "$1" "$1"
}
echo 'metrics: {success-rate: 99.6, latency-p99: 125}' >"$work/metrics.yaml"
mkdir "$work/v1" "$work/canaries"
for i in $(seq "$canaries"); do
    workload "$i" v1 >>"$work/v1.yaml"
    workload "$i" v2 >>"$work/v2.yaml"
    canary "$i" >"$work/canaries/svc-$i.yaml"
done
"$bin" cluster apply -f "$work/v1.yaml" -q >/dev/null

ticks() { awk '{ print $14 + $15 }' "/proc/$controller/stat"; }
# watch TITLE: the share of a core over the next seconds.
watch() {
    local before after
    before=$(ticks)
    sleep "$seconds"
    after=$(ticks)
    awk -v t="$1" -v d=$((after - before)) -v s="$seconds" -v hz="$(getconf CLK_TCK)" -v kb="$(awk '/VmHWM/ { print $2 }' "/proc/$controller/status")" \
        'BEGIN { printf "%-44s %5.1f %% of a core, %5.1f MB at the most\n", t, 100 * d / hz / s, kb / 1024 }'
}
phases() { "$bin" canary list -n default -o json | grep -o '"phase": "[A-Za-z]*"' | sort | uniq -c | tr -s ' ' | paste -sd';'; }

"$bin" cluster apply -f "$root/examples/canary/crd.yaml" -q >/dev/null
until "$bin" cluster get canaries.gitopsctl.io >/dev/null 2>&1; do :; done
"$bin" cluster apply -f "$work/canaries" -q >/dev/null
"$bin" controller run --metrics "$work/metrics.yaml" -q 2>"$work/controller.log" &
controller=$!
until phases | grep -q "^ $canaries .*Initialized"; do sleep 2; done
watch "$canaries canaries, nothing to do"
"$bin" cluster apply -f "$work/v2.yaml" -q >/dev/null
watch "$canaries canaries, all on their way"
phases
watch "$canaries canaries, further on"
phases
