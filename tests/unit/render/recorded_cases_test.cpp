// Runs every folder of tests/data/kustomize: input/ is built and must give expected.yaml (what kustomize 5.8.1 printed)
// or fail with the text of expected_error. `directory` names the folder to build, `options` the command-line flags.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/yaml_write.hpp"
#include "core/render/kustomize.hpp"

using namespace gitops;

namespace {

namespace fs = std::filesystem;

std::string read_text(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

std::string first_line(const fs::path& path) { return std::string(base::trim(read_text(path))); }

render::BuildOptions options_of(const fs::path& folder) {
    render::BuildOptions options;
    if (first_line(folder / "options").find("LoadRestrictionsNone") != std::string::npos)
        options.load_restrictor = render::LoadRestrictor::none;
    return options;
}

std::string print(const render::Built& built) {
    std::vector<doc::Value> objects;
    for (const auto& manifest : built.manifests) objects.push_back(manifest.object);
    return doc::write_yaml_stream(objects);
}

std::string told(const base::Error& error) {
    std::string text = error.message();
    for (const auto& note : error.notes()) text += "\n" + note;
    return text;
}

std::vector<fs::path> case_folders() {
    std::vector<fs::path> folders;
    for (const auto& entry : fs::directory_iterator(fs::path(GITOPS_SOURCE_DIR) / "tests/data/kustomize"))
        if (entry.is_directory()) folders.push_back(entry.path());
    std::ranges::sort(folders);
    return folders;
}

}  // namespace

TEST_CASE("every recorded kustomization builds to what kustomize printed") {
    auto folders = case_folders();
    REQUIRE(folders.size() >= 45);
    for (const auto& folder : folders) {
        INFO(folder.filename().string());
        base::DiskTree tree((folder / "input").string());
        std::string directory = first_line(folder / "directory");
        std::string printed, failure;
        try {
            printed = print(render::build(tree, directory, options_of(folder)));
        } catch (const base::Error& error) {
            failure = told(error);
        }
        if (fs::exists(folder / "expected.yaml")) {
            CHECK(failure.empty());
            CHECK(printed == read_text(folder / "expected.yaml"));
        } else {
            CHECK_THAT(failure, Catch::Contains(first_line(folder / "expected_error")));
        }
    }
}
