#include "core/base/digest.hpp"

#include <catch2/catch.hpp>

using namespace gitops::base;

TEST_CASE("SHA-256 of the examples in FIPS 180") {
    CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("SHA-256 where the length just fits into the last block, and where it does not") {
    const auto [count, digest] = GENERATE(table<std::size_t, std::string>(
        {{55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
         {56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
         {63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
         {64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
         {119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"},
         {120, "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c"},
         {1000, "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"}}));
    CHECK(sha256_hex(std::string(count, 'a')) == digest);
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
