#!/usr/bin/env bash
# A real Kubernetes control plane on this machine, without containers: etcd, kube-apiserver and kube-controller-manager
# from $KUBEBUILDER_ASSETS, on free ports of 127.0.0.1.
#   control_plane.sh assets         prints the folder of the programs; exit 1 and the reason when there is none
#   control_plane.sh start DIR [KUBELET_LOOP]
#                                   starts it, waits until it is ready and writes DIR/kubeconfig (all rights),
#                                   DIR/viewer.kubeconfig (reads and applies everything, deletes nothing) and
#                                   DIR/version. The program KUBELET_LOOP makes Pods run; without it they stay
#                                   Pending. All of it ends with `stop`, with the caller's life, or when DIR is removed.
#   control_plane.sh stop DIR       ends it and waits until nothing of it runs
# GITOPS_TEST_OWNER is a process id whose life is watched instead of the caller's.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

fail() {
    printf 'control_plane.sh: %s\n' "$1" >&2
    exit 1
}

assets() {
    local beside="$here/../../../shared/kube/assets" folder=${KUBEBUILDER_ASSETS:-}
    if [ -z "$folder" ]; then
        [ -x "$beside" ] || fail "no KUBEBUILDER_ASSETS"
        folder=$("$beside") || fail "$beside failed"
    fi
    local program
    for program in etcd kube-apiserver kube-controller-manager; do
        [ -x "$folder/$program" ] || fail "no $program in KUBEBUILDER_ASSETS=$folder"
    done
    for program in openssl curl setpriv setsid; do
        command -v "$program" >/dev/null || fail "no $program on PATH"
    done
    printf '%s\n' "$folder"
}

# free_port: one that nobody listens on, below those the kernel hands out itself.
free_port() {
    local port
    while :; do
        port=$((RANDOM % 12000 + 20000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    printf '%d\n' "$port"
}

random_token() { openssl rand -hex 16; }

# kubeconfig USER TOKEN: with the server's own certificate as the authority, which is what it signed itself with.
kubeconfig() {
    cat <<END
apiVersion: v1
kind: Config
current-context: test
contexts: [{name: test, context: {cluster: test, user: $1}}]
clusters: [{name: test, cluster: {server: "https://127.0.0.1:$server_port", certificate-authority-data: $(base64 -w0 <certs/apiserver.crt)}}]
users: [{name: $1, user: {token: $2}}]
END
}

# Every program dies with this shell, also when the shell is killed hard.
spawn() { # NAME COMMAND...
    local name=$1
    shift
    setpriv --pdeathsig KILL "$@" </dev/null >"$name.log" 2>&1 &
    children+=($!)
}

start_etcd() {
    local client_port peer_port
    client_port=$(free_port) peer_port=$(free_port)
    etcd_url=http://127.0.0.1:$client_port
    spawn etcd "$programs/etcd" --name test --data-dir etcd --unsafe-no-fsync --log-level error --quota-backend-bytes 4294967296 \
        --listen-client-urls "$etcd_url" --advertise-client-urls "$etcd_url" \
        --listen-peer-urls "http://127.0.0.1:$peer_port" --initial-advertise-peer-urls "http://127.0.0.1:$peer_port" \
        --initial-cluster "test=http://127.0.0.1:$peer_port"
}

# minor_version: 20 of "Kubernetes v1.20.2".
minor_version() { sed -E 's/^[^.]*\.([0-9]+).*/\1/' version; }

start_server() {
    local old=()
    [ "$(minor_version)" -ge 24 ] || old=(--insecure-port 0)
    server_port=$(free_port)
    spawn kube-apiserver "$programs/kube-apiserver" --etcd-servers "$etcd_url" --secure-port "$server_port" \
        --bind-address 127.0.0.1 --advertise-address 127.0.0.1 --cert-dir certs \
        --service-account-key-file sa.key --service-account-signing-key-file sa.key \
        --service-account-issuer https://kubernetes.default.svc --token-auth-file tokens.csv --authorization-mode RBAC \
        --service-cluster-ip-range 10.0.0.0/16 --disable-admission-plugins ServiceAccount --watch-cache=true \
        --max-requests-inflight 2000 --max-mutating-requests-inflight 1000 --event-ttl 10m "${old[@]}"
}

start_controllers() {
    local old=()
    [ "$(minor_version)" -ge 24 ] || old=(--port 0)
    spawn kube-controller-manager "$programs/kube-controller-manager" --kubeconfig kubeconfig \
        --service-account-private-key-file sa.key --leader-elect=false --secure-port 0 \
        --controllers '*,-nodeipam,-nodelifecycle,-cloud-node-lifecycle,-route,-service' \
        --kube-api-qps 1000 --kube-api-burst 1000 "${old[@]}"
}

ask() { curl --silent --cacert certs/apiserver.crt --header @admin.header --max-time 5 "$@"; }

all_run() { [ "$(jobs -rp | wc -l)" -ge "${#children[@]}" ]; }

wait_until_ready() {
    local tries
    for ((tries = 0; tries < 1200; tries++)); do
        [ ! -s certs/apiserver.crt ] || [ "$(ask "https://127.0.0.1:$server_port/readyz" || true)" != ok ] || return 0
        all_run || return 1
        sleep 0.05
    done
    return 1
}

# The viewer's rights.
bind_viewer() {
    local rbac="https://127.0.0.1:$server_port/apis/rbac.authorization.k8s.io/v1"
    ask --fail --output /dev/null --header 'Content-Type: application/json' "$rbac/clusterroles" --data '{
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "test-viewer"},
        "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list", "watch", "create", "update", "patch"]}]}'
    ask --fail --output /dev/null --header 'Content-Type: application/json' "$rbac/clusterrolebindings" --data '{
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "test-viewer"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "test-viewer"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "viewer"}]}'
}

