#include "cli/editor.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "cli/env.hpp"
#include "cli/input.hpp"
#include "cli/output/manifest_files.hpp"
#include "core/base/error.hpp"

extern char** environ;

namespace gitops::cli {

namespace {

using base::Code;
using base::Error;

std::string editor_command() {
    for (const char* name : {"KUBE_EDITOR", "VISUAL", "EDITOR"}) {
        if (std::string command = Env::variable(name); !command.empty()) return command;
    }
    return "vi";
}

class TemporaryFile {
  public:
    explicit TemporaryFile(const std::string& text)
        : m_path((std::filesystem::temp_directory_path() / "gitopsctl-XXXXXX.yaml").string()) {
        const int descriptor = mkstemps(m_path.data(), 5);
        if (descriptor < 0)
            throw Error(Code::unavailable, std::string("cannot make a temporary file: ") + std::strerror(errno));
        close(descriptor);
        write_file(m_path, text);
    }
    ~TemporaryFile() {
        if (m_kept) return;
        std::error_code ignored;
        std::filesystem::remove(m_path, ignored);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    const std::string& path() const { return m_path; }
    void keep() { m_kept = true; }

  private:
    std::string m_path;
    bool m_kept = false;
};

void run_editor(const std::string& command, const std::string& path) {
    // The variable holds a command line, so a shell has to read it; the path is handed over as an argument.
    std::string script = command + " \"$1\"";
    std::array<std::string, 5> words{"sh", "-c", script, "sh", path};
    std::array<char*, 6> arguments{};
    for (std::size_t i = 0; i < words.size(); ++i) arguments[i] = words[i].data();
    pid_t child = 0;
    int status = posix_spawn(&child, "/bin/sh", nullptr, nullptr, arguments.data(), environ);
    if (status != 0)
        throw Error(Code::unavailable, "cannot run the editor '" + command + "': " + std::strerror(status));
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        throw Error(Code::unavailable, "the editor '" + command + "' failed; nothing was changed")
            .hint("set EDITOR to a command that works");
    }
}

}  // namespace

void edit_text(const std::string& text, const std::function<void(const std::string&)>& use) {
    TemporaryFile file(text);
    run_editor(editor_command(), file.path());
    try {
        use(read_input(file.path()));
    } catch (Error& error) {
        file.keep();
        error.note("your edits are kept in " + file.path());
        throw;
    }
}

}  // namespace gitops::cli
