#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/targets.hpp"

namespace {

constexpr int k_mutations = 1500;
constexpr std::size_t k_longest = 4096;

std::vector<std::string> seeds(const std::string& folder) {
    std::vector<std::filesystem::path> paths;
    const auto home = std::filesystem::path(GITOPS_SOURCE_DIR) / "tests/data/fuzz" / folder;
    for (const auto& entry : std::filesystem::directory_iterator(home))
        paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> texts;
    for (const auto& path : paths) {
        std::ifstream file(path, std::ios::binary);
        texts.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return texts;
}

/// A change a fuzzer might make; the same for the same state of `random`.
void mutate(std::string& text, std::mt19937& random) {
    static const std::vector<std::string> k_pieces{"---\n", ": ",  "- ",   "\n",   "  ",   "\"", "'",  "|\n",  ">-\n", "&a ", "*a", "<<: ",
                                                   "{",     "}",   "[",    "]",    ",",    "#",  "? ", "\t",   "\xFF", "\0x", "~",  "1e9",
                                                   "null",  "!!x", "\\u0", "\xC2\x85", "\xE2\x80\xA8", "\xEF\xBB\xBF", "0o7", "2020-01-01"};
    const auto pick = [&](std::size_t below) { return below == 0 ? 0 : random() % below; };
    const std::size_t at = pick(text.size() + 1);
    switch (random() % 4) {
        case 0: text.insert(at, k_pieces[pick(k_pieces.size())]); break;
        case 1: text.erase(at, pick(8)); break;
        case 2:
            if (at < text.size()) text[at] = static_cast<char>(random() % 256);
            break;
        case 3: text.insert(pick(text.size() + 1), text.substr(at, pick(40))); break;
    }
    if (text.size() > k_longest) text.resize(k_longest);
}

void run(const std::string& folder, void (*target)(std::string_view)) {
    const auto texts = seeds(folder);
    REQUIRE_FALSE(texts.empty());
    std::mt19937 random(20261122);  // fixed: a failure here can be repeated
    for (const std::string& seed : texts) {
        target(seed);
        std::string text = seed;
        for (int i = 0; i < k_mutations; ++i) {
            if (i % 12 == 0) text = seed;
            mutate(text, random);
            target(text);
        }
    }
}

}  // namespace

TEST_CASE("YAML seeds and their mutations keep the properties") { run("yaml", gitops::fuzz::yaml); }
TEST_CASE("JSON seeds and their mutations keep the properties") { run("json", gitops::fuzz::json); }
TEST_CASE("patch seeds and their mutations keep the properties") { run("patch", gitops::fuzz::patch); }
