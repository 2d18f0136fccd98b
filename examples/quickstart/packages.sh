#!/usr/bin/env bash
# Installs the Debian packages that gitopsctl is built and tested with, and those named as arguments, as far as they are
# missing. Says nothing when none is. Needs root or sudo only to install.
set -euo pipefail

packages=(g++ cmake ninja-build pkg-config git libcli11-dev libyaml-cpp-dev libyaml-dev libgit2-dev libfmt-dev
    nlohmann-json3-dev catch2 libcurl4-openssl-dev liblua5.1-0-dev libssl-dev libsqlite3-dev libre2-dev tzdata "$@")

fail() {
    printf 'packages.sh: %s\n' "$1" >&2
    exit 1
}

command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
    fail "this is no Debian system; install the equivalents of: ${packages[*]}"

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=none
    [ "$status" = installed ] || missing+=("$package")
done
[ "${#missing[@]}" -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "neither root nor sudo; as root, run: apt-get install ${missing[*]}"
    as_root=(sudo)
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@" </dev/null >"$log" 2>&1
}

printf 'installing %s\n' "${missing[*]}" >&2
# The lists of a fresh image are empty or old: they are fetched once, when the first attempt fails.
if ! apt install -y --no-install-recommends "${missing[@]}"; then
    if ! { apt update && apt install -y --no-install-recommends "${missing[@]}"; }; then
        tail -n 20 "$log" >&2
        fail "could not install: ${missing[*]}"
    fi
fi
