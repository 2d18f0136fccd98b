#!/usr/bin/env bash
# `kustomize build` side by side with the real one ($KUSTOMIZE, else the one on PATH; without it only our own figures):
# one object, kubeflow's kserve ($KSERVE, a folder with a kustomization), an overlay over 1,000 services, one large
# output. Prints medians and peak memory; never judges. SERVICES and RUNS make it smaller or longer.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build="$root/.build/release"
cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$build" --target gitopsctl bench_measure >/dev/null
ours="$build/cli/gitopsctl"
measure="$build/tests/bench_measure"
theirs=${KUSTOMIZE:-$(command -v kustomize || true)}
services=${SERVICES:-1000}
runs=${RUNS:-41}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# compare NAME DIR RUNS [beside]: medians, beside the real one in the same run, and whether the output is the same.
compare() {
    "$ours" kustomize build "$2" >"$work/ours"
    echo "== $1: $(wc -c <"$work/ours") bytes"
    if [ -z "$theirs" ] || [ -z "${4:-}" ]; then
        "$measure" "gitopsctl" "$3" -- "$ours kustomize build $2"
        return
    fi
    "$measure" "gitopsctl" "$3" -- "$ours kustomize build $2" --vs "$theirs build $2 -o $work/theirs"
    cmp -s "$work/ours" "$work/theirs" && echo "same bytes" || echo "OTHER BYTES"
}

"$measure" "true (what a process costs here)" "$runs" -- "/bin/true"

mkdir -p "$work/one"
printf 'resources: [map.yaml]\n' >"$work/one/kustomization.yaml"
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\ndata:\n  a: b\n' >"$work/one/map.yaml"
compare "one object" "$work/one" "$runs" beside

if [ -n "${KSERVE:-}" ]; then compare "kserve" "$KSERVE" 5 beside; fi

# Three and a half objects per service, and an overlay that renames, labels and patches all of them.
mkdir -p "$work/base" "$work/overlay"
awk -v dir="$work/base" -v count="$services" 'BEGIN {
    print "resources:" > (dir "/kustomization.yaml")
    for (i = 0; i < count; i++) {
        file = dir "/s" i ".yaml"
        printf "- s%d.yaml\n", i > (dir "/kustomization.yaml")
        printf "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: s%d\nspec:\n  selector:\n    matchLabels: {app: s%d}\n  template:\n    metadata:\n      labels: {app: s%d}\n    spec:\n      containers:\n      - name: main\n        image: registry.example/svc:1\n        envFrom:\n        - configMapRef: {name: s%d}\n", i, i, i, i > file
        printf "---\napiVersion: v1\nkind: Service\nmetadata:\n  name: s%d\nspec:\n  selector: {app: s%d}\n  ports:\n  - port: 80\n", i, i > file
        printf "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: s%d\ndata:\n  key: value-%d\n", i, i > file
        if (i % 2) printf "---\napiVersion: autoscaling/v1\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: s%d\nspec:\n  maxReplicas: 3\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: s%d}\n", i, i > file
        close(file)
    }
}'
cat >"$work/overlay/kustomization.yaml" <<'END'
namePrefix: prod-
namespace: prod
resources: [../base]
labels:
- pairs: {stage: prod}
  includeSelectors: true
images:
- name: registry.example/svc
  newTag: "2"
patches:
- target: {kind: Deployment}
  patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: any}
    spec:
      template:
        spec:
          containers:
          - name: main
            resources:
              limits: {cpu: 500m}
END
compare "overlay over $services services" "$work/overlay" 1 beside

# 30 MB of manifests that nobody changes.
mkdir -p "$work/large"
printf 'resources: [all.yaml]\n' >"$work/large/kustomization.yaml"
awk 'BEGIN {
    for (i = 0; i < 20000; i++) {
        if (i) print "---"
        printf "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m%d\n  labels: {app: large}\ndata:\n", i
        for (k = 0; k < 20; k++) printf "  key-%d: some value of a usual length, number %d of map %d\n", k, k, i
    }
}' >"$work/large/all.yaml"
compare "large output" "$work/large" 5
