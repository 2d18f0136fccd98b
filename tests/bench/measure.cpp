// Times whole commands: `bench_measure TITLE RUNS [--before CMD] -- CMD [--vs CMD]`. Commands are given to sh, but for
// plain words: those are run at once, and what they print is dropped, as a shell costs more than a small build. Prints
// the median wall time, CPU time and peak memory, and against a second command the ratio of the medians.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

struct Run {
    double wall_ms = 0, cpu_ms = 0, peak_mb = 0;
    int status = 0;
};

double to_ms(const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
}

bool is_plain(const std::string& command) { return command.find_first_of("|&;<>()$`\\\"'*?[]#~=%!{}\n") == std::string::npos; }

[[noreturn]] void run_plain(std::string command) {
    std::vector<char*> words;
    for (char* word = std::strtok(command.data(), " "); word != nullptr; word = std::strtok(nullptr, " ")) words.push_back(word);
    words.push_back(nullptr);
    dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
    execv(words[0], words.data());
    _exit(127);
}

Run run(const std::string& command) {
    auto start = std::chrono::steady_clock::now();
    pid_t pid = fork();
    if (pid == 0) {
        if (is_plain(command) && command.front() == '/') run_plain(command);
        std::string line = "exec " + command;
        execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
        _exit(127);
    }
    rusage usage{};
    int status = 0;
    wait4(pid, &status, 0, &usage);
    auto wall = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start);
    return {wall.count(), to_ms(usage.ru_utime) + to_ms(usage.ru_stime), static_cast<double>(usage.ru_maxrss) / 1024,
            WIFEXITED(status) ? WEXITSTATUS(status) : 128};
}

double median(std::vector<Run> runs, double Run::*figure) {
    std::ranges::sort(runs, {}, figure);
    return runs[runs.size() / 2].*figure;
}

void print(const std::string& title, const std::vector<Run>& runs) {
    std::printf("%-44s %10.1f ms wall %10.1f ms cpu %8.1f MB   exit %d\n", title.c_str(), median(runs, &Run::wall_ms),
                median(runs, &Run::cpu_ms), median(runs, &Run::peak_mb), runs.back().status);
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> words(argv + 1, argv + argc);
    std::string before, command, peer;
    for (std::size_t i = 2; i + 1 < words.size(); ++i) {
        if (words[i] == "--before") before = words[++i];
        else if (words[i] == "--") command = words[++i];
        else if (words[i] == "--vs") peer = words[++i];
    }
    if (command.empty()) {
        std::fprintf(stderr, "usage: bench_measure TITLE RUNS [--before CMD] -- CMD [--vs CMD]\n");
        return 64;
    }
    std::vector<Run> ours, theirs;
    // In turn, so that a machine that slows down slows both.
    for (int i = 0; i < std::max(1, std::atoi(words[1].c_str())); ++i) {
        if (!before.empty() && std::system(before.c_str()) != 0) return 2;
        ours.push_back(run(command));
        if (!peer.empty()) theirs.push_back(run(peer));
    }
    print(words[0], ours);
    if (peer.empty()) return 0;
    print("  peer: " + peer.substr(0, 36), theirs);
    std::printf("  ratio of the medians, ours/peer: %.2f wall, %.2f cpu\n",
                median(ours, &Run::wall_ms) / std::max(0.001, median(theirs, &Run::wall_ms)),
                median(ours, &Run::cpu_ms) / std::max(0.001, median(theirs, &Run::cpu_ms)));
    return 0;
}
