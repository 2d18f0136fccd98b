#include "core/base/digest.hpp"

#include <catch2/catch.hpp>

using namespace gitops::base;

TEST_CASE("SHA-256 of the examples in FIPS 180") {
    CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("base64 of the examples in RFC 4648") {
    const auto [plain, encoded] = GENERATE(table<std::string, std::string>(
        {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}}));
    CHECK(base64_encode(plain) == encoded);
    CHECK(base64_decode(encoded) == plain);
}

TEST_CASE("base64 keeps every byte") {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
    CHECK(base64_decode(base64_encode(bytes)) == bytes);
}

TEST_CASE("base64 over several lines") { CHECK(base64_decode("Zm9v\r\nYmFy\n") == "foobar"); }

TEST_CASE("what is not base64") {
    const char* const text = GENERATE("Z", "Zg", "Zg=", "Zm9vY", "Zm9v!", "=", "====", "Zg==Zg==", "Z=g=", "Zm 9v", "Zg===");
    CHECK(base64_decode(text) == std::nullopt);
}
