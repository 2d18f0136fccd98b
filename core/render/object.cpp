#include "core/render/object.hpp"

#include <algorithm>
#include <unordered_map>

#include "core/kube/schema.hpp"
#include "core/render/scalar.hpp"

namespace gitops::render {

namespace {

std::string_view or_else(std::string_view text, std::string_view fallback) { return text.empty() ? fallback : text; }

}  // namespace

std::string_view scalar_text(const doc::Value* value) {
    return value != nullptr && value->is_scalar() ? value->text() : std::string_view{};
}

void set_name(doc::Value& object, std::string_view name) {
    set_untagged(object.at("metadata").at("name"), name);
}

std::string_view Id::effective_ns() const {
    if (cluster) return k_no_namespace;
    return ns.empty() ? k_default_namespace : std::string_view(ns);
}

bool Id::equals(const Id& other) const {
    return name == other.name && gvk.kind == other.gvk.kind && gvk.group == other.gvk.group &&
           gvk.version == other.gvk.version && effective_ns() == other.effective_ns();
}

std::string Id::text() const {
    std::string text = gvk_text(gvk);
    text += '/';
    text += or_else(name, "[noName]");
    text += '.';
    text += or_else(ns, "[noNs]");
    return text;
}

std::string gvk_text(const kube::Gvk& gvk) {
    std::string text(or_else(gvk.kind, "[noKind]"));
    text += '.';
    text += or_else(gvk.version, "[noVer]");
    text += '.';
    text += or_else(gvk.group, "[noGrp]");
    return text;
}

bool is_selected(const kube::Gvk& gvk, const kube::Gvk& selector) {
    return (selector.group.empty() || selector.group == gvk.group) &&
           (selector.version.empty() || selector.version == gvk.version) &&
           (selector.kind.empty() || selector.kind == gvk.kind);
}

bool is_cluster_scoped(const kube::Gvk& gvk) {
    return kube::Schema::kustomize().is_namespaced(gvk) == std::optional<bool>(false);
}

bool is_scope_known(const kube::Gvk& gvk) { return kube::Schema::kustomize().is_namespaced(gvk).has_value(); }

Id id_of(const doc::Value& object) {
    Id id;
    std::string_view api_version = scalar_text(object.find("apiVersion"));
    auto slash = api_version.find('/');
    if (slash == std::string_view::npos) {
        id.gvk.version = api_version;
    } else {
        id.gvk.group = api_version.substr(0, slash);
        id.gvk.version = api_version.substr(slash + 1);
    }
    id.gvk.kind = scalar_text(object.find("kind"));
    if (const doc::Value* metadata = object.find("metadata")) {
        id.name = scalar_text(metadata->find("name"));
        id.ns = scalar_text(metadata->find("namespace"));
    }
    id.cluster = is_cluster_scoped(id.gvk);
    return id;
}

doc::Value Origin::to_value() const {
    auto value = doc::Value::map();
    auto by = doc::Value::map();
    const std::pair<std::string_view, const std::string*> identity[] = {
        {"apiVersion", &configured_api_version},
        {"kind", &configured_kind},
        {"name", &configured_name},
        {"namespace", &configured_namespace},
    };
    for (const auto& [key, text] : identity)
        if (!text->empty()) by.set(key, *text);
    if (!path.empty()) value.set("path", path);
    if (!repo.empty()) value.set("repo", repo);
    if (!ref.empty()) value.set("ref", ref);
    if (!configured_in.empty()) value.set("configuredIn", configured_in);
    if (!by.empty()) value.set("configuredBy", by);
    return value;
}

Object::Object(doc::Value content, std::string source)
    : node(std::move(content)), file(std::move(source)), m_id(id_of(node)) {}

Id Object::previous(const Past& past) const {
    Id id;
    id.gvk = {m_id.gvk.group, m_id.gvk.version, past.kind};
    id.name = past.name;
    id.ns = past.ns;
    return id;
}

Id Object::original_id() const { return m_past.empty() ? m_id : previous(m_past.front()); }

std::vector<Id> Object::previous_ids() const {
    std::vector<Id> ids;
    ids.reserve(m_past.size());
    for (const auto& past : m_past) ids.push_back(previous(past));
    return ids;
}

bool Object::had_name(std::string_view name) const {
    return std::ranges::any_of(m_past, [&](const Past& past) { return past.name == name; });
}

bool Object::was_selected(const kube::Gvk& selector) const {
    if (!selector.group.empty() && selector.group != m_id.gvk.group) return false;
    if (!selector.version.empty() && selector.version != m_id.gvk.version) return false;
    return std::ranges::any_of(
        m_past, [&](const Past& past) { return selector.kind.empty() || selector.kind == past.kind; });
}

bool Object::any_id_equals(const Id& id) const {
    if (id.equals(m_id)) return true;
    if (id.gvk.group != m_id.gvk.group || id.gvk.version != m_id.gvk.version) return false;
    return std::ranges::any_of(m_past, [&](const Past& past) {
        return past.name == id.name && past.kind == id.gvk.kind && past.ns == id.effective_ns();
    });
}

void Object::remember_id() { m_past.push_back({m_id.name, std::string(m_id.effective_ns()), m_id.gvk.kind}); }

bool Object::has_bookkeeping() const {
    return !m_past.empty() || !prefixes.empty() || !suffixes.empty() || needs_hash || from_helm || origin.has_value() ||
           behavior != Behavior::unspecified;
}

void Object::show_bookkeeping() {
    doc::Value* metadata = has_bookkeeping() ? node.find_mutable("metadata") : nullptr;
    if (metadata != nullptr && metadata->is_map() && is_nil_or_empty(metadata->find("annotations")))
        metadata->set("annotations", doc::Value::map());
}

void Object::forget_origin() {
    origin.reset();
    transformations.clear();
}

void Object::forget_everything() {
    forget_origin();
    m_past.clear();
    prefixes.clear();
    suffixes.clear();
    needs_hash = false;
    behavior = Behavior::unspecified;
}

void Object::inherit(const Object& old) {
    m_past = old.m_past;
    prefixes = old.prefixes;
    suffixes = old.suffixes;
    behavior = old.behavior;
    vars = old.vars;
    needs_hash = needs_hash && old.needs_hash;
}

bool Object::refresh() {
    Id now = id_of(node);
    bool changed = now.name != m_id.name || now.ns != m_id.ns || now.gvk != m_id.gvk;
    m_id = std::move(now);
    return changed;
}

}  // namespace gitops::render
