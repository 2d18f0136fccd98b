#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "core/io/git_write.hpp"
#include "tests/unit/io/git_setup.hpp"
#include "tests/unit/io/thrown.hpp"

using namespace gitops;
using base::Code;
using io::Publish;
using test::RepoKind;
using test::Setup;
using test::TestRepo;
using test::thrown;

namespace fs = std::filesystem;

namespace {

const io::Signature k_ada{"Ada", "ada@example.com", 1'800'000'000, 0};

std::string only_cache(const Setup& setup) {
    for (const auto& entry : fs::directory_iterator(setup.dir / "repos"))
        if (entry.path().extension() == ".git") return entry.path().string();
    return {};
}

}  // namespace

TEST_CASE("a cache follows its remote: new commits, moved tags, removed branches, another HEAD") {
    Setup setup;
    std::string first = setup.origin.commit({{"a", "1"}});
    setup.origin.tag("stable", first);
    setup.origin.branch("old", first);
    auto repo = setup.remote();
    CHECK(repo->remote().kind == io::RemoteKind::network);
    CHECK_FALSE(repo->has_work_tree());
    CHECK(repo->default_branch() == "main");

    std::string second = setup.origin.commit({{"a", "2"}});
    setup.origin.tag("stable", second);
    setup.origin.delete_branch("old");
    setup.origin.branch("next", second);
    setup.origin.set_head("next");
    repo->fetch();  // the clone was a moment ago: this one is spared
    CHECK(repo->resolve("main").sha == first);
    repo->fetch();
    CHECK(repo->resolve("main").sha == second);
    CHECK(repo->resolve("stable").sha == second);
    CHECK(repo->branches() == std::vector<std::string>{"main", "next"});
    CHECK(repo->default_branch() == "next");
    CHECK(repo->tree(second)->read("a") == "2");
    CHECK(io::check_remote(setup.options("file://" + setup.origin.path())) == 3);
    CHECK(io::check_remote(setup.options(setup.origin.path())) == 3);
}

TEST_CASE("a branch may become a folder of branches, and back") {
    Setup setup;
    std::string sha = setup.origin.commit({{"a", "1"}});
    setup.origin.branch("release", sha);
    setup.remote();
    auto repo = setup.remote();
    setup.origin.delete_branch("release");
    setup.origin.branch("release/1", sha);
    repo->fetch();
    CHECK(repo->branches() == std::vector<std::string>{"main", "release/1"});
    setup.origin.delete_branch("release/1");
    setup.origin.branch("release", sha);
    repo->fetch();
    CHECK(repo->branches() == std::vector<std::string>{"main", "release"});
}

TEST_CASE("a repository of another user is refused with the way out") {
    if (geteuid() != 0) return;  // only root can give a folder away
    Setup setup;
    setup.origin.commit({{"a", "1"}});
    REQUIRE(chown(setup.origin.path().c_str(), 12345, 12345) == 0);
    base::Error error = thrown([&] { setup.local(); });
    CHECK(error.message() == setup.origin.path() + " belongs to another user");
    CHECK(error.code() == Code::denied);
    CHECK(error.hint_text() == "if you trust it: git config --global --add safe.directory " + setup.origin.path());
    CHECK(thrown([&] { setup.remote(); }).message() == "the repository file://" + setup.origin.path() + " belongs to another user");
}

TEST_CASE("a forced push is followed") {
    Setup setup;
    std::string first = setup.origin.commit({{"a", "1"}});
    std::string lost = setup.origin.commit({{"a", "2"}});
    setup.remote();
    setup.origin.branch("main", first);
    std::string other = setup.origin.commit({{"a", "3"}});
    auto repo = setup.remote();
    repo->fetch();
    CHECK(repo->resolve("main").sha == other);
    CHECK(repo->resolve(lost).sha == lost);  // what was deployed can still be read
}

TEST_CASE("a fetch with nothing new touches nothing; one with news clears what a killed process left") {
    Setup setup;
    setup.origin.commit({{"a", "1"}});
    setup.remote();
    std::string lock = only_cache(setup) + "/refs/heads/main.lock";
    setup.dir.write(lock.substr(setup.dir.path().size() + 1), "");
    auto repo = setup.remote();
    repo->fetch();
    CHECK(fs::exists(lock));
    std::string second = setup.origin.commit({{"a", "2"}});
    repo->fetch();
    CHECK_FALSE(fs::exists(lock));
    CHECK(repo->resolve("main").sha == second);
}

TEST_CASE("a clone that was killed half-way is made anew") {
    Setup setup;
    std::string sha = setup.origin.commit({{"a", "1"}});
    setup.remote();
    std::string cache = only_cache(setup);
    fs::rename(cache, cache + ".unfinished");
    fs::remove(cache + ".unfinished/HEAD");
    SECTION("before its folder had its name") {}
    SECTION("with a folder that is no repository") { fs::create_directories(cache + "/objects"); }
    CHECK(setup.remote()->resolve("main").sha == sha);
    CHECK_FALSE(fs::exists(cache + ".unfinished"));
}

TEST_CASE("many at once clone and fetch one cache") {
    Setup setup;
    setup.origin.commit({{"a", "1"}, {"dir/b", "1"}});
    std::string tip;
    std::vector<std::string> seen(8);
    {
        std::vector<std::jthread> threads;
        for (std::string& mine : seen)
            threads.emplace_back([&] {
                auto repo = setup.remote();
                repo->fetch();
                mine = repo->tree(repo->resolve("main").sha)->read("dir/b");
            });
    }
    CHECK(seen == std::vector<std::string>(8, "1"));
}

TEST_CASE("many at once read one tree") {
    Setup setup;
    for (int i = 0; i < 50; ++i) setup.origin.write("dir" + std::to_string(i % 5) + "/f" + std::to_string(i), std::to_string(i));
    auto repo = setup.local();
    auto tree = repo->tree(setup.origin.commit());
    std::vector<int> good(4);
    {
        std::vector<std::jthread> threads;
        for (int& count : good)
            threads.emplace_back([&] {
                for (int i = 0; i < 50; ++i)
                    count += tree->read("dir" + std::to_string(i % 5) + "/f" + std::to_string(i)) == std::to_string(i);
            });
    }
    CHECK(good == std::vector<int>(4, 50));
}

TEST_CASE("a push is accepted, and refused when somebody else was first") {
    Setup setup;
    std::string first = setup.origin.commit({{"a", "1"}});
    std::string second = setup.origin.commit({{"a", "2"}});
    auto repo = setup.remote();
    std::string undo = io::commit_restoring(*repo, second, first, {"a"}, k_ada, "undo");
    std::string theirs = setup.origin.commit({{"b", "1"}});
    CHECK(io::publish(*repo, "main", second, undo) == Publish::rejected);
    CHECK(setup.origin.tip() == theirs);
    CHECK(repo->resolve("main").sha == second);

    repo->fetch();  // spared after the clone
    repo->fetch();
    undo = io::commit_restoring(*repo, theirs, first, {"a"}, k_ada, "undo");
    CHECK(io::publish(*repo, "main", theirs, undo) == Publish::pushed);
    CHECK(setup.origin.tip() == undo);
    CHECK(setup.origin.text(undo, "b") == "1");
    CHECK(repo->resolve("main").sha == undo);  // without a fetch
}

TEST_CASE("of many pushes at once none is lost") {
    Setup setup;
    std::string start = setup.origin.commit({{"a", "1"}});
    constexpr int k_pushers = 4, k_pushes = 5;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < k_pushers; ++t)
            threads.emplace_back([&, t] {
                // Every pusher has a cache of its own, as on different machines.
                io::GitOptions options = setup.options("file://" + setup.origin.path());
                options.cache_root += std::to_string(t);
                auto repo = io::open_repo(options);
                for (int done = 0; done < k_pushes;) {
                    repo->fetch();
                    std::string tip = repo->resolve("main").sha;
                    std::string text = std::to_string(t) + "." + std::to_string(done);
                    // Any commit that changes something: take a file away, bring it back.
                    bool there = repo->tree(tip)->kind("a").has_value();
                    std::string from = there ? io::commit_restoring(*repo, tip, tip, {""}, k_ada, text) : start;
                    std::string made = there ? io::commit_reverting(*repo, tip, tip, k_ada, text)
                                             : io::commit_restoring(*repo, tip, start, {"a"}, k_ada, text);
                    if (io::publish(*repo, "main", tip, made) == Publish::pushed) ++done;
                }
            });
    }
    std::vector<std::string> messages;
    auto repo = setup.local();
    for (const io::Commit& commit : repo->log(setup.origin.tip(), 1000)) messages.push_back(commit.message);
    CHECK(messages.size() == 1 + k_pushers * k_pushes);
    std::sort(messages.begin(), messages.end());
    CHECK(std::unique(messages.begin(), messages.end()) == messages.end());
}

