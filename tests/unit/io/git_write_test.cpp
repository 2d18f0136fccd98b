#include "core/io/git_write.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "tests/unit/io/git_setup.hpp"
#include "tests/unit/io/thrown.hpp"

using namespace gitops;
using base::Code;
using io::Publish;
using test::RepoKind;
using test::Setup;
using test::thrown;

namespace {

const io::Signature k_ada{"Ada", "ada@example.com", 1'800'000'000, 60};

std::vector<std::string> files_of(io::GitRepo& repo, const std::string& sha, const std::string& folder = "") {
    auto tree = repo.tree(sha);
    std::vector<std::string> files;
    for (const auto& entry : tree->list(folder)) {
        std::string path = folder.empty() ? entry.name : folder + "/" + entry.name;
        if (entry.kind == base::EntryKind::directory)
            for (std::string& below : files_of(repo, sha, path)) files.push_back(std::move(below));
        else
            files.push_back(path + "=" + tree->read(path));
    }
    return files;
}

using Files = std::vector<std::string>;

}  // namespace

TEST_CASE("replacing gives files new bytes and leaves the rest, modes included") {
    Setup setup;
    const std::string now = setup.origin.commit({{"base/a", "1"}, {"base/b", "1"}, {"top", "1"}});
    auto repo = setup.local();
    const std::string sha = io::commit_replacing(*repo, now, {{"base/a", "2"}, {"top", "2"}}, k_ada, "bump");
    CHECK(files_of(*repo, sha) == Files{"base/a=2", "base/b=1", "top=2"});
    CHECK(repo->commit(sha).parents == std::vector<std::string>{now});
    CHECK(io::commit_replacing(*repo, now, {{"top", "1"}}, k_ada, "nothing").empty());
    CHECK(thrown([&] { io::commit_replacing(*repo, now, {{"base/none", "1"}}, k_ada, "bump"); }).code() == Code::not_found);
}

TEST_CASE("restoring brings back exactly the named paths") {
    Setup setup;
    std::string old = setup.origin.commit({{"base/a", "1"}, {"base/gone", "1"}, {"overlay/k", "1"}, {"other", "1"}, {"swap/x", "1"}});
    std::string now = setup.origin.write("base/a", "2").remove("base/gone").write("base/new", "2").write("overlay/k", "2")
                          .write("other", "2").remove("swap/x").write("fresh/deep/file", "2").commit();
    auto repo = setup.local();
    struct Row {
        std::vector<std::string> paths;
        Files files;
    };
    const Row rows[] = {
        {{"base"}, {"base/a=1", "base/gone=1", "fresh/deep/file=2", "other=2", "overlay/k=2"}},
        {{"base/a", "overlay"}, {"base/a=1", "base/new=2", "fresh/deep/file=2", "other=2", "overlay/k=1"}},
        {{"base/gone"}, {"base/a=2", "base/gone=1", "base/new=2", "fresh/deep/file=2", "other=2", "overlay/k=2"}},
        {{"fresh/deep/file"}, {"base/a=2", "base/new=2", "other=2", "overlay/k=2"}},
        {{"swap/x", "swap/x"}, {"base/a=2", "base/new=2", "fresh/deep/file=2", "other=2", "overlay/k=2", "swap/x=1"}},
        {{"other/below"}, {}},
        {{"", "base"}, {"base/a=1", "base/gone=1", "other=1", "overlay/k=1", "swap/x=1"}},
        {{}, {}},
    };
    for (const Row& row : rows) {
        std::string sha = io::commit_restoring(*repo, now, old, row.paths, k_ada, "restore");
        if (row.files.empty()) {
            CHECK(sha == "");
            continue;
        }
        CHECK(files_of(*repo, sha) == row.files);
        io::Commit commit = repo->commit(sha);
        CHECK(commit.parents == std::vector<std::string>{now});
        CHECK(commit.author_name == "Ada");
        CHECK(commit.author_mail == "ada@example.com");
        CHECK(commit.committed_at == 1'800'000'000);
        CHECK(commit.message == "restore\n");
    }
    CHECK(setup.origin.tip() == now);
}

TEST_CASE("history lists a child before its parent, whatever their clocks said") {
    Setup setup;
    std::string first = setup.origin.commit({{"a", "1"}});
    std::string second = setup.origin.commit({{"a", "2"}});
    auto repo = setup.local();
    std::string third = io::commit_restoring(*repo, second, first, {"a"}, {"Ada", "ada@example.com", 1, 0}, "long ago");
    std::vector<std::string> shas;
    for (const io::Commit& commit : repo->log(third, 3)) shas.push_back(commit.sha);
    CHECK(shas == std::vector<std::string>{third, second, first});
    CHECK(repo->log(third, 1).front().sha == third);
}

TEST_CASE("restoring a file where a folder is now, and the other way round") {
    Setup setup;
    std::string old = setup.origin.commit({{"a", "file"}, {"b/x", "folder"}, {"keep", "1"}});
    setup.origin.remove("a").remove("b/x").commit();
    std::string now = setup.origin.commit({{"a/y", "folder"}, {"b", "file"}});
    auto repo = setup.local();
    std::string sha = io::commit_restoring(*repo, now, old, {"a", "b/x"}, k_ada, "restore");
    CHECK(files_of(*repo, sha) == Files{"a=file", "b/x=folder", "keep=1"});
    CHECK(thrown([&] { io::commit_restoring(*repo, now, old, {"../x"}, k_ada, "m"); }).message() ==
          "'../x' is no path inside the repository");
}

TEST_CASE("reverting undoes one commit and keeps the later ones") {
    Setup setup;
    setup.origin.commit({{"a", "1\n"}, {"b", "1\n"}});
    std::string bad = setup.origin.commit({{"a", "2\n"}, {"new", "x"}});
    std::string tip = setup.origin.commit({{"b", "2\n"}});
    auto repo = setup.local();
    std::string sha = io::commit_reverting(*repo, tip, bad, k_ada, "Revert it");
    CHECK(files_of(*repo, sha) == Files{"a=1\n", "b=2\n"});
    CHECK(repo->commit(sha).parents == std::vector<std::string>{tip});

    base::Error again = thrown([&] { io::commit_reverting(*repo, sha, bad, k_ada, "Revert it"); });
    CHECK(again.code() == Code::invalid);
    CHECK(again.message() ==
          "there is nothing to revert: commit " + bad.substr(0, 10) + " is undone already, or changed no files");
}

TEST_CASE("reverting a merge is relative to its first parent") {
    Setup setup;
    std::string first = setup.origin.commit({{"a", "1"}});
    setup.origin.branch("side", first);
    std::string side = setup.origin.commit({{"s", "1"}}, "side", "side");
    std::string tree = setup.origin.commit({{"a", "1"}, {"s", "1"}}, "tree", "tree");
    std::string merge = setup.origin.merge(side, tree);
    auto repo = setup.local();
    CHECK(files_of(*repo, io::commit_reverting(*repo, merge, merge, k_ada, "m")) == Files{"a=1"});
}

TEST_CASE("a revert merges lines, follows a later rename and respects files in the way") {
    Setup setup;
    std::string text;
    for (int i = 0; i < 40; ++i) text += "line " + std::to_string(i) + "\n";
    auto with = [&](const std::string& from, const std::string& to, std::string of) { return of.replace(of.find(from), from.size(), to); };
    setup.origin.commit({{"dir/f", text}, {"x/y", "1"}});
    std::string bad = setup.origin.commit({{"dir/f", with("line 5\n", "BAD\n", text)}});
    std::string later = with("line 30\n", "GOOD\n", with("line 5\n", "BAD\n", text));
    std::string wanted = with("line 30\n", "GOOD\n", text);
    std::string tip = setup.origin.commit({{"dir/f", later}});
    auto repo = setup.local();
    CHECK(repo->tree(io::commit_reverting(*repo, tip, bad, k_ada, "m"))->read("dir/f") == wanted);

    tip = setup.origin.remove("dir/f").write("moved/g", later).commit();
    std::string sha = io::commit_reverting(*repo, tip, bad, k_ada, "m");
    CHECK(files_of(*repo, sha) == Files{"moved/g=" + wanted, "x/y=1"});

    std::string removal = setup.origin.remove("x/y").commit();
    tip = setup.origin.commit({{"x", "a file now"}});
    base::Error error = thrown([&] { io::commit_reverting(*repo, tip, removal, k_ada, "m"); });
    CHECK(error.code() == Code::conflict);
    CHECK(error.message().starts_with("commit " + removal.substr(0, 10) + " cannot be reverted"));
}

TEST_CASE("a revert that conflicts names the paths and changes nothing") {
    Setup setup;
    setup.origin.commit({{"a", "1\n"}, {"dir/b", "1\n"}});
    std::string bad = setup.origin.commit({{"a", "2\n"}, {"dir/b", "2\n"}});
    std::string tip = setup.origin.commit({{"a", "3\n"}, {"dir/b", "3\n"}});
    auto repo = setup.local();
    base::Error error = thrown([&] { io::commit_reverting(*repo, tip, bad, k_ada, "m"); });
    CHECK(error.code() == Code::conflict);
    CHECK(error.message() == "commit " + bad.substr(0, 10) +
                                 " cannot be reverted: later commits changed the same lines of a, dir/b");
    CHECK(setup.origin.tip() == tip);
}

TEST_CASE("publishing moves a bare local branch, but only from where it was expected") {
    Setup setup;
    std::string first = setup.origin.commit({{"a", "1"}});
    std::string second = setup.origin.commit({{"a", "2"}});
    auto repo = setup.local();
    std::string undo = io::commit_restoring(*repo, second, first, {"a"}, k_ada, "undo");
    std::string third = setup.origin.commit({{"b", "3"}});
    CHECK(io::publish(*repo, "main", second, undo) == Publish::rejected);
    CHECK(setup.origin.tip() == third);
    undo = io::commit_restoring(*repo, third, first, {"a"}, k_ada, "undo");
    CHECK(io::publish(*repo, "main", third, undo) == Publish::moved);
    CHECK(setup.origin.tip() == undo);
    CHECK(files_of(*repo, undo) == Files{"a=1", "b=3"});

    CHECK(io::publish(*repo, "missing", third, undo) == Publish::rejected);
    base::Error error = thrown([&] { io::publish(*repo, "main", undo, first); });
    CHECK(error.message() == "commit " + first.substr(0, 10) + " is not a successor of " + undo.substr(0, 10));
    CHECK(thrown([&] { io::publish(*repo, "--force", third, undo); }).code() == Code::invalid);
}

TEST_CASE("a clean work tree follows its branch and keeps untracked files") {
    Setup setup(RepoKind::work_tree);
    std::string first = setup.origin.commit({{"a", "1"}, {"dir/b", "1"}});
    std::string second = setup.origin.write("a", "2").remove("dir/b").write("c", "2").commit();
    setup.dir.write("origin/untracked", "mine");
    auto repo = setup.local();
    std::string undo = io::commit_restoring(*repo, second, first, {"a", "dir/b", "c"}, k_ada, "undo");
    CHECK(io::publish(*repo, "main", second, undo) == Publish::moved);
    CHECK(setup.origin.tip() == undo);
    CHECK(setup.dir.read("origin/a") == "1");
    CHECK(setup.dir.read("origin/dir/b") == "1");
    CHECK_FALSE(setup.dir.exists("origin/c"));
    CHECK(setup.dir.read("origin/untracked") == "mine");
    // Clean again: the next one goes through.
    std::string redo = io::commit_restoring(*repo, undo, second, {"a"}, k_ada, "redo");
    CHECK(io::publish(*repo, "main", undo, redo) == Publish::moved);
    CHECK(setup.dir.read("origin/a") == "2");
}

TEST_CASE("a work tree with changes is left alone, and so is the branch") {
    Setup setup(RepoKind::work_tree);
    std::string first = setup.origin.commit({{"a", "1"}, {"b", "1"}});
    std::string second = setup.origin.commit({{"a", "2"}});
    auto repo = setup.local();
    std::string undo = io::commit_restoring(*repo, second, first, {"a"}, k_ada, "undo");

    SECTION("a changed file") {
        setup.dir.write("origin/b", "my own work");
        base::Error error = thrown([&] { io::publish(*repo, "main", second, undo); });
        CHECK(error.message() == setup.origin.path() + "/ has changes that are not committed: b");
        CHECK(error.code() == Code::conflict);
        CHECK(error.hint_text() == "commit or stash them first; nothing was changed");
        CHECK(setup.dir.read("origin/b") == "my own work");
    }
    SECTION("a merge under way") {
        setup.dir.write("origin/.git/MERGE_HEAD", first + "\n");
        base::Error error = thrown([&] { io::publish(*repo, "main", second, undo); });
        CHECK(error.message() == "a merge, rebase or the like is under way in " + setup.origin.path() + "/");
        CHECK(error.code() == Code::conflict);
    }
    CHECK(setup.origin.tip() == second);
    CHECK(setup.dir.read("origin/a") == "2");
}

TEST_CASE("an untracked file that would be overwritten stops the move") {
    Setup setup(RepoKind::work_tree);
    std::string first = setup.origin.commit({{"a", "1"}, {"x", "theirs"}, {"z", "1"}});
    std::string second = setup.origin.write("a", "2").remove("x").write("z", "2").commit();
    setup.dir.write("origin/x", "mine");
    auto repo = setup.local();
    std::string undo = io::commit_restoring(*repo, second, first, {""}, k_ada, "undo");
    base::Error error = thrown([&] { io::publish(*repo, "main", second, undo); });
    CHECK(error.message() == "files in " + setup.origin.path() + "/ are in the way: x");
    CHECK(error.code() == Code::conflict);
    CHECK(setup.origin.tip() == second);
    CHECK(setup.dir.read("origin/x") == "mine");
    CHECK(setup.dir.read("origin/a") == "2");
    CHECK(setup.dir.read("origin/z") == "2");
}

TEST_CASE("a locked index stops the move before any file changes") {
    Setup setup(RepoKind::work_tree);
    std::string first = setup.origin.commit({{"a", "1"}});
    std::string second = setup.origin.commit({{"a", "2"}});
    std::string lock = setup.dir.write("origin/.git/index.lock", "");
    auto repo = setup.local();
    std::string undo = io::commit_restoring(*repo, second, first, {"a"}, k_ada, "undo");
    base::Error error = thrown([&] { io::publish(*repo, "main", second, undo); });
    CHECK(error.code() == Code::conflict);
    CHECK(error.message() == "another program is changing the index: " + lock + " exists");
    CHECK(error.hint_text() ==
          "wait until it has finished; when no git runs, the file is stale and may be removed; nothing was changed");
    CHECK(setup.origin.tip() == second);
    CHECK(setup.dir.read("origin/a") == "2");
    std::filesystem::remove(lock);
    CHECK(io::publish(*repo, "main", second, undo) == Publish::moved);
}

TEST_CASE("a move that fails half-way is taken back") {
    Setup setup(RepoKind::work_tree);
    std::string first = setup.origin.commit({{"a", "1"}, {"gone", "1"}, {"z", "text of z"}});
    std::string second = setup.origin.write("a", "2").remove("gone").write("new", "2").write("z", "2").commit();
    auto repo = setup.local();
    std::string undo = io::commit_restoring(*repo, second, first, {""}, k_ada, "undo");
    std::string restored = "origin/.git/";
    std::string kept;
    SECTION("a file cannot be read") {
        // `git hash-object` of "text of z"
        restored += "objects/6b/d13db36f32624fb346148d4e50d2c0744e7f19";
        kept = setup.dir.read(restored);
        std::filesystem::remove(setup.dir / restored);
    }
    SECTION("the branch cannot be moved") {
        restored += "logs/refs/heads/main";
        kept = setup.dir.read(restored);
        std::filesystem::remove(setup.dir / restored);
        setup.dir.write(restored + "/in the way", "");
    }
    base::Error error = thrown([&] { io::publish(*repo, "main", second, undo); });
    CHECK(error.message().starts_with("cannot "));
    CHECK(error.notes().empty());
    CHECK(setup.origin.tip() == second);
    CHECK(setup.dir.read("origin/a") == "2");
    CHECK_FALSE(setup.dir.exists("origin/gone"));
    CHECK(setup.dir.read("origin/new") == "2");
    CHECK(setup.dir.read("origin/z") == "2");

    // The index is as before too: with the cause gone the same move goes through.
    std::filesystem::remove_all(setup.dir / restored);
    setup.dir.write(restored, kept);
    CHECK(io::publish(*repo, "main", second, undo) == Publish::moved);
    CHECK(setup.dir.read("origin/z") == "text of z");
}

TEST_CASE("a move goes on where a killed one stopped") {
    Setup setup(RepoKind::work_tree);
    setup.origin.commit({{"a", "1"}, {"dir/gone", "1"}, {"z", "1"}, {"own", "1"}});
    std::string first = setup.origin.tip();
    std::string second = setup.origin.write("a", "2").remove("dir/gone").write("new", "2").write("z", "2").commit();
    auto repo = setup.local();
    std::string undo = io::commit_restoring(*repo, second, first, {""}, k_ada, "undo");
    auto kill_after = [&](const std::set<std::string>& written) {
        for (const std::string& path : written) {
            std::filesystem::remove(setup.dir / ("origin/" + path));
            if (path != "new") setup.dir.write("origin/" + path, "1");
        }
    };
    SECTION("after index and files") {
        io::publish(*repo, "main", second, undo);
        setup.origin.branch("other", second);
        std::filesystem::copy_file(setup.dir / "origin/.git/refs/heads/other", setup.dir / "origin/.git/refs/heads/main",
                                   std::filesystem::copy_options::overwrite_existing);
        REQUIRE(setup.origin.tip() == second);
        REQUIRE(setup.dir.read("origin/a") == "1");
    }
    SECTION("after some files") { kill_after({"a", "new"}); }
    SECTION("after the first file, which was added") { kill_after({"dir/gone"}); }
    SECTION("after all files") { kill_after({"a", "dir/gone", "new", "z"}); }
    CHECK(io::publish(*repo, "main", second, undo) == Publish::moved);
    CHECK(setup.origin.tip() == undo);
    CHECK(setup.dir.read("origin/a") == "1");
    CHECK(setup.dir.read("origin/dir/gone") == "1");
    CHECK_FALSE(setup.dir.exists("origin/new"));
    CHECK(setup.dir.read("origin/z") == "1");
    // Clean again: the next one goes through.
    std::string redo = io::commit_restoring(*repo, undo, second, {""}, k_ada, "redo");
    CHECK(io::publish(*repo, "main", undo, redo) == Publish::moved);
    CHECK(setup.dir.read("origin/new") == "2");
}

TEST_CASE("changes of one's own beside a killed move are not taken for it") {
    Setup setup(RepoKind::work_tree);
    std::string first = setup.origin.commit({{"a", "1"}, {"own", "1"}, {"z", "1"}});
    std::string second = setup.origin.commit({{"a", "2"}, {"z", "2"}});
    setup.dir.write("origin/a", "1");
    auto repo = setup.local();
    std::string undo = io::commit_restoring(*repo, second, first, {"a", "z"}, k_ada, "undo");
    std::string own = GENERATE("own", "z");
    setup.dir.write("origin/" + own, "my own work");
    base::Error error = thrown([&] { io::publish(*repo, "main", second, undo); });
    CHECK(error.message() == setup.origin.path() + "/ has changes that are not committed: " + own);
    CHECK(setup.origin.tip() == second);
    CHECK(setup.dir.read("origin/" + own) == "my own work");
    CHECK(setup.dir.read("origin/a") == "1");
}

TEST_CASE("a branch that is not checked out moves without touching the work tree") {
    Setup setup(RepoKind::work_tree);
    std::string first = setup.origin.commit({{"a", "1"}});
    setup.origin.branch("release", first);
    std::string second = setup.origin.commit({{"a", "2"}}, "second", "release");
    setup.dir.write("origin/a", "my own work");
    auto repo = setup.local();
    std::string undo = io::commit_restoring(*repo, second, first, {"a"}, k_ada, "undo");
    CHECK(io::publish(*repo, "release", second, undo) == Publish::moved);
    CHECK(setup.origin.tip("release") == undo);
    CHECK(setup.dir.read("origin/a") == "my own work");
}

TEST_CASE("hooks of the repository are never run") {
    Setup setup(RepoKind::work_tree);
    std::string first = setup.origin.commit({{"a", "1"}});
    std::string second = setup.origin.commit({{"a", "2"}});
    for (std::string hook : {"pre-commit", "post-checkout", "reference-transaction", "pre-push", "post-commit"}) {
        std::string path = setup.dir.write("origin/.git/hooks/" + hook, "#!/bin/sh\ntouch " + (setup.dir / "ran") + "\n");
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    }
    auto repo = setup.local();
    io::publish(*repo, "main", second, io::commit_restoring(*repo, second, first, {"a"}, k_ada, "undo"));
    CHECK(setup.dir.read("origin/a") == "1");
    CHECK_FALSE(setup.dir.exists("ran"));
}

TEST_CASE("notes are written once and appended to afterwards") {
    Setup setup;
    std::string sha = setup.origin.commit({{"a", "1"}});
    auto repo = GENERATE(true, false) ? setup.local() : setup.remote();
    CHECK_FALSE(io::read_note(*repo, sha));
    io::add_note(*repo, sha, "rolled back by Ada", k_ada);
    io::add_note(*repo, sha, "and again", k_ada);
    CHECK(io::read_note(*repo, sha) == "rolled back by Ada\n\nand again\n");
    CHECK(io::read_note(*setup.local(), sha) == "rolled back by Ada\n\nand again\n");
    CHECK(thrown([&] { io::add_note(*repo, std::string(40, 'a'), "x", k_ada); }).code() == Code::not_found);
}

TEST_CASE("the author is the environment's, else git's configuration's") {
    Setup setup;
    setup.origin.set_identity("Grace", "grace@example.com");
    auto repo = setup.local();
    io::Signature who = io::user_signature(*repo, {{"GIT_AUTHOR_NAME", "Ada"}}, 42);
    CHECK(who.name == "Ada");
    CHECK(who.mail == "grace@example.com");
    CHECK(who.when == 42);
    CHECK(thrown([&] { io::user_signature(*repo, {{"GIT_AUTHOR_NAME", "A <b>"}}, 42); }).message() ==
          "'A <b>' with the mail address 'grace@example.com' cannot be the author of a commit");

    setup.origin.set_identity("", "");
    base::Error error = thrown([&] { io::user_signature(*setup.local(), {}, 42); });
    CHECK(error.code() == Code::invalid);
    CHECK(error.message() == "your name is not known, so no commit can be made in your name");
    CHECK(error.hint_text() ==
          "git config --global user.name 'Your Name' && git config --global user.email you@example.com");
}
