#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/arch/house_rules.hpp"

using gitops::test::broken_rules;
using Lines = std::vector<std::string>;
namespace fs = std::filesystem;

namespace {

const fs::path k_root = GITOPS_SOURCE_DIR;

std::vector<fs::path> source_files() {
    std::vector<fs::path> files;
    for (const char* folder : {"core", "cli"}) {
        for (const auto& entry : fs::recursive_directory_iterator(k_root / folder)) {
            const auto extension = entry.path().extension();
            if (extension == ".hpp" || extension == ".cpp") files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::string slurp(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("every source file keeps to the plan of the house") {
    std::string problems;
    const auto files = source_files();
    REQUIRE(files.size() > 50);
    for (const fs::path& file : files) {
        for (const std::string& problem : broken_rules(fs::relative(file, k_root).generic_string(), slurp(file))) {
            problems += problem + "\n";
        }
    }
    CHECK(problems == "");
}

TEST_CASE("an include points down or into the own folder") {
    CHECK(broken_rules("core/render/x.cpp", "#include \"core/kube/resource.hpp\"\n#include \"core/render/y.hpp\"\n").empty());
    CHECK(broken_rules("core/doc/x.cpp", "\n#include \"core/kube/resource.hpp\"\n") ==
          Lines{"core/doc/x.cpp:2: doc may not include core/kube/resource.hpp"});
    CHECK(broken_rules("core/io/x.cpp", "#include \"core/doc/value.hpp\"") ==
          Lines{"core/io/x.cpp:1: io may not include core/doc/value.hpp"});
    CHECK(broken_rules("core/render/x.cpp", "#include \"core/deliver/diff.hpp\"") ==
          Lines{"core/render/x.cpp:1: render may not include core/deliver/diff.hpp"});
    CHECK(broken_rules("core/app/x.cpp", "#include \"core/embedded/local_cluster.hpp\"") ==
          Lines{"core/app/x.cpp:1: app may not include core/embedded/local_cluster.hpp"});
    CHECK(broken_rules("core/app/x.cpp", "#include \"cli/env.hpp\"") ==
          Lines{"core/app/x.cpp:1: app may not include cli/env.hpp"});
    CHECK(broken_rules("core/app/x.cpp", "#include \"sync.hpp\"") ==
          Lines{"core/app/x.cpp:1: includes are rooted at the repository and name a known folder: sync.hpp"});
    CHECK(broken_rules("core/sources/x.cpp", "#include \"core/render/render.hpp\"").empty());
    CHECK(broken_rules("core/backend/x.cpp", "#include \"core/rollout/ports.hpp\"").empty());
    CHECK(broken_rules("core/helpers/x.cpp", "") == Lines{"core/helpers/x.cpp:0: a folder the plan of the house does not know"});
}

TEST_CASE("libraries stay in their homes, and out of headers") {
    CHECK(broken_rules("core/io/git.cpp", "#include <git2.h>").empty());
    CHECK(broken_rules("core/io/git.hpp", "#include <git2.h>") ==
          Lines{"core/io/git.hpp:1: a library's header belongs into a .cpp file: git2.h"});
    CHECK(broken_rules("core/app/x.cpp", "#include <git2/refs.h>") == Lines{"core/app/x.cpp:1: app is no home of git2/refs.h"});
    CHECK(broken_rules("core/app/x.cpp", "#include <fmt/format.h>\n#include <vector>").empty());
}

TEST_CASE("core neither prints nor asks the system") {
    CHECK(broken_rules("core/app/x.cpp", "  std::cout << 1;\n") ==
          Lines{"core/app/x.cpp:1: std::cout: core never prints: return a value or emit an event"});
    CHECK(broken_rules("core/app/x.cpp", "std::fprintf(stderr, s);").size() == 1);
    CHECK(broken_rules("core/app/x.cpp", "const char* x = std::getenv(\"A\");").size() == 1);
    CHECK(broken_rules("core/app/x.cpp", "auto t = std::chrono::system_clock::now();").size() == 1);
    CHECK(broken_rules("core/base/clock.cpp", "auto t = std::chrono::system_clock::now();").empty());
    CHECK(broken_rules("core/app/x.cpp", "std::exit(1);").size() == 1);
    CHECK(broken_rules("core/app/x.cpp", "// exit(1)\nauto s = \"exit(1) getenv\"; on_exit(x); std::snprintf(b, n, s);").empty());
    CHECK(broken_rules("cli/x.cpp", "std::cout << 1; std::exit(1);").empty());
}

TEST_CASE("files stay short") {
    const std::string line = "x\n";
    std::string text;
    for (int i = 0; i < 201; ++i) text += line;
    CHECK(broken_rules("core/app/x.hpp", text) == Lines{"core/app/x.hpp:201: longer than 200 lines: split it by idea"});
    CHECK(broken_rules("core/app/x.cpp", text).empty());
    for (int i = 0; i < 500; ++i) text += line;
    CHECK(broken_rules("core/app/x.cpp", text) == Lines{"core/app/x.cpp:701: longer than 700 lines: split it by idea"});
}