TEST_CASE("pushing to a file:// repository that has the branch checked out is refused") {
    Setup setup(RepoKind::work_tree);
    std::string first = setup.origin.commit({{"a", "1"}});
    std::string second = setup.origin.commit({{"a", "2"}});
    auto repo = setup.remote();
    std::string undo = io::commit_restoring(*repo, second, first, {"a"}, k_ada, "undo");
    base::Error error = thrown([&] { io::publish(*repo, "main", second, undo); });
    CHECK(error.code() == Code::denied);
    CHECK(error.message() == "file://" + setup.origin.path() + " has the branch checked out in its work tree");
    CHECK(error.hint_text() == "register the repository by its path instead of file://, or push to a bare one");
    CHECK(setup.origin.tip() == second);
}

TEST_CASE("a push to file:// does not pass by a hook that could decline it") {
    Setup setup;
    std::string first = setup.origin.commit({{"a", "1"}});
    std::string second = setup.origin.commit({{"a", "2"}});
    auto repo = setup.remote();
    std::string undo = io::commit_restoring(*repo, second, first, {"a"}, k_ada, "undo");
    std::string name = GENERATE("pre-receive", "update", "reference-transaction");
    std::string folder = GENERATE("hooks", "elsewhere");
    if (folder == "elsewhere")
        setup.dir.write("origin/config", setup.dir.read("origin/config") + "[core]\n\thooksPath = elsewhere\n");
    std::string hook = setup.dir.write("origin/" + folder + "/" + name, "#!/bin/sh\ntouch " + (setup.dir / "ran") + "\nexit 1\n");
    fs::permissions(hook, fs::perms::owner_all);
    auto refused = [&](const base::Error& error) {
        CHECK(error.code() == Code::denied);
        CHECK(error.message() == "file://" + setup.origin.path() + " has a " + name + " hook, which only git itself runs");
        CHECK(error.hint_text() == "register the repository over ssh://, or push the commit with git; nothing was changed");
    };
    refused(thrown([&] { io::publish(*repo, "main", second, undo); }));
    refused(thrown([&] { io::add_note(*repo, second, "x", k_ada); }));
    CHECK(setup.origin.tip() == second);
    CHECK_FALSE(setup.dir.exists("ran"));

    // Git passes a hook by that may not be executed.
    fs::permissions(hook, fs::perms::owner_read);
    CHECK(io::publish(*repo, "main", second, undo) == Publish::pushed);
    CHECK(setup.origin.tip() == undo);
}

TEST_CASE("a hook does not decide about commits to a repository that is opened by its path") {
    Setup setup;
    std::string first = setup.origin.commit({{"a", "1"}});
    std::string second = setup.origin.commit({{"a", "2"}});
    fs::permissions(setup.dir.write("origin/hooks/pre-receive", "#!/bin/sh\nexit 1\n"), fs::perms::owner_all);
    auto repo = setup.local();
    std::string undo = io::commit_restoring(*repo, second, first, {"a"}, k_ada, "undo");
    CHECK(io::publish(*repo, "main", second, undo) == Publish::moved);
}

TEST_CASE("a remote that is not there") {
    Setup setup;
    std::string url = "file://" + (setup.dir / "missing.git");
    for (int attempt = 0; attempt < 2; ++attempt) {
        base::Error error = thrown([&] { io::open_repo(setup.options(url)); });
        CHECK(error.message() == "the repository " + url + " does not exist");
        CHECK(error.code() == Code::not_found);
    }
    CHECK(only_cache(setup).empty());
}
