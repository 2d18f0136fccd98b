#include "core/io/process.hpp"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

namespace gitops::io {

namespace {

std::string first_line(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

/// Field 22 of /proc/PID/stat, counted after the command's closing parenthesis (the command may hold blanks).
std::int64_t start_ticks(std::int64_t pid) {
    std::string line = first_line("/proc/" + std::to_string(pid) + "/stat");
    auto close = line.rfind(')');
    if (close == std::string::npos) return 0;
    std::istringstream rest(line.substr(close + 1));
    std::string field;
    for (int i = 3; i <= 22 && rest >> field; ++i) {
    }
    std::int64_t ticks = 0;
    std::from_chars(field.data(), field.data() + field.size(), ticks);
    return ticks;
}

std::string host_name() {
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0) return "localhost";
    return name.data();
}

/// The running kernel, and the pid namespace in it: two containers of one host may have the same name and the same pids.
std::string boot_of_this_namespace() {
    std::error_code missing;
    const auto pids = std::filesystem::read_symlink("/proc/self/ns/pid", missing).string();
    return first_line("/proc/sys/kernel/random/boot_id") + " " + pids;
}

std::string_view boot_id(std::string_view boot) { return boot.substr(0, boot.find(' ')); }

}  // namespace

ProcessId current_process() { return {host_name(), boot_of_this_namespace(), getpid(), start_ticks(getpid())}; }

bool is_alive(const ProcessId& process) {
    if (process.host != host_name()) return true;
    const auto here = boot_of_this_namespace();
    if (boot_id(process.boot) != boot_id(here)) return false;
    if (process.boot.find(' ') != std::string::npos && process.boot != here) return true;  // its pids are not ours to judge
    if (kill(static_cast<pid_t>(process.pid), 0) != 0 && errno == ESRCH) return false;
    return start_ticks(process.pid) == process.started;
}

}  // namespace gitops::io
