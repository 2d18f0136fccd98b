#include "core/render/selector.hpp"

#include <optional>

#include <re2/re2.h>

#include "core/base/error.hpp"
#include "core/kube/selector.hpp"
#include "core/render/resources.hpp"

namespace gitops::render {

namespace {

constexpr std::int64_t k_pattern_memory = 8 << 20;

using Pattern = std::unique_ptr<RE2>;

/// nullptr for the empty pattern, which matches everything.
Pattern compile(const std::string& text) {
    if (text.empty()) return nullptr;
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(k_pattern_memory);
    auto pattern = std::make_unique<RE2>("^(?:" + text + ")$", options);
    if (!pattern->ok())
        throw base::Error(base::Code::invalid, "error parsing regexp '" + text + "': " + pattern->error());
    return pattern;
}

bool matches(const Pattern& pattern, const std::string& text) {
    return pattern == nullptr || RE2::PartialMatch(text, *pattern);
}

doc::Value texts_of(const doc::Value& object, std::string_view field) {
    auto map = doc::Value::map();
    for (const auto& [key, text] : metadata_map(object, field)) map.set(key, text);
    return map;
}

}  // namespace

struct Selection::Patterns {
    Pattern group, version, kind, name, ns;
    kube::Selector labels, annotations;
    std::optional<base::Error> bad_selector;  ///< told when an object comes so far that it is asked for
};

Selection::Selection(const SelectorFields& fields) : m_patterns(std::make_unique<Patterns>()) {
    m_patterns->group = compile(fields.gvk.group);
    m_patterns->version = compile(fields.gvk.version);
    m_patterns->kind = compile(fields.gvk.kind);
    m_patterns->name = compile(fields.name);
    m_patterns->ns = compile(fields.ns);
    try {
        m_patterns->annotations = kube::Selector::parse(fields.annotation_selector);
        m_patterns->labels = kube::Selector::parse(fields.label_selector);
    } catch (const base::Error& error) {
        m_patterns->bad_selector = error;
    }
}

Selection::~Selection() = default;
Selection::Selection(Selection&&) noexcept = default;

bool Selection::matches_gvk(const kube::Gvk& gvk) const {
    return matches(m_patterns->group, gvk.group) && matches(m_patterns->version, gvk.version) &&
           matches(m_patterns->kind, gvk.kind);
}

bool Selection::matches_name(const std::string& name) const { return matches(m_patterns->name, name); }

bool Selection::matches_namespace(const std::string& ns) const { return matches(m_patterns->ns, ns); }

bool Selection::matches_id(const Id& id) const {
    return matches_gvk(id.gvk) && matches_name(id.name) && matches_namespace(id.ns);
}

bool Selection::has_metadata_selector() const {
    return !m_patterns->labels.empty() || !m_patterns->annotations.empty() || m_patterns->bad_selector;
}

bool Selection::matches_metadata(const doc::Value& object) const {
    if (m_patterns->bad_selector) throw base::Error(*m_patterns->bad_selector);
    if (!m_patterns->labels.empty() && !m_patterns->labels.matches(texts_of(object, "labels"))) return false;
    return m_patterns->annotations.empty() || m_patterns->annotations.matches(texts_of(object, "annotations"));
}

std::vector<Object*> select(const Collection& objects, const SelectorFields& fields) {
    Selection selection(fields);
    std::vector<Object*> selected;
    for (const auto& object : objects.items()) {
        if (object->gone || !selection.matches_gvk(object->id().gvk)) continue;
        Id original = object->original_id();
        const Id& current = object->id();
        if (!selection.matches_namespace(std::string(original.effective_ns())) &&
            !selection.matches_namespace(std::string(current.effective_ns())))
            continue;
        if (!selection.matches_name(original.name) && !selection.matches_name(current.name)) continue;
        if (!selection.matches_metadata(object->node)) continue;
        selected.push_back(object.get());
    }
    return selected;
}

}  // namespace gitops::render
