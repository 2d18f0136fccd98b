#include <catch2/catch.hpp>

#include "core/io/git.hpp"
#include "tests/unit/io/git_setup.hpp"
#include "tests/unit/io/thrown.hpp"

using namespace gitops;
using base::Code;
using test::Setup;
using test::TempDir;
using test::TestRepo;
using test::thrown;

TEST_CASE("a revision is found by branch, tag, SHA, HEAD or a range of versions") {
    Setup setup;
    std::string first = setup.origin.commit({{"a", "1"}}, "first\n\nbody");
    setup.origin.tag("v1.2.0", first);
    std::string second = setup.origin.commit({{"a", "2"}}, "second");
    setup.origin.annotated_tag("v1.3.0", second);
    setup.origin.tag("v2.0.0-rc.1", second);
    setup.origin.branch("feature/x", first);
    auto repo = GENERATE(true, false) ? setup.local() : setup.remote();

    const std::tuple<std::string, std::string, std::string> rows[] = {
        {"main", second, "main"},        {"feature/x", first, "feature/x"},   {"v1.2.0", first, "v1.2.0"},
        {"v1.3.0", second, "v1.3.0"},    {"HEAD", second, "HEAD"},            {"", second, "HEAD"},
        {first, first, first},           {first.substr(0, 8), first, first},  {"refs/heads/main", second, "main"},
        {"refs/tags/v1.2.0", first, "v1.2.0"}, {"1.2.*", first, "v1.2.0"},    {">=1.0 <2", second, "v1.3.0"},
        {"^1.0", second, "v1.3.0"},      {"~1.2", first, "v1.2.0"},
    };
    for (const auto& [asked, sha, ref] : rows) {
        INFO(asked);
        base::Revision found = repo->resolve(asked);
        CHECK(found.sha == sha);
        CHECK(found.ref == ref);
    }
    base::Revision found = repo->resolve(first);
    CHECK(found.author == "Test <test@example.com>");
    CHECK(found.subject == "first");
    CHECK(found.committed_at == 1'700'000'000);
    CHECK(repo->branches() == std::vector<std::string>{"feature/x", "main"});
    CHECK(repo->tags() == std::vector<std::string>{"v1.2.0", "v1.3.0", "v2.0.0-rc.1"});
    CHECK(repo->default_branch() == "main");
}

TEST_CASE("a revision that is not there says what is") {
    Setup setup;
    std::string sha = setup.origin.commit({{"a", "1"}});
    setup.origin.tag("v1.2.0", sha);
    auto repo = setup.local();
    std::string name = "the repository " + setup.origin.path();

    base::Error branch = thrown([&] { repo->resolve("mainn"); });
    CHECK(branch.message() == name + " has no branch, tag or commit 'mainn'");
    CHECK(branch.code() == Code::not_found);
    CHECK(branch.suggestions() == std::vector<std::string>{"main"});

    base::Error commit = thrown([&] { repo->resolve(std::string(40, 'a')); });
    CHECK(commit.message() == name + " has no commit '" + std::string(40, 'a') + "'");
    CHECK(commit.code() == Code::not_found);

    base::Error range = thrown([&] { repo->resolve(">=2"); });
    CHECK(range.message() == "no tag of " + name + " is a version within '>=2'");
    CHECK(range.code() == Code::not_found);

    CHECK(thrown([&] { repo->resolve("--upload-pack=x"); }).code() == Code::invalid);
    CHECK(thrown([&] { repo->resolve("main:a"); }).code() == Code::invalid);
    CHECK(thrown([&] { repo->commit("not a sha"); }).message() == "'not a sha' is not a full commit SHA");
}

TEST_CASE("an empty repository says that it is empty") {
    Setup setup;
    auto repo = GENERATE(true, false) ? setup.local() : setup.remote();
    base::Error error = thrown([&] { repo->resolve("main"); });
    CHECK(error.message() == "the repository " + repo->remote().url + " is empty: it has no commits");
    CHECK(error.hint_text() == "push a first commit to it");
    CHECK(error.code() == Code::not_found);
    CHECK_FALSE(repo->default_branch());
    repo->fetch();  // nothing to get is no failure

    std::string sha = setup.origin.commit({{"a", "1"}});
    repo->fetch();
    CHECK(repo->resolve("HEAD").sha == sha);
}

TEST_CASE("a path that is no repository, and one above which there is a repository") {
    TempDir dir;
    TestRepo repo(dir / "work", test::RepoKind::work_tree);
    repo.commit({{"sub/a", "1"}});
    io::GitOptions options;
    for (std::string name : {"missing", "work/sub"}) {
        options.url = dir / name;
        base::Error error = thrown([&] { io::open_repo(options); });
        CHECK(error.message() == options.url + " is not a Git repository");
        CHECK(error.code() == Code::not_found);
    }
    options.url = dir / "work";
    CHECK(io::open_repo(options)->has_work_tree());
}

TEST_CASE("files are read from the commit, whatever the work tree holds") {
    Setup setup;
    std::string old = setup.origin.commit({{"base/deploy.yaml", "replicas: 1\n"}, {"base-x", "x"}, {"README", "hi"}});
    setup.origin.write("base/deploy.yaml", "replicas: 2\n").remove("README").commit();
    auto repo = setup.local();
    auto tree = repo->tree(old);
    CHECK(tree->read("base/deploy.yaml") == "replicas: 1\n");
    CHECK(repo->tree(repo->resolve("main").sha)->read("base/deploy.yaml") == "replicas: 2\n");

    std::vector<std::string> names;
    for (const auto& entry : tree->list("")) names.push_back(entry.name);
    CHECK(names == std::vector<std::string>{"README", "base", "base-x"});
    CHECK(tree->kind("base") == base::EntryKind::directory);
    CHECK(tree->kind("base/deploy.yaml") == base::EntryKind::file);
    CHECK_FALSE(tree->kind("base/missing"));
    CHECK_FALSE(tree->kind("README/x"));
    CHECK(tree->content_id("base") != repo->tree(repo->resolve("main").sha)->content_id("base"));
    CHECK(tree->content_id("base-x") == repo->tree(repo->resolve("main").sha)->content_id("base-x"));
    CHECK_FALSE(tree->content_id("missing"));

    CHECK(thrown([&] { tree->read("missing"); }).message() == "file missing does not exist");
    CHECK(thrown([&] { tree->read("base"); }).message() == "base is a directory, not a file");
    CHECK(thrown([&] { tree->list("README"); }).message() == "directory README does not exist");
    CHECK(thrown([&] { tree->read("../etc/passwd"); }).code() == Code::denied);
}

TEST_CASE("links are followed inside the tree and refused when they leave it") {
    Setup setup;
    std::string sha = setup.origin.write("base/a", "text")
                          .symlink("overlay/link", "../base")
                          .symlink("overlay/file", "../base/a")
                          .symlink("chain", "overlay/link/a")
                          .symlink("dangling", "nowhere")
                          .symlink("up", "../outside")
                          .symlink("deep/up", "../base/../../outside")
                          .symlink("root", "/etc/passwd")
                          .symlink("loop", "loop2")
                          .symlink("loop2", "loop")
                          .submodule("module", std::string(40, '1'))
                          .commit();
    auto tree = setup.local()->tree(sha);
    CHECK(tree->read("overlay/link/a") == "text");
    CHECK(tree->read("overlay/file") == "text");
    CHECK(tree->read("chain") == "text");
    CHECK(tree->resolve("chain") == "base/a");
    CHECK(tree->kind("overlay/link") == base::EntryKind::directory);
    CHECK_FALSE(tree->kind("dangling"));
    CHECK(tree->kind("module") == base::EntryKind::submodule);
    std::vector<base::EntryKind> kinds;
    for (const auto& entry : tree->list("overlay")) kinds.push_back(entry.kind);
    CHECK(kinds == std::vector<base::EntryKind>{base::EntryKind::symlink, base::EntryKind::symlink});

    const std::pair<std::string, std::string> refused[] = {
        {"up", "up is outside of the tree: the symbolic link up leaves it"},
        {"up/x", "up/x is outside of the tree: the symbolic link up leaves it"},
        {"deep/up", "deep/up is outside of the tree: the symbolic link deep/up leaves it"},
        {"root", "root is outside of the tree: the symbolic link root leaves it"},
        {"loop", "loop has too many symbolic links in it"},
        {"module", "module is a submodule, whose files are not read"},
    };
    for (const auto& [path, message] : refused) {
        base::Error error = thrown([&] { tree->read(path); });
        CHECK(error.message() == message);
        CHECK(error.code() == Code::denied);
    }
}

TEST_CASE("history, ancestors and changed paths") {
    Setup setup;
    std::string first = setup.origin.commit({{"a", "1"}, {"dir/b", "1"}, {"c", "1"}}, "first");
    std::string side = setup.origin.commit({{"s", "1"}}, "side", "side");
    std::string second = setup.origin.write("a", "2").remove("c").commit("second");
    std::string third = setup.origin.merge(side, second);
    auto repo = setup.local();

    std::vector<std::string> shas;
    for (const io::Commit& commit : repo->log(third, 10)) shas.push_back(commit.sha);
    CHECK(shas == std::vector<std::string>{third, second, side, first});
    shas.clear();
    for (const io::Commit& commit : repo->log(third, 10, second)) shas.push_back(commit.sha);
    CHECK(shas == std::vector<std::string>{third, side});
    CHECK(repo->log(third, 1).size() == 1);

    io::Commit merge = repo->commit(third);
    CHECK(merge.parents == std::vector<std::string>{second, side});
    CHECK(merge.message == "merge");
    CHECK(merge.author_name == "Test");
    CHECK(merge.author_mail == "test@example.com");

    CHECK(repo->is_ancestor(first, third));
    CHECK(repo->is_ancestor(third, third));
    CHECK_FALSE(repo->is_ancestor(third, first));
    CHECK_FALSE(repo->is_ancestor(second, side));
    CHECK(repo->changed_paths(first, second) == std::vector<std::string>{"a", "c"});
    CHECK(repo->changed_paths(first, first).empty());
}
