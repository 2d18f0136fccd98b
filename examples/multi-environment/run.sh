#!/usr/bin/env bash
# From a fresh Debian 12 machine to the story: installs what is missing, builds, tells it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
"$here/../quickstart/packages.sh"
cmake -S "$root" -B "$root/.build/release" -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$root/.build/release" --target gitopsctl
PATH="$root/.build/release/cli:$PATH" "$here/story.sh"
