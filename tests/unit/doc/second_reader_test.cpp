#include <catch2/catch.hpp>
#include <yaml-cpp/yaml.h>

#include "core/doc/json.hpp"
#include "core/doc/yaml_write.hpp"

using namespace gitops::doc;

namespace {

/// True when an independent reader finds in `node` the structure and the texts of `value`.
bool agrees(const YAML::Node& node, const Value& value) {
    if (value.is_null()) return node.IsNull();
    if (value.is_scalar()) return node.IsScalar() && node.Scalar() == value.text();
    if (node.size() != value.size()) return false;
    if (value.is_list()) {
        for (std::size_t at = 0; at < value.size(); ++at)
            if (!agrees(node[at], value.items()[at])) return false;
        return node.IsSequence();
    }
    for (const auto& pair : node) {
        const Value* child = value.find(pair.first.Scalar());
        if (child == nullptr || !agrees(pair.second, *child)) return false;
    }
    return node.IsMap();
}

}  // namespace

TEST_CASE("yaml-cpp reads what we write as we meant it") {
    Value root = Value::map();
    const std::vector<std::string> texts{"plain",      "yes",       "",          " lead",      "trail ",     "a: b",      "a #b",
                                         "'single'",   "\"double\"", "back\\slash", "tab\tend", "line\n",     "two\nlines", "\n\nlate",
                                         "- item",     "? key",     "[flow]",    "{flow}",     "&anchor",    "*alias",    "!tag",
                                         "%directive", "@at",       "`tick`",    "1:30",       "0x1F",       "~",         "é日本",
                                         "😀",          "---",       "...",       std::string(200, 'w')};
    Value list = Value::list();
    for (const std::string& text : texts) {
        list.push_back(Value(text));
        root.set(text, Value::list({Value(text), Value(7)}));
    }
    std::string words;
    for (int i = 0; i < 60; ++i) words += "word" + std::to_string(i) + (i % 7 == 0 ? ": " : " ");
    list.push_back(Value(words));
    list.push_back(Value::list({Value::list({Value(1), Value(nullptr)}), Value::map(), Value::list()}));
    root.set("list", list);
    const std::string text = write_yaml(root);
    CHECK(agrees(YAML::Load(text), root));
}
