// The same questions to both trees, and what only a disk can do to its reader.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "core/base/error.hpp"
#include "core/base/source.hpp"

using namespace gitops::base;
namespace fs = std::filesystem;

namespace {

class TempFolder {
  public:
    TempFolder() {
        std::string name = (fs::temp_directory_path() / "gitopsctl-tree-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        m_path = name;
    }
    ~TempFolder() { fs::remove_all(m_path); }

    const fs::path& path() const { return m_path; }
    void write(const std::string& name, const std::string& text) const {
        fs::create_directories((m_path / name).parent_path());
        std::ofstream(m_path / name, std::ios::binary) << text;
    }
    void link(const std::string& name, const std::string& target) const { fs::create_symlink(target, m_path / name); }

  private:
    fs::path m_path;
};

const std::map<std::string, std::string> k_files{{"a-b", "1"}, {"a/x", "2"}, {"a/y/z", "3"}, {"a.c", "4"}};

template <class Question>
std::string code_of(Question question) {
    try {
        question();
    } catch (const Error& error) {
        return std::string(code_name(error.code())) + ": " + error.message();
    }
    return "no error";
}

std::string names(const std::vector<TreeEntry>& entries) {
    std::string text;
    for (const TreeEntry& entry : entries) {
        constexpr const char* k_marks[] = {"", "/", "@", "#", "?"};
        text += (text.empty() ? "" : " ") + entry.name + k_marks[static_cast<int>(entry.kind)];
    }
    return text;
}

void ask(const FileTree& tree) {
    CHECK(tree.kind("") == EntryKind::directory);
    CHECK(tree.kind("a") == EntryKind::directory);
    CHECK(tree.kind("a/y/z") == EntryKind::file);
    CHECK(tree.kind("a/y/q") == std::nullopt);
    CHECK(tree.kind("a-b/x") == std::nullopt);
    CHECK(tree.read("a/x") == "2");
    CHECK(names(tree.list("")) == "a/ a-b a.c");
    CHECK(names(tree.list("a")) == "x y/");
    CHECK(tree.resolve("a/y/z") == "a/y/z");
    CHECK(tree.resolve("").empty());
    CHECK(code_of([&] { tree.read("a"); }) == "invalid: a is a directory, not a file");
    CHECK(code_of([&] { tree.list("a-b"); }) == "not_found: directory a-b does not exist");
    CHECK(code_of([&] { tree.list("q"); }) == "not_found: directory q does not exist");
    CHECK(code_of([&] { tree.resolve("q"); }) == "not_found: q does not exist");
    CHECK(code_of([&] { tree.read("q"); }).starts_with("not_found: "));
}

}  // namespace

TEST_CASE("a tree in memory") { ask(MemoryTree(k_files)); }

TEST_CASE("a tree on disk") {
    const TempFolder folder;
    for (const auto& [name, text] : k_files) folder.write(name, text);
    ask(DiskTree(folder.path()));
}

TEST_CASE("a tree needs a directory") {
    const TempFolder folder;
    folder.write("file", "x");
    const std::string file = folder.path() / "file";
    CHECK(code_of([&] { DiskTree{file}; }) == "not_found: " + file + " is not a directory");
    CHECK(code_of([&] { DiskTree{file + "2"}; }) == "not_found: directory " + file + "2 does not exist");
}

TEST_CASE("links inside the tree are followed") {
    const TempFolder folder;
    folder.write("base/app.yaml", "kind: A");
    fs::create_directories(folder.path() / "overlay/deep");
    folder.link("overlay/app.yaml", "../base/app.yaml");
    folder.link("overlay/deep/base", "../../base");
    folder.link("overlay/chain", "deep/base/app.yaml");
    folder.link("absolute", (folder.path() / "base").string());
    folder.link("dangling", "nothing");
    const DiskTree tree(folder.path());
    CHECK(tree.read("overlay/app.yaml") == "kind: A");
    CHECK(tree.read("overlay/deep/base/app.yaml") == "kind: A");
    CHECK(tree.resolve("overlay/chain") == "base/app.yaml");
    CHECK(tree.read("absolute/app.yaml") == "kind: A");
    CHECK(tree.kind("overlay/deep/base") == EntryKind::directory);
    CHECK(tree.kind("dangling") == std::nullopt);
    CHECK(names(tree.list("overlay")) == "app.yaml@ chain@ deep/");
    CHECK(names(tree.list("overlay/deep/base")) == "app.yaml");
}

TEST_CASE("links that leave the tree are denied") {
    const TempFolder outside;
    outside.write("secret", "s");
    const TempFolder folder;
    folder.write("dir/file", "x");
    folder.link("up", "..");
    folder.link("far", outside.path().string());
    folder.link("passwd", "/etc/passwd");
    folder.link("dir/sneaky", "../../" + outside.path().filename().string() + "/secret");
    folder.link("sibling", folder.path().string() + "-other");
    const DiskTree tree(folder.path());
    const std::string path = GENERATE("up", "far/secret", "passwd", "dir/sneaky", "sibling", "up/x");
    CAPTURE(path);
    CHECK(code_of([&] { tree.read(path); }).starts_with("denied: " + path + " is outside of the tree: the symbolic link "));
    CHECK(code_of([&] { tree.kind(path); }).starts_with("denied: "));
    CHECK(code_of([&] { tree.list(path); }).starts_with("denied: "));
    CHECK(code_of([&] { tree.resolve(path); }).starts_with("denied: "));
}

TEST_CASE("loops of links end") {
    const TempFolder folder;
    folder.link("self", "self");
    folder.link("a", "b");
    folder.link("b", "a");
    folder.link("grow", "grow/grow/grow/grow/grow/grow/grow/grow");
    const DiskTree tree(folder.path());
    CHECK(code_of([&] { tree.read("self"); }) == "denied: self has too many symbolic links in it");
    CHECK(code_of([&] { tree.kind("a"); }) == "denied: a has too many symbolic links in it");
    CHECK(code_of([&] { tree.kind("grow"); }) == "denied: grow has too many symbolic links in it");
}

TEST_CASE("named pipes and devices are not opened") {
    const TempFolder folder;
    REQUIRE(mkfifo((folder.path() / "pipe").c_str(), 0600) == 0);
    folder.link("link", "pipe");
    const DiskTree tree(folder.path());
    CHECK(tree.kind("pipe") == EntryKind::other);
    CHECK(names(tree.list("")) == "link@ pipe?");
    CHECK(code_of([&] { tree.read("pipe"); }) == "denied: pipe is not a regular file");
    CHECK(code_of([&] { tree.read("link"); }) == "denied: link is not a regular file");
    CHECK(code_of([] { DiskTree("/dev").read("null"); }) == "denied: null is not a regular file");
}

TEST_CASE("a file above the limit is refused before it is read") {
    const TempFolder folder;
    folder.write("big", "");
    fs::resize_file(folder.path() / "big", k_max_file_bytes + 1);
    CHECK(code_of([&] { DiskTree(folder.path()).read("big"); }) == "invalid: big is too large: 67108865 bytes, the limit is 64 MiB");
}

TEST_CASE("a path far too deep is an error, not a crash") {
    const TempFolder folder;
    const DiskTree tree(folder.path());
    std::string path;
    for (int i = 0; i < 3000; ++i) path += "a/";
    CHECK(tree.kind(path) == std::nullopt);
    CHECK(code_of([&] { tree.kind(path + path); }).starts_with("denied: "));
    CHECK(tree.kind(std::string(5000, 'x')) == std::nullopt);
}
