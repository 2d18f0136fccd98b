#include "tests/support/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace gitops::test {

namespace {

std::string slurp(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void redirect(const std::string& path, int target) {
    int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file >= 0) dup2(file, target);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (auto& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

}  // namespace

Process::Process(const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment,
                 const std::string& directory, const std::string& output_prefix)
    : m_output_prefix(output_prefix) {
    auto words = arguments;
    std::vector<std::string> settings;
    for (const auto& [name, value] : environment) settings.push_back(name + "=" + value);
    auto argv = pointers(words);
    auto envp = pointers(settings);
    m_pid = fork();
    if (m_pid < 0) throw std::runtime_error("fork failed");
    if (m_pid > 0) return;
    redirect("/dev/null", STDIN_FILENO);
    redirect(m_output_prefix + ".out", STDOUT_FILENO);
    redirect(m_output_prefix + ".err", STDERR_FILENO);
    if (chdir(directory.c_str()) == 0) execvpe(argv[0], argv.data(), envp.data());
    _exit(127);
}

Process::~Process() {
    if (m_pid <= 0) return;
    kill_hard();
    waitpid(m_pid, nullptr, 0);
}

void Process::kill_hard() const { signal(SIGKILL); }

void Process::signal(int number) const {
    if (m_pid > 0) ::kill(m_pid, number);
}

ProcessResult Process::wait() {
    int status = 0;
    waitpid(m_pid, &status, 0);
    m_pid = -1;
    ProcessResult result;
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    result.out = slurp(m_output_prefix + ".out");
    result.err = slurp(m_output_prefix + ".err");
    return result;
}

}  // namespace gitops::test
