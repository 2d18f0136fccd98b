#include <catch2/catch.hpp>

#include "core/kube/quantity.hpp"

using gitops::kube::canonical_quantity;

TEST_CASE("quantities have one canonical form") {
    struct Case {
        const char* text;
        const char* canonical;
    };
    const Case cases[] = {
        {"1000m", "1"}, {"0.5", "500m"}, {"1024Ki", "1Mi"}, {"1.5Gi", "1536Mi"}, {"1", "1"}, {"0", "0"}, {"0Ki", "0"}, {"-0", "0"},
        {"100000", "100k"}, {"12345", "12345"}, {"1e3", "1e3"}, {"12E3", "12e3"}, {"1E", "1E"}, {"0.1", "100m"}, {"1.50", "1500m"},
        {"+2", "2"}, {"-1500m", "-1500m"}, {"512", "512"}, {"1Ki", "1Ki"}, {"1023Ki", "1023Ki"}, {".5Ki", "512"}, {"0.5Ki", "512"},
        {"1n", "1n"}, {"0.1n", "1n"}, {"1e-12", "1e-9"}, {"1000000n", "1m"}, {"5.", "5"}, {"8E", "8E"}, {"1Ei", "1Ei"},
        {"99999999999999999999", "9223372036854775807"}, {"100Ei", "9223372036854775807"}, {"1e30", "9223372036854775807"},
        {"0.0000000001", "1n"}, {"1.0000000001", "1000000001n"}, {"1500000", "1500k"}, {"2048", "2048"}, {"0.001Mi", "1048576m"}};
    for (const auto& [text, canonical] : cases) {
        INFO(text);
        CHECK(canonical_quantity(text).value_or("none") == canonical);
    }
}

TEST_CASE("what is no quantity") {
    for (const char* text : {"", "abc", "1 Gi", "1gi", "1.2.3", ".", "-", "1e", "1e99999999999", "Ki", "0x10", "1KiB", "--1"}) {
        INFO(text);
        CHECK_FALSE(canonical_quantity(text).has_value());
    }
}