bring_up() {
    local admin_token viewer_token
    admin_token=$(random_token) viewer_token=$(random_token)
    printf 'Authorization: Bearer %s\n' "$admin_token" >admin.header
    printf '%s,admin,admin,"system:masters"\n%s,viewer,viewer\n' "$admin_token" "$viewer_token" >tokens.csv
    [ -s sa.key ] || openssl genrsa -out sa.key 2048 2>/dev/null
    "$programs/kube-apiserver" --version >version
    rm -rf etcd certs
    start_etcd
    start_server
    wait_until_ready || return 1
    kubeconfig admin "$admin_token" >kubeconfig
    kubeconfig viewer "$viewer_token" >viewer.kubeconfig
    start_controllers
    bind_viewer
    [ -z "$kubelet_loop" ] || spawn kubelet_loop "$kubelet_loop" kubeconfig
}

take_down() {
    [ "${#children[@]}" -eq 0 ] || kill -KILL "${children[@]}" 2>/dev/null || true
    wait 2>/dev/null || true
    children=()
}

# supervise OWNER: the life of one control plane, in DIR. Says how it went in the file `state`.
supervise() {
    local owner=$1 try
    children=()
    trap 'take_down; echo stopped >state 2>/dev/null || true; exit 0' TERM INT HUP
    # A port may be taken between the look and the listening.
    for try in 1 2 3; do
        if bring_up; then
            echo ready >state
            break
        fi
        take_down
        [ "$try" -lt 3 ] || echo failed >state
    done
    while kill -0 "$owner" 2>/dev/null && [ -e state ] && all_run; do
        sleep 0.5 &
        wait $! 2>/dev/null || true
    done
    take_down
    [ ! -e state ] || echo stopped >state
}

start() {
    local dir=$1 kubelet_loop=${2:+$(realpath "$2")}
    programs=$(assets)
    umask 077
    mkdir -p "$dir"
    cd "$dir"
    rm -f state
    setsid "$here/control_plane.sh" supervise "${GITOPS_TEST_OWNER:-$PPID}" "$programs" "$kubelet_loop" \
        </dev/null >supervisor.log 2>&1 &
    echo $! >supervisor.pid
    while [ ! -s state ]; do
        kill -0 "$(cat supervisor.pid)" 2>/dev/null || break
        sleep 0.02
    done
    [ "$(cat state 2>/dev/null)" = ready ] && return
    tail -n 20 supervisor.log kube-apiserver.log etcd.log >&2 || true
    fail "the control plane did not start"
}

stop() {
    local pid
    pid=$(cat "$1/supervisor.pid" 2>/dev/null) || return 0
    kill -TERM "$pid" 2>/dev/null || return 0
    while kill -0 "$pid" 2>/dev/null; do sleep 0.02; done
}

case ${1:-} in
assets) assets ;;
start) start "${2:?usage: control_plane.sh start DIR [KUBELET_LOOP]}" "${3:-}" ;;
stop) stop "${2:?usage: control_plane.sh stop DIR}" ;;
supervise)
    programs=$3 kubelet_loop=$4
    supervise "$2"
    ;;
*)
    printf 'usage: control_plane.sh assets | start DIR [KUBELET_LOOP] | stop DIR\n' >&2
    exit 64
    ;;
esac
