#!/usr/bin/env bash
# The STDF pipeline on three clusters, from one Application: app-of-apps, a project, a set, waves and hooks. Needs gitopsctl
# and git on PATH; works in a folder of its own and leaves nothing behind.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GITOPSCTL_HOME="$work/home"

bold= plain=
[ ! -t 1 ] || { bold=$'\033[1m' plain=$'\033[0m'; }
say() { printf '\n%s# %s%s\n' "$bold" "$*" "$plain"; }
run() {
    printf '$ %s\n' "$*"
    "$@"
}
# For commands whose answer is "no" (exit 1), or that are refused (exit 2).
expect() {
    local wanted=$1 status=0
    shift
    printf '$ %s\n' "$*"
    "$@" || status=$?
    [ "$status" -eq "$wanted" ] || { echo "expected exit $wanted, got $status" >&2; exit 1; }
}

# The team's repository.
cp -r "$here/manifests" "$work/stdf"
cd "$work/stdf"
sed -i "s|REPOSITORY|$work/stdf|" platform/pipeline.yaml
git init -q -b main
git config user.name "Ann Engineer"
git config user.email ann@example.com
git add -A
git commit -qm "The STDF pipeline"

say "Three clusters: here embedded ones; real ones are added with --kubeconfig."
for cluster in dev staging prod; do run gitopsctl cluster add "$cluster" --embedded; done

say "What the set makes, before anything is registered."
run gitopsctl appset generate -f platform/pipeline.yaml

say "One application over all: the project first (wave -1), then the set, which deploys every environment."
run gitopsctl app create platform --repo "$work/stdf" --path platform --revision main --dest-namespace argocd
run gitopsctl app sync platform
run gitopsctl app list
run gitopsctl app get stdf-prod

say "A commit for all environments: a new yield predictor."
sed -i "s|wafer/yield-predictor:v1|wafer/yield-predictor:v2|" pipeline/base/yield-predictor.yaml
git commit -qam "yield-predictor v2"
run gitopsctl reconcile --all
for cluster in dev staging prod; do run gitopsctl cluster get deployment/yield-predictor -n stdf --cluster "$cluster" -o wide; done

say "The project keeps the team inside its namespaces: this one wants a role, and is refused before anything is applied."
cat >pipeline/overlays/prod/role.yaml <<'YAML'
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: everything}
rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]
YAML
sed -i "s|resources: \[../../base\]|resources: [../../base, role.yaml]|" pipeline/overlays/prod/kustomization.yaml
git add -A
git commit -qm "A role"
expect 1 gitopsctl app sync stdf-prod
run git revert --no-edit HEAD
expect 1 gitopsctl project can engineer sync stdf/stdf-prod
run gitopsctl app sync stdf-prod
