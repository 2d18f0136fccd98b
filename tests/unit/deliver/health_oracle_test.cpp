// Every object of the oracle, with the status Argo CD gives it; where the shared material is not at hand, nothing to do.
#include <catch2/catch.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "core/deliver/health/health.hpp"
#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"

using namespace gitops;

namespace {

struct Score {
    int all = 0, equal = 0;
    std::string others;  ///< one line for each object that is judged otherwise
};

void count(Score& score, const doc::Value& row) {
    const auto health = deliver::health_of(doc::read_yaml_one(row.text_at("object"), {.duplicates = doc::DuplicateKeys::last_wins}));
    const auto status = health ? deliver::health_name(health->status) : std::string_view("none");
    ++score.all;
    if (status == row.text_at("status")) ++score.equal;
    else score.others += std::string(row.text_at("id")) + ": " + std::string(status) + ", Argo CD says " +
                         std::string(row.text_at("status")) + "\n";
}

}  // namespace

TEST_CASE("health is what Argo CD says", "[health][oracle]") {
    std::ifstream file(std::filesystem::path(GITOPS_SOURCE_DIR) / ".." / "shared" / "oracles" / "argo-health.jsonl");
    if (!file) {
        WARN("no oracle beside the project");
        return;
    }
    Score builtin, custom;
    for (std::string line; std::getline(file, line);) {
        const auto row = doc::read_json(line);
        count(row.text_at("source") == "builtin" ? builtin : custom, row);
    }
    INFO(custom.others);
    CHECK(builtin.others == "");
    CHECK(builtin.all > 0);
    CHECK(custom.equal * 100 >= custom.all * 98);
}
