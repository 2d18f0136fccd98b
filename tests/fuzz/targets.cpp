#include "tests/fuzz/targets.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

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

}  // namespace

void yaml(std::string_view input) {
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
