// Which process this is, and whether another one still lives: for locks that survive their owner.
#pragma once

#include <cstdint>
#include <string>

namespace gitops::io {

/// A process for certain: a pid alone is reused, so the boot and the start time belong to it.
struct ProcessId {
    std::string host;
    std::string boot;            ///< the kernel's boot id
    std::int64_t pid = 0;
    std::int64_t started = 0;    ///< clock ticks since boot

    bool operator==(const ProcessId&) const = default;
};

ProcessId current_process();
/// False when it is certain that the process is gone; processes of another host count as alive.
bool is_alive(const ProcessId& process);

}  // namespace gitops::io
