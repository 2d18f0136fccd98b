#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test there is. The last line is the sum: N passed, N failed, N skipped.
#   tests/run.sh             everything, in the folder .build/release
#   tests/run.sh sanitize    the test programs under AddressSanitizer and UndefinedBehaviorSanitizer, in .build/sanitize
# A test program's log lies in the build folder's test-logs/. GITOPS_JOBS overrides the number of cores.
# Tests on a real API server run when KUBEBUILDER_ASSETS names its programs, or shared/kube/assets beside the checkout
# brings them; those on a newer one when tests/kube/build_newer.sh has built it, which GITOPS_TEST_NEWER=1 does.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
preset=${1:-release}
build="$root/.build/$preset"
logs="$build/test-logs"
jobs=${GITOPS_JOBS:-$(nproc)}
longest=${GITOPS_TEST_SECONDS:-900}  # of one program
control_plane="$root/tests/kube/control_plane.sh"
real=  # the folder of the running control plane
passed=0 failed=0 skipped=0

finish() {
    printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    [ "$failed" -eq 0 ]
    exit
}

# give_up WHAT [LOG]
give_up() {
    [ $# -lt 2 ] || tail -n 60 "$2"
    printf '%s failed\n' "$1"
    failed=$((failed + 1))
    finish
}

case $preset in
release) settings=(-DCMAKE_BUILD_TYPE=Release) ;;
sanitize) settings=(-DCMAKE_BUILD_TYPE=Debug "-DCMAKE_CXX_FLAGS_DEBUG=-O1 -g1" -DGITOPS_SANITIZE=address,undefined) ;;
*)
    printf 'usage: tests/run.sh [sanitize]\n' >&2
    exit 64
    ;;
esac

"$root/examples/quickstart/packages.sh" openssl curl util-linux || give_up "installing packages"

