#!/usr/bin/env bash
# What ApplicationSets and long registers cost: 1,000 applications generated and registered by one set, 10,000 listed.
# Builds what it needs; prints, never judges.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build="$root/.build/release"
cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$build" --target gitopsctl bench_measure >/dev/null
bin="$build/cli/gitopsctl"
measure="$build/tests/bench_measure"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GIT_AUTHOR_NAME=Bench GIT_AUTHOR_EMAIL=bench@example.com GIT_COMMITTER_NAME=Bench GIT_COMMITTER_EMAIL=bench@example.com

# make_repo APPS: a folder with one ConfigMap each.
make_repo() {
    git -C "$work" init --quiet --initial-branch=main repo
    for i in $(seq "$1"); do
        mkdir -p "$work/repo/apps/app-$i"
        printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings-%d}\ndata: {level: info}\n' "$i" >"$work/repo/apps/app-$i/cm.yaml"
    done
    git -C "$work/repo" add . && git -C "$work/repo" commit --quiet -m apps
}

# make_set FILE GENERATORS TEMPLATE-NAME PATH
make_set() {
    cat >"$1" <<END
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: bench}
spec:
  goTemplate: true
  generators:
$2
  template:
    metadata: {name: '$3', labels: {team: '{{ default "none" .team | lower }}'}}
    spec:
      project: default
      source: {repoURL: $work/repo, path: '$4', targetRevision: main}
      destination: {name: local, namespace: '{{ "bench" | trunc 63 }}'}
      syncPolicy: {automated: {prune: true}, syncOptions: [CreateNamespace=true]}
  templatePatch: |
    metadata: {annotations: {who: '{{ .team | default "none" | quote }}'}}
END
}

make_repo 1000
make_set "$work/git.yaml" "  - git: {repoURL: $work/repo, directories: [{path: apps/*}]}" '{{.path.basename}}' '{{.path.path}}'
echo "== 1,000 applications from one ApplicationSet (git directories, Go templates, templatePatch)"
"$measure" "appset generate" 5 -- "$bin --home $work/h1 appset generate -f $work/git.yaml -o name >/dev/null"
"$measure" "appset apply, first" 5 --before "rm -rf $work/h1" -- "$bin --home $work/h1 appset apply -f $work/git.yaml -q >/dev/null"
"$measure" "appset apply, nothing to do" 5 -- "$bin --home $work/h1 appset apply -f $work/git.yaml -q >/dev/null"

elements=$(for i in $(seq 100); do printf '          - {a: "a%d"}\n' "$i"; done)
others=$(for i in $(seq 100); do printf '          - {b: "b%d", path: x}\n' "$i"; done)
make_set "$work/matrix.yaml" "  - matrix:
      generators:
      - list:
          elements:
$elements
      - list:
          elements:
$others" '{{.a}}-{{.b}}' 'apps/app-1'
echo "== 10,000 applications from one matrix"
"$measure" "appset generate" 3 -- "$bin --home $work/h2 appset generate -f $work/matrix.yaml -o name >/dev/null"
"$bin" --home "$work/h2" appset apply -f "$work/matrix.yaml" -q >/dev/null
"$measure" "app list" 5 -- "$bin --home $work/h2 app list >/dev/null 2>&1"
"$measure" "app list -o json" 5 -- "$bin --home $work/h2 app list -o json >/dev/null 2>&1"
"$measure" "app list -o name" 5 -- "$bin --home $work/h2 app list -o name >/dev/null 2>&1"
"$measure" "appset list" 5 -- "$bin --home $work/h2 appset list >/dev/null 2>&1"
