#include "cli/output/status_line.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "cli/globals.hpp"
#include "cli/output/terminal.hpp"
#include "core/base/error.hpp"
#include "tests/support/temp_dir.hpp"

using namespace gitops::cli;
using gitops::base::Event;
using gitops::base::Level;

namespace {

/// While it lives, a standard stream is a file.
class Redirected {
  public:
    Redirected(int stream, const std::string& path) : m_stream(stream), m_saved(dup(stream)) {
        const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        dup2(file, stream);
        close(file);
    }
    ~Redirected() {
        dup2(m_saved, m_stream);
        close(m_saved);
    }
    Redirected(const Redirected&) = delete;
    Redirected& operator=(const Redirected&) = delete;

  private:
    int m_stream;
    int m_saved;
};

std::string told(const Globals& globals) {
    const gitops::test::TempDir dir;
    {
        const Redirected redirected(STDERR_FILENO, dir / "err");
        Terminal terminal("never");
        const auto sink = make_event_sink(terminal, globals);
        sink->emit({Level::debug, "cache", "repo", "is fresh", {}});
        sink->emit({Level::info, "apply", "apps/Deployment web", "created\nfrom https://u:secret@host/x", {{"wave", "0"}}});
        sink->emit({Level::warning, "retry", "", "push was rejected\x1b[2J", {}});
    }
    return dir.read("err");
}

std::string without_times(std::string text) {
    for (auto at = text.find("\"time\":\""); at != std::string::npos; at = text.find("\"time\":\"", at + 1)) {
        text.erase(at + 8, text.find('"', at + 8) - at - 8);
    }
    return text;
}

}  // namespace

TEST_CASE("without a terminal there is one plain line per event") {
    CHECK(told(Globals{}) ==
          "apps/Deployment web: created from https://***@host/x\n"
          "warning: push was rejected?[2J\n");
    Globals verbose;
    verbose.verbose = true;
    CHECK(told(verbose) ==
          "repo: is fresh\n"
          "apps/Deployment web: created from https://***@host/x\n"
          "warning: push was rejected?[2J\n");
}

TEST_CASE("quiet leaves the warnings") {
    Globals quiet;
    quiet.quiet = true;
    CHECK(told(quiet) == "warning: push was rejected?[2J\n");
}

TEST_CASE("progress as JSON is one object per line") {
    Globals json;
    json.progress = "json";
    CHECK(without_times(told(json)) ==
          R"({"time":"","level":"info","kind":"apply","subject":"apps/Deployment web","message":"created\nfrom https://***@host/x","fields":{"wave":"0"}})"
          "\n"
          R"({"time":"","level":"warning","kind":"retry","subject":"","message":"push was rejected\u001b[2J","fields":{}})"
          "\n");
}

TEST_CASE("an answer that cannot be written is an error") {
    std::string message;
    {
        const Redirected full(STDOUT_FILENO, "/dev/full");
        Terminal terminal("never");
        terminal.print("x");
        try {
            terminal.flush();
        } catch (const gitops::base::Error& error) {
            message = error.message();
        }
    }
    CHECK(message == "cannot write to standard output: No space left on device");
}