# install_prometheus: what test_metrics runs; without it those tests are skipped. Debian starts what it installs where
# there is a systemd, and nobody asked for a service.
install_prometheus() {
    local as_root=()
    [ ! -x /usr/bin/prometheus ] || return 0
    [ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
    ${as_root[@]+"${as_root[@]}"} true 2>/dev/null || return 0
    "$root/examples/quickstart/packages.sh" prometheus 2>/dev/null || return 0
    [ ! -d /run/systemd/system ] || ${as_root[@]+"${as_root[@]}"} systemctl disable --now prometheus >/dev/null 2>&1
}

install_prometheus || true
rm -rf "$logs"
mkdir -p "$logs"
cmake -S "$root" -B "$build" -G Ninja "${settings[@]}" >"$logs/configure.log" 2>&1 || give_up configuring "$logs/configure.log"
printf 'building %s\n' "$preset"
# -k 0: one broken file does not hide what the other programs say.
if ! cmake --build "$build" -j "$jobs" -- -k 0 >"$logs/build.log" 2>&1; then
    grep -E -A 5 'error:|^FAILED' "$logs/build.log" | head -n 80
    printf 'build failed\n'
    failed=$((failed + 1))
fi

# run_one NAME COMMAND...: into a log, with the exit code on its last line.
run_one() {
    local name=$1 started=$SECONDS
    shift
    timeout --kill-after=10 "$longest" "$@" </dev/null >"$logs/$name.log" 2>&1
    printf '\nexit %d after %d s\n' $? $((SECONDS - started)) >>"$logs/$name.log"
}

# cases_in LOG: "passed failed skipped" as the program counted them itself: Catch2 or the driver of the CLI cases. A
# program that says "skipped: why" in a test has not passed that test.
cases_in() {
    awk '
        /^skipped: / { skipped++ }
        /^All tests passed \(/ { for (i = 2; i <= NF; i++) if ($i == "test") passed = $(i - 1); counted = 1 }
        /^test cases: / {
            for (i = 2; i <= NF; i++) {
                if ($i == "passed") passed = $(i - 1)
                if ($i == "failed" && $(i + 1) != "as") failed = $(i - 1)
            }
            counted = 1
        }
        /^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ { passed = $1 + $5; failed = $3; counted = 1 }
        /^exit [0-9]+ after / { status = $2 }
        END {
            if (passed >= skipped) passed -= skipped; else passed = 0
            if (status != 0 && !failed) failed = 1
            if (!counted && status == 0) failed = 1
            printf "%d %d %d\n", passed, failed, skipped
        }' "$1"
}

add_up() { # NAME PASSED FAILED SKIPPED
    passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
    printf '%-24s %5d passed %3d failed %3d skipped\n' "$1" "$2" "$3" "$4"
    grep -h '^skipped: ' "$logs/$1.log" | sort -u
    [ "$3" -eq 0 ] || grep -v '^$' "$logs/$1.log" | tail -n 60
}

wait_for_a_core() { while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n; done; }

# start_real: a control plane for the programs that want one, named by GITOPS_TEST_KUBECONFIG.
start_real() {
    unset GITOPS_TEST_KUBECONFIG GITOPS_TEST_NO_KUBE
    if ! GITOPS_TEST_NO_KUBE=$("$control_plane" assets 2>&1 >/dev/null); then
        export GITOPS_TEST_NO_KUBE=${GITOPS_TEST_NO_KUBE##*control_plane.sh: }
        return
    fi
    real=$(mktemp -d)
    trap stop_real EXIT
    trap 'exit 130' INT TERM
    if "$control_plane" start "$real" "$build/tests/kubelet_loop" >"$logs/control_plane.log" 2>&1; then
        export GITOPS_TEST_KUBECONFIG="$real/kubeconfig"
        return
    fi
    export GITOPS_TEST_NO_KUBE="it did not start"
    cat "$logs/control_plane.log"
    printf 'starting the control plane failed\n'
    failed=$((failed + 1))
}

stop_real() {
    [ -n "$real" ] || return 0
    "$control_plane" stop "$real"
    cp "$real"/*.log "$logs" 2>/dev/null
    rm -rf "$real"
    real=
}

start_real
export UBSAN_OPTIONS=print_stacktrace=1 ASAN_OPTIONS=detect_stack_use_after_return=1
programs=()
for program in "$build"/tests/test_*; do
    [ -f "$program" ] && [ -x "$program" ] || continue
    name=${program##*/test_}
    # Killing and restarting hundreds of processes says nothing more under a sanitizer, and takes long.
    [ "$preset" = sanitize ] && [ "$name" = crash ] && continue
    programs+=("$name")
    less=()
    # The long ones say nothing more under a sanitizer.
    if [ "$preset" = sanitize ] && [ "$name" = on_kube ]; then less=("~[slow]"); fi
    wait_for_a_core
    run_one "$name" "$program" ${less[@]+"${less[@]}"} &
done
wait
for name in "${programs[@]}"; do
    read -r good bad left < <(cases_in "$logs/$name.log")
    add_up "$name" "$good" "$bad" "$left"
done
[ "${#programs[@]}" -gt 0 ] || give_up "finding a test program"
stop_real

# The same on a newer server: built on demand, as that takes many minutes.
if [ "$preset" = release ] && [ -n "${GITOPS_TEST_KUBECONFIG:-}" ]; then
    if newer=$("$root/tests/kube/build_newer.sh" ${GITOPS_TEST_NEWER:+--build} 2>"$logs/newer.log"); then
        export KUBEBUILDER_ASSETS=$newer
        start_real
        for name in contract on_kube; do
            run_one "$name-newer" "$build/tests/test_$name"
            read -r good bad left < <(cases_in "$logs/$name-newer.log")
            add_up "$name-newer" "$good" "$bad" "$left"
        done
        stop_real
    elif [ -n "${GITOPS_TEST_NEWER:-}" ]; then
        tail -n 20 "$logs/newer.log"
        printf 'building a newer API server failed\n'
        failed=$((failed + 1))
    else
        skipped=$((skipped + 1))
        printf 'skipped: the same on a newer API server (GITOPS_TEST_NEWER=1 builds one)\n'
    fi
fi

if [ "$preset" = release ]; then
    for story in "$root"/examples/*/story.sh; do
        name=example-$(basename "$(dirname "$story")")
        PATH="$build/cli:$PATH" run_one "$name" "$story"
        if grep -q '^exit 0 after ' "$logs/$name.log"; then add_up "$name" 1 0 0; else add_up "$name" 0 1 0; fi
    done
fi
finish
