#!/usr/bin/env bash
# The figures of a real cluster, in one run, side by side: first sync of 1,000 objects against the same patches sent raw
# and `kubectl apply --server-side`, no-op sync and drift check against `kubectl diff --server-side`, 1,000 applications
# that one commit changes. Builds what it needs and starts a control plane of its own; prints, never judges.
#   cluster.sh [BUILD]    BUILD is a finished build folder to take the programs from
# RUNS (5) and APPS (1000) make it shorter. Without kubectl its lines are left out.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${1:-$root/.build/release}
runs=${RUNS:-5} apps=${APPS:-1000}
if [ $# -eq 0 ]; then
    cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
    cmake --build "$build" --target gitopsctl bench_measure bench_raw_apply >/dev/null
fi
bin="$build/cli/gitopsctl" measure="$build/tests/bench_measure" raw="$build/tests/bench_raw_apply"
work=$(mktemp -d)
export GIT_AUTHOR_NAME=Bench GIT_AUTHOR_EMAIL=bench@example.com GIT_COMMITTER_NAME=Bench GIT_COMMITTER_EMAIL=bench@example.com
export GITOPSCTL_HOME="$work/home"
trap '"$root/tests/kube/control_plane.sh" stop "$work/plane"; rm -rf "$work"' EXIT

"$root/tests/kube/control_plane.sh" start "$work/plane"
export KUBECONFIG="$work/plane/kubeconfig"
"$bin" cluster add real --kubeconfig "$KUBECONFIG" -q >/dev/null
"$bin" cluster use real -q >/dev/null
kubectl=
if command -v kubectl >/dev/null; then kubectl="kubectl --kubeconfig $KUBECONFIG"; fi

# service NUMBER: a Deployment, a Service and a ConfigMap, every list key written out as old servers want it.
service() {
    printf 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: svc-%d\n  labels: {app: svc-%d}\nspec:\n  replicas: 1\n  selector:\n    matchLabels: {app: svc-%d}\n  template:\n    metadata:\n      labels: {app: svc-%d}\n    spec:\n      containers:\n      - name: main\n        image: registry.example/svc:%d\n        ports:\n        - {containerPort: 8080, protocol: TCP}\n        resources:\n          limits: {cpu: 500m, memory: 256Mi}\n' "$1" "$1" "$1" "$1" "$1"
    printf -- '---\napiVersion: v1\nkind: Service\nmetadata:\n  name: svc-%d\nspec:\n  selector: {app: svc-%d}\n  ports:\n  - {port: 80, targetPort: 8080, protocol: TCP}\n' "$1" "$1"
    printf -- '---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: svc-%d\ndata:\n  key: value-%d\n' "$1" "$1"
}

commit() { git -C "$1" add . && git -C "$1" commit --quiet -m "$2"; }

# settled: until the controllers have nothing left to write, so that one run does not pay for another's Pods.
cat >"$work/settled" <<'END'
#!/bin/sh
revision() {
    curl --silent --cacert "$1/certs/apiserver.crt" --header "@$1/admin.header" \
        "$(sed -n 's/.*server: "\([^"]*\)".*/\1/p' "$1/kubeconfig")/api/v1/configmaps?limit=1" |
        sed -n 's/.*"resourceVersion": *"\([0-9]*\)".*/\1/p' | head -n 1
}
last=none
while now=$(revision "$1") && [ "$now" != "$last" ]; do last=$now; sleep 1; done
END
# fresh WHO: a new namespace, named in WHO.ns; for "ours" with an application of the same name.
cat >"$work/fresh" <<END
#!/bin/sh
set -e
n=\$((\$(cat "$work/count" 2>/dev/null || echo 0) + 1))
echo "\$n" >"$work/count"
ns="\$1-\$n"
echo "\$ns" >"$work/\$1.ns"
printf 'apiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n' "\$ns" | "$bin" cluster apply -f - -q >/dev/null
[ "\$1" != ours ] || "$bin" app create "\$ns" --repo "$work/repo" --path app --dest-cluster real --dest-namespace "\$ns" -q >/dev/null
"$work/settled" "$work/plane"
END
chmod +x "$work/settled" "$work/fresh"

mkdir -p "$work/repo/app"
git -C "$work/repo" init --quiet --initial-branch=main
for i in $(seq 333); do
    service "$i" >"$work/repo/app/svc-$i.yaml"
done
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: last\ndata:\n  key: value\n' >"$work/repo/app/last.yaml"
commit "$work/repo" objects
# For the others in the order of a sync, Deployments last, so that the controllers start as late for all.
for kind in ConfigMap Service Deployment; do
    for file in "$work"/repo/app/*.yaml; do awk -v RS='---\n' -v kind="kind: $kind\n" 'index($0, kind) { printf "---\n%s", $0 }' "$file"; done
done >"$work/all.yaml"

# figure TITLE [--before CMD] -- CMD: measures, prints, and keeps the wall time for the ratios.
figure() { # NAME MEASURE-ARGUMENTS
    local name=$1
    shift
    "$measure" "$@" | tee "$work/$name.figure"
}
wall() { awk '{ for (i = 1; i < NF; i++) if ($i == "ms" && $(i + 1) == "wall") print $(i - 1) }' "$work/$1.figure"; }
ratio() { awk -v a="$(wall "$2")" -v b="$(wall "$3")" -v what="$1" 'BEGIN { printf "  %s: %.2f\n", what, a / b }'; }
requests() { # TITLE COMMAND...
    local title=$1
    shift
    { "$@" -v 2>&1 >/dev/null || true; } | awk -v title="$title" '
        / (GET|POST|PUT|PATCH|DELETE) .*( in [0-9]+ ms|as a stream)/ { n++ }
        END { printf "%-44s %10d requests\n", title, n }'
}

cat "$work/plane/version"
"$work/fresh" warm
"$raw" "$KUBECONFIG" "$(cat "$work/warm.ns")" "$work/all.yaml" >/dev/null
echo "== first sync of 1,000 objects"
figure raw "raw, 16 in flight" "$runs" --before "$work/fresh raw" -- "$raw $KUBECONFIG \$(cat $work/raw.ns) $work/all.yaml >/dev/null"
figure ours "gitopsctl app sync --no-wait" "$runs" --before "$work/fresh ours" -- "$bin app sync \$(cat $work/ours.ns) --no-wait -q >/dev/null"
ratio "gitopsctl / raw" ours raw
if [ -n "$kubectl" ]; then
    figure kubectl "kubectl apply --server-side" "$runs" --before "$work/fresh kubectl" -- \
        "$kubectl apply --server-side -n \$(cat $work/kubectl.ns) -f $work/all.yaml >/dev/null"
    ratio "kubectl / gitopsctl" kubectl ours
fi

echo "== nothing to do, 1,000 objects"
"$work/settled" "$work/plane"
first=$(cat "$work/ours.ns")
figure noop "gitopsctl app sync" "$runs" -- "$bin app sync $first --no-wait -q >/dev/null"
figure drift "gitopsctl drift diff" "$runs" -- "$bin drift diff $first -q >/dev/null"
requests "gitopsctl app sync" "$bin" app sync "$first" --no-wait
requests "gitopsctl drift diff" "$bin" drift diff "$first"
if [ -n "$kubectl" ]; then
    figure diff "kubectl diff --server-side" 1 -- "$kubectl diff --server-side --force-conflicts -n $first -f $work/all.yaml >/dev/null"
    ratio "kubectl diff / gitopsctl sync" diff noop
    ratio "kubectl diff / gitopsctl drift" diff drift
fi

echo "== $apps applications of 4 objects each"
mkdir "$work/fleet"
git -C "$work/fleet" init --quiet --initial-branch=main
for i in $(seq "$apps"); do
    mkdir -p "$work/fleet/apps/$i"
    { service "$i"; printf -- '---\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: svc-%d\n  labels: {release: "1"}\n' "$i"; } >"$work/fleet/apps/$i/all.yaml"
    printf -- '---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: svc-%d}\nspec:\n  source: {repoURL: "%s", path: "apps/%d", targetRevision: main}\n  destination: {name: real, namespace: fleet}\n  syncPolicy: {automated: {}, syncOptions: ["CreateNamespace=true"]}\n' "$i" "$work/fleet" "$i" >>"$work/fleet.yaml"
done
commit "$work/fleet" "release 1"
for name in $("$bin" app list -o name); do "$bin" app delete "${name#*/}" --no-cascade -y -q >/dev/null; done
"$bin" app create -f "$work/fleet.yaml" -q >/dev/null
figure fleet1 "first sync of all" 1 -- "$bin app sync --all --no-wait -q >/dev/null"
"$work/settled" "$work/plane"
find "$work/fleet/apps" -name all.yaml -exec sed -i 's/release: "1"/release: "2"/; s/key: value-/key: changed-/; s/^  labels: {app: svc-\([0-9]*\)}/  labels: {app: svc-\1, release: "2"}/; s/^  selector: {app: svc-/  sessionAffinity: ClientIP\n&/' {} +
commit "$work/fleet" "release 2"
figure fleet2 "one commit changes all: commit to applied" 1 -- "$bin app sync --all --no-wait -q >/dev/null"
"$work/settled" "$work/plane"
find "$work/fleet/apps" -name all.yaml -exec sed -i 's|image: registry.example/svc:|image: registry.example/next:|' {} +
commit "$work/fleet" "release 3"
figure fleet4 "the same, all Deployments roll out" 1 -- "$bin app sync --all --no-wait -q >/dev/null"
"$work/settled" "$work/plane"
figure fleet3 "reconcile of all, nothing to do" 1 -- "$bin reconcile --all -q >/dev/null"
