#pragma once

#include <memory>
#include <string>

#include "core/io/git.hpp"
#include "tests/support/git_fixture.hpp"
#include "tests/support/temp_dir.hpp"

namespace gitops::test {

/// A repository, and the options to open it by path or by file://.
struct Setup {
    explicit Setup(RepoKind kind = RepoKind::bare) : origin(dir / "origin", kind) {}

    TempDir dir;
    TestRepo origin;

    io::GitOptions options(const std::string& url) const {
        io::GitOptions made;
        made.url = url;
        made.cache_root = dir / "repos";
        made.home = dir.path();
        return made;
    }
    std::unique_ptr<io::GitRepo> local() const { return io::open_repo(options(origin.path())); }
    std::unique_ptr<io::GitRepo> remote() const { return io::open_repo(options("file://" + origin.path())); }
};

}  // namespace gitops::test
