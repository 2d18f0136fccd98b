#include <catch2/catch.hpp>

#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/doc/yaml_write.hpp"

using namespace gitops::doc;

TEST_CASE("a manifest comes out as kustomize prints it") {
    const auto documents = read_yaml("b: [1, two, ~]\na: {x: 'y', on: \"1\"}\n---\n- - 1.0\n  - |\n    text\n");
    CHECK(write_yaml_stream(documents) ==
          "a:\n  \"on\": \"1\"\n  x: \"y\"\nb:\n- 1\n- two\n- null\n---\n- - 1\n  - |\n    text\n");
}
