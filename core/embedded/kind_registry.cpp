#include "core/embedded/kind_registry.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/kube/schema.hpp"

namespace gitops::embedded {

using doc::Value;

namespace {

constexpr std::string_view k_definitions = "definitions";  ///< setting that grows with every change of a definition

StatusRoom status_room(const Value& definition, std::string_view version) {
    const Value* versions = definition.path("spec", "versions");
    if (versions == nullptr) return StatusRoom::part_of_object;
    for (const Value& served : versions->items())
        if (served.text_at("name") == version)
            return served.path("subresources", "status") != nullptr ? StatusRoom::separate : StatusRoom::part_of_object;
    return StatusRoom::part_of_object;
}

Location place(const kube::ObjectRef& ref, const kube::KindInfo& info, KindOrigin origin, StatusRoom status) {
    Location location;
    location.gvk = info.gvk;
    if (!ref.gvk.version.empty()) location.gvk.version = ref.gvk.version;
    location.origin = origin;
    location.status = status;
    std::string ns = info.scope == kube::Scope::cluster ? "" : ref.ns.empty() ? "default" : ref.ns;
    location.key = {ref.gvk.group, ref.gvk.kind, std::move(ns), ref.name};
    return location;
}

}  // namespace

bool is_definition(const kube::ResourceKey& key) {
    return key.kind == "CustomResourceDefinition" && key.group == "apiextensions.k8s.io";
}

kube::Gvk defined_kind(const Value& definition) {
    const Value* kind = definition.path("spec", "names", "kind");
    const Value* group = definition.path("spec", "group");
    return {std::string(group ? group->text() : ""), "", std::string(kind ? kind->text() : "")};
}

Location KindRegistry::locate(const kube::ObjectRef& ref) {
    if (auto builtin = kube::find_kind(ref.gvk)) {
        bool separate = kube::Schema::kubernetes().root(builtin->gvk).field("status").has_value();
        return place(ref, *builtin, KindOrigin::builtin, separate ? StatusRoom::separate : StatusRoom::part_of_object);
    }
    const auto& known = defined();
    auto serves = [&](const Defined& one) {
        return one.info.gvk.group == ref.gvk.group && one.info.gvk.kind == ref.gvk.kind;
    };
    auto exact = std::ranges::find_if(
        known, [&](const Defined& one) { return serves(one) && one.info.gvk.version == ref.gvk.version; });
    if (exact == known.end()) exact = std::ranges::find_if(known, serves);
    if (exact != known.end()) return place(ref, exact->info, KindOrigin::definition, exact->status);
    Location location;
    location.gvk = ref.gvk;
    location.key = {ref.gvk.group, ref.gvk.kind, ref.ns, ref.name};
    return location;
}

std::vector<kube::KindInfo> KindRegistry::all() {
    std::vector<kube::KindInfo> kinds = kube::builtin_kinds();
    for (const Defined& one : defined()) kinds.push_back(one.info);
    for (const StoredKind& stored : m_store.stored_kinds()) {
        bool known = std::ranges::any_of(kinds, [&](const kube::KindInfo& info) {
            return info.gvk.group == stored.gvk.group && info.gvk.kind == stored.gvk.kind;
        });
        if (!known) kinds.push_back({stored.gvk, base::lower(stored.gvk.kind) + "s", stored.scope});
    }
    return kinds;
}

void KindRegistry::definitions_changed() { m_store.set_setting(k_definitions, m_store.setting(k_definitions) + 1); }

const std::vector<KindRegistry::Defined>& KindRegistry::defined() {
    std::int64_t current = m_store.setting(k_definitions);
    if (current == m_defined_at) return m_defined;
    m_defined.clear();
    for (const Row& row : m_store.list("apiextensions.k8s.io", "CustomResourceDefinition", std::nullopt))
        for (kube::KindInfo& info : kube::kinds_of_crd(row.object)) {
            StatusRoom status = status_room(row.object, info.gvk.version);
            m_defined.push_back({std::move(info), status});
        }
    m_defined_at = current;
    return m_defined;
}

}  // namespace gitops::embedded
