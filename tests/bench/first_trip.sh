#!/usr/bin/env bash
# The figures of the first trip, in one run: start-up, YAML, first and no-op sync of 1,000 and 10,000 objects, drift of
# 10,000 objects, rollback in a large repository. Builds what it needs; prints, never judges.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build="$root/.build/release"
cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$build" --target gitopsctl bench_measure bench_doc bench_diff >/dev/null
bin="$build/cli/gitopsctl"
measure="$build/tests/bench_measure"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GIT_AUTHOR_NAME=Bench GIT_AUTHOR_EMAIL=bench@example.com GIT_COMMITTER_NAME=Bench GIT_COMMITTER_EMAIL=bench@example.com

# make_repo DIR OBJECTS: a third Deployments, Services and ConfigMaps each, one file per three.
make_repo() {
    mkdir -p "$1/app"
    git -C "$1" init --quiet --initial-branch=main
    awk -v dir="$1/app" -v count="$2" 'BEGIN {
        for (i = 0; i * 3 < count; i++) {
            file = dir "/svc-" i ".yaml"
            printf "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: svc-%d\n  labels: {app: svc-%d}\nspec:\n  replicas: 1\n  selector:\n    matchLabels: {app: svc-%d}\n  template:\n    metadata:\n      labels: {app: svc-%d}\n    spec:\n      containers:\n      - name: main\n        image: registry.example/svc:%d\n        ports:\n        - containerPort: 8080\n        resources:\n          limits: {cpu: 500m, memory: 256Mi}\n", i, i, i, i, 1 > file
            if (i * 3 + 1 < count) printf "---\napiVersion: v1\nkind: Service\nmetadata:\n  name: svc-%d\nspec:\n  selector: {app: svc-%d}\n  ports:\n  - port: 80\n    targetPort: 8080\n", i, i > file
            if (i * 3 + 2 < count) printf "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: svc-%d\ndata:\n  key: value-%d\n", i, i > file
            close(file)
        }
    }'
    git -C "$1" add . && git -C "$1" commit --quiet -m objects
}

create() { # HOME REPO
    "$bin" --home "$1" app create bench --repo "$2" --path app --dest-namespace bench --sync-option CreateNamespace=true >/dev/null
}

echo "== start-up"
"$measure" "gitopsctl version" 21 -- "$bin version >/dev/null" --vs "/bin/true"

echo "== documents"
"$build/tests/bench_doc"

for objects in 1000 10000; do
    echo "== $objects objects on the embedded cluster"
    make_repo "$work/r$objects" "$objects"
    runs=$([ "$objects" = 1000 ] && echo 5 || echo 3)
    fresh="rm -rf $work/h$objects && $bin --home $work/h$objects app create bench --repo $work/r$objects --path app --dest-namespace bench --sync-option CreateNamespace=true >/dev/null"
    sync="$bin --home $work/h$objects app sync bench --no-wait -q >/dev/null"
    "$measure" "first sync" "$runs" --before "$fresh" -- "$sync"
    "$measure" "no-op sync" "$runs" -- "$sync"
    "$measure" "drift diff --all" "$runs" -- "$bin --home $work/h$objects drift diff --all >/dev/null"
done

echo "== diff engine alone"
"$build/tests/bench_diff"

echo "== rollback in 10,000 files and 1,000 commits"
repo="$work/large"
mkdir -p "$repo"
git -C "$repo" init --quiet --initial-branch=main
{
    for i in $(seq 0 999); do
        printf 'commit refs/heads/main\ncommitter Bench <bench@example.com> %d +0000\ndata 8\nchange\n\n' $((1700000000 + i * 60))
        for j in $(seq 0 9); do
            printf 'M 100644 inline d%d/f%d.txt\ndata 8\nfile%04d\n' $((i % 50)) $((i * 10 + j)) "$i"
        done
        [ "$i" -lt 990 ] || printf 'M 100644 inline app/cm.yaml\ndata <<END\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {v: "%d"}\nEND\n' "$i"
    done
} | git -C "$repo" fast-import --quiet
git -C "$repo" reset --quiet --hard
create "$work/hl" "$repo"
"$bin" --home "$work/hl" app sync bench --revision "$(git -C "$repo" rev-parse HEAD~1)" -q >/dev/null
"$bin" --home "$work/hl" app sync bench -q >/dev/null
"$measure" "app rollback" 1 -- "$bin --home $work/hl app rollback bench -q >/dev/null"
