#!/usr/bin/env bash
# A newer Kubernetes for tests than KUBEBUILDER_ASSETS may have, built from the public Go modules that apiserver/go.mod
# names, into a cache outside the tree. Prints the folder in the layout of KUBEBUILDER_ASSETS; etcd is the assets' own.
#   build_newer.sh            prints the folder of an earlier build; exit 1 when there is none
#   build_newer.sh --build    builds it first when there is none: a quarter of an hour on two cores
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
module="$here/apiserver"
version=$(awk '$1 == "k8s.io/kubernetes" { print $2 }' "$module/go.mod")
folder=${XDG_CACHE_HOME:-$HOME/.cache}/gitopsctl-tests/kubernetes-${version#v}
programs=(kube-apiserver kube-controller-manager)

is_built() {
    local program
    for program in "${programs[@]}"; do [ -x "$folder/$program" ] || return 1; done
}

# The version is stamped in as a release build does it: clients ask the server for it.
build() {
    local minor=${version#v*.} stamp=k8s.io/component-base/version program
    command -v go >/dev/null || { echo "build_newer.sh: no go on PATH" >&2; exit 1; }
    mkdir -p "$folder"
    cd "$module"
    for program in "${programs[@]}"; do
        nice -n 19 go build -p 1 -mod=readonly -trimpath -o "$folder/$program.$$" -ldflags \
            "-s -w -X $stamp.gitVersion=$version -X $stamp.gitMajor=1 -X $stamp.gitMinor=${minor%%.*}" "./$program" >&2
        mv "$folder/$program.$$" "$folder/$program"
    done
}

if ! is_built; then
    [ "${1:-}" = --build ] || { echo "build_newer.sh: $version is not built yet" >&2; exit 1; }
    build
fi
assets=$("$here/control_plane.sh" assets)
ln -sf "$(realpath "$assets/etcd")" "$folder/etcd"
printf '%s\n' "$folder"
