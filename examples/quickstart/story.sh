#!/usr/bin/env bash
# The story of stdf-parser and wafer-analyzer, told by the program itself. Needs gitopsctl and git on PATH; works in a
# folder of its own and leaves nothing behind.
#   story.sh [KUBECONFIG]    on the embedded cluster, or on the one that the kubeconfig's current context names
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GITOPSCTL_HOME="$work/home"
export GIT_AUTHOR_NAME="Anna Engineer" GIT_AUTHOR_EMAIL="anna@fab.example"
export GIT_COMMITTER_NAME="$GIT_AUTHOR_NAME" GIT_COMMITTER_EMAIL="$GIT_AUTHOR_EMAIL"

bold= plain=
[ ! -t 1 ] || { bold=$'\033[1m' plain=$'\033[0m'; }
say() { printf '\n%s# %s%s\n' "$bold" "$*" "$plain"; }
show() {
    local word line='$'
    for word; do
        [[ $word != *' '* ]] || word="\"$word\""
        line+=" $word"
    done
    printf '%s\n' "$line"
}
run() {
    show "$@"
    "$@"
}
# For commands whose answer may be "no" (exit 1): drift found is what the story is about.
expect_no() {
    show "$@"
    local status=0
    "$@" || status=$?
    [ "$status" -eq 1 ] || { echo "expected exit 1, got $status" >&2; exit 1; }
}

if [ $# -gt 0 ]; then
    say "A real cluster is told by its kubeconfig. Nothing is installed in it."
    run gitopsctl cluster add factory --kubeconfig "$(realpath "$1")"
    run gitopsctl cluster use factory
fi

cd "$work"
repo=wafer-deploy
mkdir "$repo"
cp -r "$here/manifests/." "$repo"
git -C "$repo" init --quiet --initial-branch=main
git -C "$repo" add .
git -C "$repo" commit --quiet -m "Wafer yield pipeline 2.8.0"

say "Git says what should run. Register production, and sync it."
run gitopsctl app create yield-prod --repo "$repo" --path overlays/prod --dest-namespace wafer-prod \
    --sync-policy automated --self-heal --auto-prune --sync-option CreateNamespace=true
run gitopsctl app sync yield-prod
run gitopsctl app get yield-prod

say "At night an engineer scales by hand."
run gitopsctl cluster scale deployment/stdf-parser --replicas 8 -n wafer-prod
expect_no gitopsctl drift diff yield-prod

say "Self-heal puts back what Git says."
run gitopsctl reconcile yield-prod
run gitopsctl drift diff yield-prod

say "A new version is committed and synced."
sed -i 's/newTag: 2.8.0/newTag: 2.9.0/' "$repo/overlays/prod/kustomization.yaml"
git -C "$repo" commit --quiet -am "wafer-analyzer 2.9.0"
run gitopsctl app sync yield-prod
run gitopsctl cluster get deployment/wafer-analyzer -n wafer-prod -o wide

say "Its accuracy is bad. One command takes it back, in Git and in the cluster."
run gitopsctl app rollback yield-prod -m "accuracy fell to 97.2 %"
run gitopsctl cluster get deployment/wafer-analyzer -n wafer-prod -o wide

say "Git remembers."
run git -C "$repo" log --oneline
run git -C "$repo" notes --ref gitopsctl show HEAD~1

say "So does the audit log."
run gitopsctl app history yield-prod
run gitopsctl audit log
