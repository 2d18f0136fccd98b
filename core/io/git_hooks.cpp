#include "core/io/git_hooks.hpp"

#include <fmt/format.h>
#include <git2.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "core/io/git.hpp"
#include "core/io/git_handles.hpp"
#include "core/io/git_library.hpp"

namespace gitops::io {

namespace {

/// The hooks of githooks(5) whose exit code can decline a push.
constexpr std::string_view k_deciding[] = {"pre-receive", "update", "reference-transaction"};

/// core.hooksPath, relative to the git directory, else "hooks" in it.
std::filesystem::path hooks_folder(git_repository* repo) {
    std::filesystem::path folder = git_repository_commondir(repo);
    git_config* made = nullptr;
    check_git(git_repository_config_snapshot(&made, repo), "cannot read the configuration");
    Handle<git_config> config(made);
    git_buf configured = GIT_BUF_INIT;
    int result = git_config_get_path(&configured, made, "core.hooksPath");
    std::string path = result == 0 ? std::string(configured.ptr, configured.size) : "hooks";
    git_buf_dispose(&configured);
    if (result != GIT_ENOTFOUND) check_git(result, "cannot read core.hooksPath");
    return folder / path;
}

}  // namespace

void require_no_deciding_hook(git_repository* target, const RemoteUrl& remote) {
    std::filesystem::path folder = hooks_folder(target);
    for (std::string_view name : k_deciding) {
        std::filesystem::path hook = folder / name;
        std::error_code failed;
        if (!std::filesystem::is_regular_file(hook, failed) || access(hook.c_str(), X_OK) != 0) continue;
        throw base::Error(base::Code::denied, fmt::format("{} has a {} hook, which only git itself runs", remote.url, name))
            .hint("register the repository over ssh://, or push the commit with git; nothing was changed");
    }
}

}  // namespace gitops::io
