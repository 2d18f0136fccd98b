#include "tests/fuzz/targets.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/doc/json.hpp"
#include "core/doc/patch.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/doc/yaml_write.hpp"

namespace gitops::fuzz {

namespace {

void require(bool holds, const char* what, std::string_view text) {
    if (holds) return;
    std::fprintf(stderr, "property broken: %s\n%.*s\n", what, static_cast<int>(text.size()), text.data());
    std::abort();
}

/// A clean refusal is a fine answer; anything but base::Error is not and leaves through the top.
template <class Work>
bool succeeds(Work work) {
    try {
        work();
        return true;
    } catch (const base::Error&) {
        return false;
    }
}

bool same_with_lines(const doc::Value& a, const doc::Value& b) {
    if (a.kind() != b.kind() || a.line() != b.line() || a.text() != b.text() || a.size() != b.size()) return false;
    for (std::size_t at = 0; at < a.items().size(); ++at)
        if (!same_with_lines(a.items()[at], b.items()[at])) return false;
    for (std::size_t at = 0; at < a.entries().size(); ++at) {
        const auto& left = a.entries()[at];
        const auto& right = b.entries()[at];
        if (!same_with_lines(left.key, right.key) || !same_with_lines(left.value, right.value)) return false;
    }
    return true;
}

void check_yaml_round_trip(const doc::Value& value) {
    std::string first;
    if (!succeeds([&] { first = doc::write_yaml(value); })) return;
    doc::Value again;
    require(succeeds([&] { again = doc::read_yaml_one(first); }), "written YAML can be read", first);
    std::string second;
    require(succeeds([&] { second = doc::write_yaml(again); }), "read YAML can be written", first);
    require(first == second, "writing is stable", first);
}

bool same_styles(const doc::Value& a, const doc::Value& b) {
    if (a.style() != b.style() || a.spelling() != b.spelling()) return false;
    for (std::size_t at = 0; at < a.items().size(); ++at)
        if (!same_styles(a.items()[at], b.items()[at])) return false;
    for (std::size_t at = 0; at < a.entries().size(); ++at)
        if (!same_styles(a.entries()[at].key, b.entries()[at].key) || !same_styles(a.entries()[at].value, b.entries()[at].value)) return false;
    return true;
}

/// The documents, or what is wrong and where.
struct Answer {
    std::vector<doc::Value> documents;
    std::string refusal;
};

Answer answer(std::string_view text, std::uint32_t first_line) {
    doc::YamlOptions options;
    options.first_line = first_line;
    try {
        return {doc::read_yaml(text, options), ""};
    } catch (const base::Error& error) {
        return {{}, std::to_string(error.place().line) + ":" + std::to_string(error.place().column) + " " + error.message()};
    }
}

bool starts_document(std::string_view text) { return text.starts_with("---") && (text.size() == 3 || text.find_first_of(" \t\r\n", 3) == 3); }

}  // namespace

void readers_agree(std::string_view input) {
    // A directive leaves the whole text to libyaml; what it changes for the text behind it is left out here.
    const bool has_start = starts_document(input);
    const bool differs = input.find("...") < 8 || input.starts_with("\xEF\xBB\xBF") || input.starts_with('%') ||
                         input.find("\n%") != input.npos;
    if (differs) return;
    const auto quick = answer(input, 11);
    const auto thorough = answer((has_start ? "%YAML 1.1\n" : "%YAML 1.1\n---\n") + std::string(input), has_start ? 10 : 9);
    require(quick.refusal.empty() == thorough.refusal.empty(), "both readers take or refuse a text", input);
    require(quick.documents.size() == thorough.documents.size(), "both readers find the same documents", input);
    for (std::size_t at = 0; at < quick.documents.size(); ++at)
        require(same_with_lines(quick.documents[at], thorough.documents[at]) && same_styles(quick.documents[at], thorough.documents[at]),
                "both readers read the same", input);
}

void yaml(std::string_view input) {
    readers_agree(input);
    for (const auto dialect : {doc::YamlDialect::v1_2, doc::YamlDialect::v1_1}) {
        doc::YamlOptions options;
        options.dialect = dialect;
        std::vector<doc::Value> documents;
        if (!succeeds([&] { documents = doc::read_yaml(input, options); })) continue;
        for (const doc::Value& document : documents) check_yaml_round_trip(document);
    }
}

void json(std::string_view input) {
    doc::Value value;
    doc::Value thorough;
    const bool is_json = succeeds([&] { value = doc::read_json(input); });
    require(succeeds([&] { thorough = doc::read_json_thorough(input); }) == is_json, "both readers take the same texts", input);
    if (!is_json) return;
    require(same_with_lines(value, thorough), "both readers find the same", input);
    const std::string first = doc::write_json(value);
    require(doc::read_json(first) == value, "JSON survives a round trip", first);
    require(doc::write_json(doc::read_json(first)) == first, "writing is stable", first);
    check_yaml_round_trip(value);
}

void patch(std::string_view input) {
    doc::Value parts;
    if (!succeeds([&] { parts = doc::read_json(input); })) return;
    const doc::Value target = parts.find("target") != nullptr ? *parts.find("target") : doc::Value();
    const std::string before = doc::write_json(target);
    if (const auto* operations = parts.find("json_patch"))
        succeeds([&] { (void)doc::write_json(doc::json_patch(target, *operations)); });
    if (const auto* change = parts.find("merge_patch")) {
        const doc::Value merged = doc::merge_patch(target, *change);
        require(doc::merge_patch(merged, *change) == merged, "a merge patch applied twice changes nothing more", input);
        const doc::Value between = doc::merge_patch_between(target, merged);
        require(doc::merge_patch(target, between) == merged, "the patch between two values leads to the second", input);
    }
    require(doc::write_json(target) == before, "the target stays as it was", input);
}

}  // namespace gitops::fuzz
