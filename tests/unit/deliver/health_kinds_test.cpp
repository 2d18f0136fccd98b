// A made-up object or more of every kind Argo CD judges, with the status Argo CD 3.6 itself gave it.
#include <catch2/catch.hpp>

#include <fstream>
#include <string>

#include "core/deliver/health/health.hpp"
#include "core/doc/json.hpp"

using namespace gitops;

TEST_CASE("health of every kind is what Argo CD said of an object of it", "[health]") {
    std::ifstream file(std::string(GITOPS_SOURCE_DIR) + "/tests/data/health/kinds.jsonl");
    REQUIRE(file);
    std::string others;
    int count = 0;
    for (std::string line; std::getline(file, line); ++count) {
        const auto row = doc::read_json(line);
        const auto health = deliver::health_of(*row.find("object"));
        const auto status = health ? deliver::health_name(health->status) : std::string_view("none");
        if (status != row.text_at("status")) others += std::string(status) + ": " + line + "\n";
    }
    CHECK(others == "");
    CHECK(count == 300);
}
