#!/usr/bin/env bash
# From a fresh Debian 12 machine to the main job: installs what is missing, builds, tells the story.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
"$here/packages.sh"
cmake -S "$root" -B "$root/.build/release" -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$root/.build/release" --target gitopsctl
PATH="$root/.build/release/cli:$PATH" "$here/story.sh"
