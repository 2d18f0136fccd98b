#include "core/io/credential_helper.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string_view>
#include <vector>

#include "core/base/text.hpp"

namespace gitops::io {

namespace {

constexpr int k_patience_ms = 30'000;
constexpr std::size_t k_longest_answer = 64 << 10;

/// The child's environment: ours, but with nothing that asks a person.
std::vector<char*> quiet_environment() {
    static const std::array<std::string, 3> k_quiet = {"GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "SSH_ASKPASS="};
    std::vector<char*> variables;
    for (char** entry = environ; *entry; ++entry) {
        std::string_view text = *entry;
        bool replaced = false;
        for (const std::string& quiet : k_quiet) replaced |= text.starts_with(quiet.substr(0, quiet.find('=') + 1));
        if (!replaced) variables.push_back(*entry);
    }
    for (const std::string& quiet : k_quiet) variables.push_back(const_cast<char*>(quiet.c_str()));
    variables.push_back(nullptr);
    return variables;
}

/// Starts git with `socket` as its input and output; -1 when it cannot be.
pid_t start(int socket) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, socket, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, socket, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    std::array<std::string, 5> words = {"git", "-c", "core.askPass=", "credential", "fill"};
    std::array<char*, 6> arguments{};
    for (std::size_t i = 0; i < words.size(); ++i) arguments[i] = words[i].data();
    std::vector<char*> variables = quiet_environment();
    pid_t child = -1;
    if (posix_spawnp(&child, "git", &actions, nullptr, arguments.data(), variables.data()) != 0) child = -1;
    posix_spawn_file_actions_destroy(&actions);
    return child;
}

/// Everything the child says until it closes its end; nullopt when it says too much or is silent for too long.
std::optional<std::string> hear(int socket) {
    std::string answer;
    std::array<char, 4096> buffer{};
    while (answer.size() < k_longest_answer) {
        pollfd wait{socket, POLLIN, 0};
        if (poll(&wait, 1, k_patience_ms) <= 0) return std::nullopt;
        ssize_t count = read(socket, buffer.data(), buffer.size());
        if (count <= 0) return answer;
        answer.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return std::nullopt;
}

std::optional<UserPassword> parse(std::string_view answer) {
    UserPassword found;
    for (std::string_view line : base::split(answer, '\n')) {
        if (line.starts_with("username=")) found.username = line.substr(9);
        if (line.starts_with("password=")) found.password = line.substr(9);
    }
    return found.password.empty() ? std::nullopt : std::optional(found);
}

}  // namespace

std::optional<UserPassword> ask_credential_helper(const CredentialQuestion& question) {
    std::string text = "protocol=" + question.protocol + "\nhost=" + question.host + "\n";
    if (!question.path.empty()) text += "path=" + question.path + "\n";
    if (!question.username.empty()) text += "username=" + question.username + "\n";
    text += "\n";

    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return std::nullopt;
    pid_t child = start(ends[1]);
    close(ends[1]);
    std::optional<std::string> answer;
    if (child > 0) {
        // A socket and not a pipe: a child that is already gone must not end this process with SIGPIPE.
        if (send(ends[0], text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size())) {
            shutdown(ends[0], SHUT_WR);
            answer = hear(ends[0]);
        }
        if (!answer) kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
    }
    close(ends[0]);
    return answer ? parse(*answer) : std::nullopt;
}

}  // namespace gitops::io
