// Runs the case files in cases/: scripts of commands with their whole expected output, answered by the real program.
//
//   test_cli [WORD]...          the cases whose name holds one of the words; without words all
//   GITOPS_REWRITE=1 test_cli   writes what was found into the case files; review it with git diff
//
// A case file:
//
//   # A comment. One case tells one story; the name of the file is the name of the case.
//   @ needs openssl                     skipped where this program is missing
//   --- file repo/app.yaml              a file below the working directory, made when its turn comes
//   kind: ConfigMap
//   --- end
//   $ git init -q repo && git -C repo add . && git -C repo commit -qm first
//   $ gitopsctl app get nothing
//   ! error: application "nothing" does not exist
//   ? 2
//
// "$ " is run by sh (a '\' at the end continues it on the next line), "> " is a line of stdout, "! " of stderr, "? " the
// exit code when it is not 0. Nothing else may be written. Each case has a fresh folder to work in, a fresh HOME and
// GITOPSCTL_HOME, a fixed author and date for Git, TZ=UTC and no terminal; gitopsctl is on PATH. What differs from run
// to run is masked, see masks.hpp: <dir> is the working directory, <home> HOME, <state> GITOPSCTL_HOME, <actor> user@host.
// Cases run in parallel: they must not share anything, and need no sleep (wait with app wait or --timeout).
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <thread>

#include "core/base/workers.hpp"
#include "tests/cli/case_file.hpp"
#include "tests/cli/masks.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace gitops::test {

namespace {

namespace fs = std::filesystem;

constexpr const char* k_longest_step = "120";  // seconds

struct CaseResult {
    std::string failure;  ///< "" when every answer was as expected
    std::string skipped;
    bool rewritten = false;
};

std::string slurp(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

bool on_path(const std::string& tool) {
    std::string folders = variable("PATH") + ":";
    for (auto colon = folders.find(':'); colon != std::string::npos; colon = folders.find(':')) {
        if (access((folders.substr(0, colon) + "/" + tool).c_str(), X_OK) == 0) return true;
        folders.erase(0, colon + 1);
    }
    return false;
}

std::string actor() {
    std::array<char, 256> host{};
    const passwd* user = getpwuid(geteuid());
    if (user == nullptr || gethostname(host.data(), host.size() - 1) != 0) return {};
    return std::string(user->pw_name) + "@" + host.data();
}

/// One case on its way: its folders, and the steps done so far.
class Run {
  public:
    Run() {
        for (const char* folder : {"work", "home", "out"}) fs::create_directory(m_dir / folder);
        m_dir.write("home/.gitconfig", "[init]\n\tdefaultBranch = main\n[advice]\n\tdetachedHead = false\n");
        m_masks = {{m_dir / "work", "<dir>"}, {m_dir / "home", "<home>"}, {m_dir / "state", "<state>"}, {actor(), "<actor>"}};
    }

    void make(const Fixture& fixture) const { m_dir.write("work/" + fixture.name, fixture.text); }

    Answer ask(const Step& step) {
        Process process({"timeout", k_longest_step, "sh", "-c", step.command}, environment(), m_dir / "work",
                        m_dir / "out/step");
        const ProcessResult result = process.wait();
        return {lines_of(masked(result.out, m_masks)), lines_of(masked(result.err, m_masks)), result.status};
    }

  private:
    std::map<std::string, std::string> environment() const {
        const std::string program_folder = fs::path(GITOPSCTL_BINARY).parent_path();
        std::map<std::string, std::string> result{{"PATH", program_folder + ":" + variable("PATH")},
                                                  {"HOME", m_dir / "home"},
                                                  {"GITOPSCTL_HOME", m_dir / "state"},
                                                  {"TMPDIR", m_dir / "out"},
                                                  {"LC_ALL", "C.UTF-8"},
                                                  {"TZ", "UTC"},
                                                  {"TERM", "dumb"},
                                                  {"GIT_CONFIG_NOSYSTEM", "1"},
                                                  {"GIT_TERMINAL_PROMPT", "0"}};
        for (const std::string who : {"AUTHOR", "COMMITTER"}) {
            result["GIT_" + who + "_NAME"] = "Anna Engineer";
            result["GIT_" + who + "_EMAIL"] = "anna@fab.example";
            result["GIT_" + who + "_DATE"] = "2026-01-05T09:00:00+00:00";
        }
        for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS"}) {
            if (!variable(name).empty()) result[name] = variable(name);
        }
        return result;
    }

    TempDir m_dir;
    std::vector<std::pair<std::string, std::string>> m_masks;
};

CaseResult run_case(const fs::path& path, bool rewrites) {
    CaseResult result;
    const std::string text = slurp(path);
    std::vector<Block> blocks = parse_case(text);
    Run run;
    for (Block& block : blocks) {
        if (const auto* need = std::get_if<Need>(&block); need != nullptr && !on_path(need->tool)) {
            result.skipped = need->tool + " is not installed";
            return result;
        }
        if (const auto* fixture = std::get_if<Fixture>(&block)) run.make(*fixture);
        auto* step = std::get_if<Step>(&block);
        if (step == nullptr) continue;
        Answer found = run.ask(*step);
        if (found == step->expected) continue;
        if (rewrites) {
            step->expected = std::move(found);
            continue;
        }
        result.failure += path.filename().string() + ":" + std::to_string(step->line) + ": $ " + step->command + "\n" +
                          difference(step->expected, found);
    }
    const std::string now = write_case(blocks);
    if (rewrites && now != text) {
        std::ofstream(path, std::ios::binary) << now;
        result.rewritten = true;
    }
    return result;
}

CaseResult run_guarded(const fs::path& path, bool rewrites) {
    try {
        return run_case(path, rewrites);
    } catch (const std::exception& error) {
        return {path.filename().string() + ": " + error.what() + "\n", {}, false};
    }
}

std::vector<fs::path> chosen_cases(const std::vector<std::string>& words) {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(fs::path(GITOPS_SOURCE_DIR) / "tests/cli/cases")) {
        const std::string name = entry.path().stem();
        const bool is_wanted = words.empty() || std::any_of(words.begin(), words.end(), [&](const std::string& word) {
                                   return name.find(word) != std::string::npos;
                               });
        if (entry.path().extension() == ".case" && is_wanted) paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

}  // namespace

int run_cases(const std::vector<std::string>& words) {
    const auto paths = chosen_cases(words);
    const bool rewrites = !variable("GITOPS_REWRITE").empty();
    const int jobs = static_cast<int>(std::max(2U, std::thread::hardware_concurrency()));
    const auto results =
        base::parallel_map<CaseResult>(paths, jobs, [&](const fs::path& path) { return run_guarded(path, rewrites); });

    int passed = 0;
    int failed = 0;
    int skipped = 0;
    for (std::size_t i = 0; i < results.size(); ++i) {
        const CaseResult& result = results[i];
        const std::string name = paths[i].stem();
        if (result.rewritten) std::printf("rewritten: %s\n", name.c_str());
        if (!result.skipped.empty()) {
            ++skipped;
            std::printf("skipped: %s: %s\n", name.c_str(), result.skipped.c_str());
        } else if (result.failure.empty()) {
            ++passed;
        } else {
            ++failed;
            std::printf("%s\n", result.failure.c_str());
        }
    }
    std::printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
    return failed == 0 && !paths.empty() ? 0 : 1;
}

}  // namespace gitops::test

int main(int argc, char** argv) { return gitops::test::run_cases({argv + 1, argv + argc}); }
