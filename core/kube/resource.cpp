#include "core/kube/resource.hpp"

#include <algorithm>
#include <functional>

#include "core/base/error.hpp"
#include "core/kube/catalog.hpp"

namespace gitops::kube {

namespace {

using base::Code;
using base::Error;
using doc::Value;

constexpr std::size_t k_max_name = 253, k_max_label_name = 63;

/// Kinds whose names only have to be one segment of a URL path; the others' are DNS names (each kind's ValidateName).
constexpr std::string_view k_path_segment_kinds[] = {
    "CertificateSigningRequest", "ClusterRole", "ClusterRoleBinding", "ClusterTrustBundle", "IPAddress", "Role", "RoleBinding"};

bool is_lower_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// RFC 1123 label without its length limit.
bool is_label(std::string_view text) {
    return !text.empty() && is_lower_alnum(text.front()) && is_lower_alnum(text.back()) &&
           std::all_of(text.begin(), text.end(), [](char c) { return is_lower_alnum(c) || c == '-'; });
}

bool is_subdomain(std::string_view text) {
    for (;;) {
        const auto dot = text.find('.');
        if (!is_label(text.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        text.remove_prefix(dot + 1);
    }
}

bool is_path_segment(std::string_view text) {
    return !text.empty() && text != "." && text != ".." && text.find_first_of("/%") == std::string_view::npos;
}

std::string_view text_in_metadata(const Value& object, std::string_view key) {
    const Value* metadata = object.find("metadata");
    return metadata == nullptr ? std::string_view() : metadata->text_at(key);
}

std::string_view text_in_metadata(const Value& object, std::string_view map, std::string_view key) {
    const Value* texts = object.path("metadata", map);
    return texts == nullptr ? std::string_view() : texts->text_at(key);
}

/// The map at `key` for changing; whatever else stood there is replaced.
Value& map_at(Value& parent, std::string_view key) {
    Value& child = parent.at(key);
    if (!child.is_map()) child = Value::map();
    return child;
}

Error invalid(std::string_view message, std::string_view file, std::uint32_t line) {
    Error error(Code::invalid, message);
    error.at({std::string(file), static_cast<int>(line), 0});
    return error;
}

void require_text(const Value& parent, std::string_view key, std::string_view path, std::string_view file) {
    const Value* value = parent.find(key);
    if (value == nullptr || value->is_null())
        throw invalid("the object has no " + std::string(path), file, parent.line());
    if (!value->is_string())
        throw invalid(std::string(path) + " must be text, not a " + std::string(kind_name(value->kind())), file, value->line())
            .hint("put it in quotes");
    if (value->text().empty()) throw invalid(std::string(path) + " is empty", file, value->line());
}

void require_legal_name(const Value& object, const Value& name, std::string_view file) {
    const auto kind = kind_of(object);
    const auto text = name.text();
    const auto* const segment_kinds_end = std::end(k_path_segment_kinds);
    if (std::find(std::begin(k_path_segment_kinds), segment_kinds_end, kind) != segment_kinds_end) {
        if (is_path_segment(text)) return;
        throw invalid("\"" + std::string(text) + "\" is not a legal name for a " + std::string(kind), file, name.line())
            .hint("it may not be \".\" or \"..\" and may not contain '/' or '%'");
    }
    const bool label = kind == "Namespace" && group_of(object.text_at("apiVersion")).empty();
    if (label ? is_label(text) && text.size() <= k_max_label_name : is_subdomain(text) && text.size() <= k_max_name) return;
    throw invalid("\"" + std::string(text) + "\" is not a legal name for a " + std::string(kind), file, name.line())
        .hint(label ? "use at most 63 lower-case letters, digits and '-', starting and ending with a letter or digit"
                    : "use at most 253 lower-case letters, digits, '-' and '.', starting and ending with a letter or digit");
}

}  // namespace

std::string Gvk::api_version() const { return group.empty() ? version : group + "/" + version; }

std::string ResourceKey::text() const {
    std::string out;
    if (!group.empty()) out.append(group).append("/");
    out.append(kind).append(" ");
    if (!ns.empty()) out.append(ns).append("/");
    return out.append(name);
}

std::size_t ResourceKeyHash::operator()(const ResourceKey& key) const {
    std::size_t seed = 0;
    for (const auto* text : {&key.group, &key.kind, &key.ns, &key.name})
        seed ^= std::hash<std::string>()(*text) + 0x9e3779b97f4a7c15ULL + (seed << 6) + (seed >> 2);
    return seed;
}

std::string group_of(std::string_view api_version) {
    const auto slash = api_version.find('/');
    return slash == std::string_view::npos ? std::string() : std::string(api_version.substr(0, slash));
}

std::string version_of(std::string_view api_version) {
    const auto slash = api_version.find('/');
    return std::string(slash == std::string_view::npos ? api_version : api_version.substr(slash + 1));
}

Gvk gvk_of(const Value& object) {
    const auto api_version = object.text_at("apiVersion");
    return {group_of(api_version), version_of(api_version), std::string(kind_of(object))};
}

ResourceKey key_of(const Value& object) {
    Gvk gvk = gvk_of(object);
    const bool namespaced = scope_of(gvk) == Scope::namespaced;
    return {std::move(gvk.group), std::move(gvk.kind), std::string(namespaced ? namespace_of(object) : std::string_view()),
            std::string(name_of(object))};
}

std::string_view kind_of(const Value& object) { return object.text_at("kind"); }
std::string_view name_of(const Value& object) { return text_in_metadata(object, "name"); }
std::string_view namespace_of(const Value& object) { return text_in_metadata(object, "namespace"); }
std::string_view uid_of(const Value& object) { return text_in_metadata(object, "uid"); }
std::string_view resource_version_of(const Value& object) { return text_in_metadata(object, "resourceVersion"); }

std::string_view annotation_of(const Value& object, std::string_view key) { return text_in_metadata(object, "annotations", key); }
std::string_view label_of(const Value& object, std::string_view key) { return text_in_metadata(object, "labels", key); }

bool is_being_deleted(const Value& object) { return !text_in_metadata(object, "deletionTimestamp").empty(); }

void set_annotation(Value& object, std::string_view key, std::string_view text) {
    map_at(map_at(object, "metadata"), "annotations").set(key, text);
}

void set_label(Value& object, std::string_view key, std::string_view text) {
    map_at(map_at(object, "metadata"), "labels").set(key, text);
}

void set_namespace(Value& object, std::string_view ns) { map_at(object, "metadata").set("namespace", ns); }

void require_identity(const Value& object, std::string_view file) {
    if (!object.is_map())
        throw invalid("a manifest must be a map, not a " + std::string(kind_name(object.kind())), file, object.line());
    require_text(object, "apiVersion", "apiVersion", file);
    require_text(object, "kind", "kind", file);
    const Value* metadata = object.find("metadata");
    if (metadata == nullptr || metadata->is_null()) throw invalid("the object has no metadata.name", file, object.line());
    if (!metadata->is_map())
        throw invalid("metadata must be a map, not a " + std::string(kind_name(metadata->kind())), file, metadata->line());
    const Value* name = metadata->find("name");
    if (name == nullptr && metadata->has("generateName")) {
        require_text(*metadata, "generateName", "metadata.generateName", file);
    } else {
        require_text(*metadata, "name", "metadata.name", file);
        require_legal_name(object, *name, file);
    }
    const Value* ns = metadata->find("namespace");
    if (ns == nullptr || ns->is_null() || (ns->is_string() && ns->text().empty())) return;
    require_text(*metadata, "namespace", "metadata.namespace", file);
    if (is_label(ns->text()) && ns->text().size() <= k_max_label_name) return;
    throw invalid("\"" + std::string(ns->text()) + "\" is not a legal namespace", file, ns->line())
        .hint("use at most 63 lower-case letters, digits and '-', starting and ending with a letter or digit");
}

}  // namespace gitops::kube
