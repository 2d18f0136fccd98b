#include "core/io/subprocess.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

extern "C" {  // glibc 2.36 forgets to say so
#include <sys/pidfd.h>
}

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace gitops::io {

namespace {

using base::Code;
using base::Error;

constexpr std::size_t k_kept_errors = 64 << 10;

class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int number) : m_number(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { reset(); }
    void reset(int number = -1) {
        if (m_number >= 0) close(m_number);
        m_number = number;
    }
    int get() const { return m_number; }

  private:
    int m_number = -1;
};

struct Pipe {
    Descriptor read_end, write_end;
    Pipe() {
        std::array<int, 2> ends{};
        if (pipe2(ends.data(), O_CLOEXEC) != 0)
            throw Error(Code::unavailable, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
        read_end.reset(ends[0]);
        write_end.reset(ends[1]);
        fcntl(ends[0], F_SETFL, O_NONBLOCK);
    }
};

/// A file without a name that holds `text`, to be read from its start. Unlike a pipe it needs nobody to fill it, and
/// does not care whether it is read.
void hold(Descriptor& file, std::string_view text) {
    file.reset(memfd_create("input", MFD_CLOEXEC));
    while (file.get() >= 0 && !text.empty()) {
        const ssize_t count = write(file.get(), text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    if (file.get() < 0 || !text.empty() || lseek(file.get(), 0, SEEK_SET) != 0)
        throw Error(Code::unavailable, fmt::format("cannot keep a program's input: {}", std::strerror(errno)));
}

/// Pointers to texts as exec wants them; valid while the texts live.
std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
    result.push_back(nullptr);
    return result;
}

/// What the child starts with: its descriptors, its process group, and signals as if nobody had touched them.
class SpawnPlan {
  public:
    /// `in` is -1 for an empty input.
    SpawnPlan(Terminal terminal, int in, int out, int err) {
        posix_spawn_file_actions_init(&m_actions);
        posix_spawnattr_init(&m_attributes);
        posix_spawn_file_actions_adddup2(&m_actions, out, STDOUT_FILENO);
        short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
        if (terminal == Terminal::none) {
            if (in >= 0) posix_spawn_file_actions_adddup2(&m_actions, in, STDIN_FILENO);
            else posix_spawn_file_actions_addopen(&m_actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
            posix_spawn_file_actions_adddup2(&m_actions, err, STDERR_FILENO);
            flags |= POSIX_SPAWN_SETPGROUP;  // not with a terminal: a group in the background may not read from it
        }
        sigset_t none, usual;
        sigemptyset(&none);
        sigemptyset(&usual);
        for (const int signal : {SIGINT, SIGTERM, SIGPIPE, SIGHUP, SIGUSR2}) sigaddset(&usual, signal);
        posix_spawnattr_setsigmask(&m_attributes, &none);
        posix_spawnattr_setsigdefault(&m_attributes, &usual);
        posix_spawnattr_setflags(&m_attributes, flags);
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;
    ~SpawnPlan() {
        posix_spawn_file_actions_destroy(&m_actions);
        posix_spawnattr_destroy(&m_attributes);
    }

    pid_t start(const Subprocess& subprocess) {
        if (!subprocess.folder.empty()) posix_spawn_file_actions_addchdir_np(&m_actions, subprocess.folder.c_str());
        std::vector<std::string> words{subprocess.program};
        words.insert(words.end(), subprocess.arguments.begin(), subprocess.arguments.end());
        pid_t child = -1;
        const int problem = posix_spawn(&child, subprocess.program.c_str(), &m_actions, &m_attributes,
                                        pointers(words).data(), pointers(subprocess.environment).data());
        if (problem == 0) return child;
        throw Error(problem == ENOENT ? Code::not_found : Code::denied,
                    fmt::format("cannot run {}: {}", subprocess.program, std::strerror(problem)));
    }

  private:
    posix_spawn_file_actions_t m_actions{};
    posix_spawnattr_t m_attributes{};
};

int exit_status(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

/// A started program; it is over when this object is.
class Child {
  public:
    Child(pid_t pid, Terminal terminal) : m_pid(pid), m_terminal(terminal), m_end(pidfd_open(pid, 0)) {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (m_pid < 0) return;
        kill(m_terminal == Terminal::none ? -m_pid : m_pid, SIGKILL);
        wait();
    }
    int wait() {
        int status = 0;
        while (waitpid(m_pid, &status, 0) < 0 && errno == EINTR) {
        }
        m_pid = -1;
        return exit_status(status);
    }
    int end() const { return m_end.get(); }  ///< readable when the program ended; -1 on a kernel that cannot tell

  private:
    pid_t m_pid;
    Terminal m_terminal;
    Descriptor m_end;
};

void arm(const Descriptor& timer, base::Duration patience) {
    const auto count = patience.count();
    const itimerspec when{{}, {count / 1000, count % 1000 * 1'000'000}};
    timerfd_settime(timer.get(), 0, &when, nullptr);
}

enum class Heard { something, nothing, end };

Heard hear(const Descriptor& from, std::string& into) {
    std::array<char, 16384> buffer{};
    const ssize_t count = read(from.get(), buffer.data(), buffer.size());
    if (count > 0) into.append(buffer.data(), static_cast<std::size_t>(count));
    if (count > 0) return Heard::something;
    return count < 0 && (errno == EAGAIN || errno == EINTR) ? Heard::nothing : Heard::end;
}

/// Reads both pipes until the program ends; what it left running may keep them open, and is not waited for.
class Listener {
  public:
    Listener(const Subprocess& subprocess, const Child& child, Pipe& out, Pipe& err)
        : m_subprocess(subprocess), m_child(child), m_out(out.read_end), m_err(err.read_end) {}

    void run(std::stop_token stop) {
        const Descriptor stopped(eventfd(0, EFD_CLOEXEC)), timer(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
        const std::stop_callback wake(stop, [&] { eventfd_write(stopped.get(), 1); });
        arm(timer, m_subprocess.patience);
        while (m_child.end() >= 0 || m_out.get() >= 0 || m_err.get() >= 0) {
            std::array<pollfd, 5> waits{{{m_out.get(), POLLIN, 0},
                                         {m_err.get(), POLLIN, 0},
                                         {m_child.end(), POLLIN, 0},
                                         {stopped.get(), POLLIN, 0},
                                         {timer.get(), POLLIN, 0}}};
            if (poll(waits.data(), waits.size(), -1) < 0) continue;
            const bool ended = waits[2].revents != 0;
            bool heard = take(m_out, m_output);
            heard = take(m_err, m_errors) || heard;
            bound();
            if (stop.stop_requested()) throw Error(Code::cancelled, "stopped");
            if (waits[4].revents != 0) too_slow();
            if (ended && !heard) return;
        }
    }

    std::string output() { return std::move(m_output); }
    std::string errors() { return std::move(m_errors); }

  private:
    static bool take(Descriptor& from, std::string& into) {
        if (from.get() < 0) return false;
        const Heard heard = hear(from, into);
        if (heard == Heard::end) from.reset();
        return heard == Heard::something;
    }
    void bound() {
        if (m_errors.size() > 2 * k_kept_errors) m_errors.erase(0, m_errors.size() - k_kept_errors);
        if (m_output.size() <= m_subprocess.most_output) return;
        throw Error(Code::unavailable,
                    fmt::format("{} said more than {} bytes", m_subprocess.program, m_subprocess.most_output));
    }
    [[noreturn]] void too_slow() const {
        throw Error(Code::unavailable, fmt::format("{} did not end within {}", m_subprocess.program,
                                                   base::format_duration(m_subprocess.patience)));
    }

    const Subprocess& m_subprocess;
    const Child& m_child;
    Descriptor& m_out;
    Descriptor& m_err;
    std::string m_output, m_errors;
};

}  // namespace

SubprocessResult run_subprocess(const Subprocess& subprocess, std::stop_token stop) {
    Pipe out, err;
    Descriptor in;
    if (!subprocess.input.empty()) hold(in, subprocess.input);
    SpawnPlan plan(subprocess.terminal, in.get(), out.write_end.get(), err.write_end.get());
    Child child(plan.start(subprocess), subprocess.terminal);
    out.write_end.reset();
    err.write_end.reset();
    Listener listener(subprocess, child, out, err);
    listener.run(std::move(stop));
    return {child.wait(), listener.output(), listener.errors()};
}

std::optional<std::string> find_program(std::string_view command, std::string_view search_path) {
    for (const std::string_view folder : base::split(search_path, ':')) {
        if (!folder.starts_with('/')) continue;
        std::string path = std::string(folder) + "/" + std::string(command);
        struct stat status {};
        if (stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && access(path.c_str(), X_OK) == 0) return path;
    }
    return std::nullopt;
}

}  // namespace gitops::io
