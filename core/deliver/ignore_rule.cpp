#include "core/deliver/ignore_rule.hpp"

#include <re2/re2.h>

#include <map>
#include <mutex>

#include "core/base/error.hpp"
#include "core/base/glob.hpp"

namespace gitops::deliver {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t k_longest_pattern = 1000;
constexpr std::size_t k_kept_patterns = 200;
constexpr std::int64_t k_pattern_memory = 4 << 20;

/// Patterns that were compiled before; the oldest go when there are many.
class Patterns {
  public:
    bool matches(std::string_view pattern, std::string_view flags, std::string_view text) {
        return RE2::PartialMatch({text.data(), text.size()}, *compiled(pattern, flags));
    }

  private:
    std::shared_ptr<const RE2> compiled(std::string_view pattern, std::string_view flags) {
        if (flags.find_first_not_of("gi") != std::string_view::npos)
            throw Error(Code::invalid, "test takes the flags g and i, not \"" + std::string(flags.substr(0, 20)) + "\"");
        if (pattern.size() > k_longest_pattern) throw Error(Code::invalid, "a pattern of more than 1000 bytes");
        const bool fold = flags.find('i') != std::string_view::npos;
        const std::pair key{std::string(pattern), fold};
        const std::scoped_lock guard(m_mutex);
        if (const auto known = m_known.find(key); known != m_known.end()) return known->second;
        RE2::Options options;
        options.set_log_errors(false);
        options.set_case_sensitive(!fold);
        options.set_max_mem(k_pattern_memory);
        auto made = std::make_shared<const RE2>(spelled_for_go(pattern), options);
        if (!made->ok()) throw Error(Code::invalid, "the pattern cannot be read: " + made->error());
        if (m_known.size() >= k_kept_patterns) m_known.clear();
        m_known.emplace(key, made);
        return made;
    }

    /// jq writes named groups as (?<name>), Go as (?P<name>).
    static std::string spelled_for_go(std::string_view pattern) {
        std::string text(pattern);
        for (auto at = text.find("(?<"); at != std::string::npos; at = text.find("(?<", at + 4))
            if (at == 0 || text[at - 1] != '\\') text.insert(at + 2, "P");
        return text;
    }

    std::mutex m_mutex;
    std::map<std::pair<std::string, bool>, std::shared_ptr<const RE2>> m_known;
};

bool glob(const std::string& pattern, const std::string& text) {
    return pattern.empty() ? text.empty() : base::glob_match(pattern, text, base::GlobMode::name);
}

/// `error` of a part, told as one about the field `key` of the file.
Error told(const doc::FieldsReader& reader, std::string_view key, const Error& error) {
    auto out = reader.error(key, error.message());
    for (const auto& note : error.notes()) out.note(note);
    if (!error.suggestions().empty()) out.suggest(error.suggestions());
    if (!error.hint_text().empty()) out.hint(error.hint_text());
    return out;
}

}  // namespace

bool applies(const IgnoreRule& rule, const kube::ResourceKey& key) {
    return glob(rule.group, key.group) && glob(rule.kind, key.kind) && (rule.name.empty() || rule.name == key.name) &&
           (rule.ns.empty() || rule.ns == key.ns);
}

IgnoreRules rules_for(const IgnoreRules& rules, const kube::ResourceKey& key) {
    IgnoreRules found;
    for (const auto& rule : rules)
        if (applies(*rule, key)) found.push_back(rule);
    return found;
}

void read_ignored_fields(doc::FieldsReader& reader, IgnoreRule& rule) {
    std::string_view key = "jsonPointers";
    try {
        for (const auto& pointer : reader.texts(key)) rule.pointers.push_back(doc::parse_pointer(pointer));
        key = "jqPathExpressions";
        for (const auto& text : reader.texts(key)) rule.expressions.push_back(doc::JqPath::compile(text, ignore_matcher()));
    } catch (const Error& error) {
        if (!error.place().file.empty()) throw;  // the reader's own, about the form of the list
        throw told(reader, key, error);
    }
    for (auto& manager : reader.texts("managedFieldsManagers")) rule.managers.push_back(std::move(manager));
}

IgnoreRules read_ignore_rules(std::vector<doc::FieldsReader> items, std::string_view origin, std::vector<std::string>& warnings) {
    IgnoreRules rules;
    for (auto& reader : items) {
        IgnoreRule rule;
        rule.group = reader.text("group");
        rule.kind = reader.text("kind");
        rule.name = reader.text("name");
        rule.ns = reader.text("namespace");
        rule.origin = std::string(origin) + "[" + std::to_string(rules.size()) + "]";
        read_ignored_fields(reader, rule);
        if (rule.kind.empty()) warnings.push_back(rule.origin + " names no kind and has no effect");
        if (rule.pointers.empty() && rule.expressions.empty() && rule.managers.empty())
            warnings.push_back(rule.origin + " names no field and has no effect");
        for (const auto& name : reader.unknown()) warnings.push_back("unknown field " + name + " has no effect");
        rules.push_back(std::make_shared<const IgnoreRule>(std::move(rule)));
    }
    return rules;
}

doc::JqMatcher ignore_matcher() {
    static const auto patterns = std::make_shared<Patterns>();
    return [](std::string_view pattern, std::string_view flags, std::string_view text) { return patterns->matches(pattern, flags, text); };
}

const IgnoreRules& built_in_ignore_rules() {
    static const IgnoreRules rules = [] {
        IgnoreRule definition;
        definition.group = "apiextensions.k8s.io";
        definition.kind = "CustomResourceDefinition";
        definition.pointers.push_back({"spec", "preserveUnknownFields"});  // the server drops false
        definition.origin = "built in";
        return IgnoreRules{std::make_shared<const IgnoreRule>(std::move(definition))};
    }();
    return rules;
}

}  // namespace gitops::deliver
