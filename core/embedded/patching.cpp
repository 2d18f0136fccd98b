#include "core/embedded/patching.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "core/embedded/documents.hpp"
#include "core/base/error.hpp"
#include "core/doc/patch.hpp"
#include "core/kube/merge.hpp"
#include "core/kube/schema.hpp"

namespace gitops::embedded {

using base::Code;
using base::Error;
using doc::Value;

namespace {

constexpr std::array<std::string_view, 4> k_scalable{"Deployment", "ReplicaSet", "StatefulSet", "ReplicationController"};
constexpr std::int64_t k_most_replicas = 1'000'000;

Value patched(const Value& target, const kube::Patch& patch, const kube::Type& type) {
    if (patch.kind != kube::PatchKind::json && !patch.patch.is_map())
        throw Error(Code::invalid, "expected a map as the patch, found a " + std::string(kind_name(patch.patch.kind())));
    switch (patch.kind) {
        case kube::PatchKind::merge: return doc::merge_patch(target, patch.patch);
        case kube::PatchKind::strategic: return kube::strategic_merge(target, patch.patch, type);
        case kube::PatchKind::json: return doc::json_patch(target, patch.patch);
    }
    return target;
}

}  // namespace

Value apply_patch(const Value& live, const Location& location, const kube::Patch& patch) {
    Value result = patched(live, patch, kube::Schema::kubernetes().root(location.gvk));
    if (!result.is_map()) throw Error(Code::invalid, "the patch leaves no object");
    return result;
}

Value patch_scale(const Value& live, const Location& location, const kube::Patch& patch) {
    bool scales = location.origin != KindOrigin::builtin ||
                  std::ranges::find(k_scalable, location.key.kind) != k_scalable.end();
    if (!scales) throw Error(Code::invalid, "a " + location.key.kind + " has no scale");
    const Value* replicas = live.path("spec", "replicas");
    Value scale = map_of({{"apiVersion", "autoscaling/v1"},
                          {"kind", "Scale"},
                          {"metadata", map_of({{"name", kube::name_of(live)}, {"namespace", kube::namespace_of(live)}})},
                          {"spec", map_of({{"replicas", int_or(replicas, 1)}})}});
    Value wanted = patched(scale, patch, kube::Schema::kubernetes().root({"autoscaling", "v1", "Scale"}));
    const Value* count = wanted.path("spec", "replicas");
    auto number = count == nullptr ? std::nullopt : count->to_int();
    if (!number || *number < 0 || *number > k_most_replicas)
        throw Error(Code::invalid, "spec.replicas: a number from 0 to 1000000 is needed");
    Value result = live;
    result.at("spec").set("replicas", *number);
    return result;
}

void require_same_identity(const Value& live, const Value& patched) {
    auto refuse = [](std::string_view field) {
        throw Error(Code::invalid, std::string(field) + ": an object cannot become another one");
    };
    if (kube::kind_of(live) != kube::kind_of(patched)) refuse("kind");
    if (kube::group_of(live.text_at("apiVersion")) != kube::group_of(patched.text_at("apiVersion"))) refuse("apiVersion");
    if (kube::name_of(live) != kube::name_of(patched)) refuse("metadata.name");
    if (kube::namespace_of(live) != kube::namespace_of(patched)) refuse("metadata.namespace");
}

Value managed_fields_after(const Value& live, const Value& wanted) {
    const Value old = copy_or_null(live.path("metadata", "managedFields"));
    const Value given = copy_or_null(wanted.path("metadata", "managedFields"));
    if (!given.is_list() || given.empty() || given == old) return old;
    const auto is_blank = [](const Value& entry) { return entry.is_map() && entry.empty(); };
    if (given.size() == 1 && is_blank(given.items()[0])) return given;
    for (const Value& entry : given.items()) {
        const auto operation = entry.text_at("operation");
        if (operation != "Apply" && operation != "Update")
            throw Error(Code::invalid, "metadata.managedFields: the operation must be Apply or Update");
        const Value* fields = entry.find("fieldsV1");
        if (entry.text_at("fieldsType") != "FieldsV1" || fields == nullptr || !fields->is_map()) return old;
    }
    return given;
}

}  // namespace gitops::embedded
