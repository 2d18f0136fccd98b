// The fuzzers' entry points over seeds damaged at random (from fixed seeds).
#include <catch2/catch.hpp>

#include <random>
#include <string>

#include "tests/fuzz/kube_targets.hpp"

namespace {

const char* const k_apply_seeds[] = {
    R"({"live":{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a","labels":{"x":"y"},"managedFields":[{"manager":"fuzz","operation":"Apply","apiVersion":"apps/v1","fieldsV1":{"f:spec":{"f:replicas":{},"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:image":{}}}}}}}}]},"spec":{"replicas":1,"template":{"spec":{"containers":[{"name":"a","image":"x"}]}}}},"config":{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a","finalizers":["f"]},"spec":{"template":{"spec":{"containers":[{"name":"b","image":"z","ports":[{"containerPort":80}],"env":[],"resources":{"limits":{"cpu":"1000m"}}}]}}}},"update":{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":{"replicas":null}}})",
    R"({"live":{"apiVersion":"e.com/v1","kind":"W","metadata":{"name":"w"},"spec":{"a":{"b":1},"c":[1]}},"config":{"apiVersion":"e.com/v1","kind":"W","metadata":{"name":"w"},"spec":{"a":{},"c":null,"d":[[]]}}})"};

const char* const k_merge_seeds[] = {
    R"({"target":{"apiVersion":"v1","kind":"Pod","metadata":{"finalizers":["a","b"]},"spec":{"containers":[{"name":"a","env":[{"name":"E","value":"1"}]}],"volumes":[{"name":"v","emptyDir":{}}]}},"patch":{"metadata":{"$setElementOrder/finalizers":["b"],"$deleteFromPrimitiveList/finalizers":["a"]},"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"name":"b"},{"name":"a","$patch":"delete"}],"volumes":[{"name":"v","$retainKeys":["name"],"emptyDir":null},{"$patch":"replace"}]}}})"};

/// Cuts, doubles and exchanges pieces between JSON marks, so that much of it still parses.
std::string damaged(std::string text, std::mt19937& random) {
    const std::string pieces[] = {"null", "{}", "[]", "\"\"", "0", "true", "\"a\"", "[null]", "-1e999", "{\"\":{}}"};
    for (unsigned change = random() % 4 + 1; change > 0; --change) {
        const auto colon = text.find(':', random() % text.size());
        if (colon == std::string::npos) continue;
        const auto end = text.find_first_of(",}]", colon);
        if (end != std::string::npos) text.replace(colon + 1, end - colon - 1, pieces[random() % std::size(pieces)]);
    }
    return text;
}

template <class Seeds>
void run(const Seeds& seeds, void (*target)(std::string_view)) {
    for (const char* seed : seeds) {
        target(seed);
        std::mt19937 random(1);
        for (int i = 0; i < 2000; ++i) target(damaged(seed, random));
    }
}

}  // namespace

TEST_CASE("damaged objects are applied or refused") { run(k_apply_seeds, gitops::fuzz::apply); }

TEST_CASE("damaged strategic patches are merged or refused") { run(k_merge_seeds, gitops::fuzz::strategic_merge); }
