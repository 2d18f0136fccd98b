#include "core/backend/api_requests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/error.hpp"
#include "core/doc/json.hpp"
#include "core/kube/apply.hpp"
#include "core/kube/schema.hpp"

namespace gitops::backend {

using base::Code;
using base::Error;
using doc::Value;

namespace {

constexpr std::string_view k_json = "application/json";
constexpr std::array k_patch_types{std::pair{kube::PatchKind::merge, "application/merge-patch+json"},
                                   std::pair{kube::PatchKind::strategic, "application/strategic-merge-patch+json"},
                                   std::pair{kube::PatchKind::json, "application/json-patch+json"}};
constexpr std::array k_propagations{std::pair{kube::Propagation::background, "Background"},
                                    std::pair{kube::Propagation::foreground, "Foreground"},
                                    std::pair{kube::Propagation::orphan, "Orphan"}};
/// Servers before 1.25 do not know the parameter and drop unknown fields of what is created.
constexpr std::array k_field_validations{std::pair{kube::UnknownFields::refuse, "fieldValidation=Strict"},
                                         std::pair{kube::UnknownFields::drop, "fieldValidation=Ignore"}};

std::string_view name_in(const auto& table, auto key) {
    return std::ranges::find(table, key, [](const auto& row) { return row.first; })->second;
}

/// "?fieldManager=gitopsctl&dryRun=All"
std::string query_of(std::string_view manager, kube::DryRun dry_run, std::string_view more = {}) {
    std::string query;
    const auto add = [&](std::string_view text) { query += (query.empty() ? "?" : "&") + std::string(text); };
    if (!manager.empty()) add("fieldManager=" + url_encode(manager));
    if (dry_run == kube::DryRun::yes) add("dryRun=All");
    if (!more.empty()) add(more);
    return query;
}

/// The manager between the quotes of `conflict with "kubectl-client-side-apply" using apps/v1`, which Go has quoted.
std::string quoted_manager(std::string_view message) {
    const auto open = message.find('"');
    if (open == message.npos) return std::string(message);
    std::string manager;
    for (std::size_t i = open + 1; i < message.size() && message[i] != '"'; ++i) {
        if (message[i] == '\\' && i + 1 < message.size()) ++i;
        manager += message[i];
    }
    return manager;
}

/// A JSON patch that sets the version makes the server compare it; the other kinds carry it themselves.
Value with_precondition(const kube::Patch& patch) {
    if (patch.resource_version.empty()) return patch.patch;
    Value guarded = patch.patch;
    if (patch.kind != kube::PatchKind::json) {
        guarded.at("metadata").set("resourceVersion", patch.resource_version);
        return guarded;
    }
    Value condition = Value::map({{"op", "replace"}, {"path", "/metadata/resourceVersion"}, {"value", patch.resource_version}});
    guarded.insert(0, std::move(condition));
    return guarded;
}

}  // namespace

Value applicable(const Value& object) {
    Value config = kube::with_list_keys(object);
    if (Value* metadata = config.find_mutable("metadata"); metadata != nullptr && metadata->is_map())
        for (std::string_view key : {"managedFields", "creationTimestamp", "generation", "selfLink"}) metadata->erase(key);
    // Servers before 1.22 ignore an applied status but note its owner, who then fights the controllers about it.
    if (config.has("status") && kube::Schema::kubernetes().root(kube::gvk_of(config)).declares("status")) config.erase("status");
    return config;
}

ApiRequest apply_request(const Target& target, const Value& config, const kube::ApplyOptions& options) {
    ApiRequest request;
    request.method = "PATCH";
    const bool force = options.on_conflict == kube::OnConflict::take_over;
    const std::string validation(name_in(k_field_validations, options.unknown_fields));
    request.path = target.path() + query_of(options.manager, options.dry_run, (force ? "force=true&" : "") + validation);
    request.content_type = "application/apply-patch+yaml";
    request.body = doc::write_json(config);  // JSON is YAML, and cheaper to read
    return request;
}

ApiRequest create_request(const Target& target, const Value& object, const kube::Write& write) {
    ApiRequest request;
    request.method = "POST";
    request.path = target.collection() + query_of(write.manager, write.dry_run, name_in(k_field_validations, write.unknown_fields));
    request.content_type = k_json;
    request.body = doc::write_json(object);
    // Twice the same name is told apart afterwards; twice a generated name would be two objects.
    request.repeat = target.name.empty() ? Repeat::only_unsent : Repeat::safe;
    return request;
}

ApiRequest replace_request(const Target& target, const Value& object, const kube::Write& write) {
    ApiRequest request;
    request.method = "PUT";
    request.path = target.path() + query_of(write.manager, write.dry_run, name_in(k_field_validations, write.unknown_fields));
    request.content_type = k_json;
    request.body = doc::write_json(object);
    // With a version the second try would be refused for what the first one did.
    request.repeat = kube::resource_version_of(object).empty() ? Repeat::safe : Repeat::only_unsent;
    return request;
}

ApiRequest patch_request(const Target& target, const kube::Patch& patch, const kube::Write& write) {
    ApiRequest request;
    request.method = "PATCH";
    request.path = target.path() + (patch.subresource.empty() ? "" : "/" + url_encode(patch.subresource)) +
                   query_of(write.manager, write.dry_run);
    request.content_type = name_in(k_patch_types, patch.kind);
    request.body = doc::write_json(with_precondition(patch));
    const bool twice_is_once = patch.kind != kube::PatchKind::json && patch.resource_version.empty();
    request.repeat = twice_is_once ? Repeat::safe : Repeat::only_unsent;
    return request;
}

ApiRequest remove_request(const Target& target, const kube::RemoveOptions& options) {
    Value body = Value::map({{"apiVersion", "v1"}, {"kind", "DeleteOptions"}});
    body.set("propagationPolicy", name_in(k_propagations, options.propagation));
    if (!options.uid.empty()) body.set("preconditions", Value::map({{"uid", options.uid}}));
    if (options.dry_run == kube::DryRun::yes) body.set("dryRun", Value::list({"All"}));
    ApiRequest request;
    request.method = "DELETE";
    request.path = target.path();
    request.content_type = k_json;
    request.body = doc::write_json(body);
    // Without a uid a second try could hit what somebody made anew under that name.
    request.repeat = options.uid.empty() ? Repeat::only_unsent : Repeat::safe;
    return request;
}

std::vector<kube::Conflict> conflicts_of(const ApiResponse& response) {
    std::vector<kube::Conflict> conflicts;
    if (response.status != 409) return conflicts;
    for (const StatusCause& cause : status_causes(response.body))
        if (cause.reason == "FieldManagerConflict") conflicts.push_back({quoted_manager(cause.message), cause.field});
    return conflicts;
}

bool is_contained(const Value& part, const Value& whole) {
    if (part.is_map())
        return std::ranges::all_of(part.entries(), [&](const doc::Entry& entry) {
            const Value* other = whole.find(entry.name());
            return other == nullptr ? entry.value.is_null() : is_contained(entry.value, *other);
        });
    if (!part.is_list()) return part == whole;
    if (part.size() != whole.size()) return false;
    for (std::size_t i = 0; i < part.size(); ++i)
        if (!is_contained(part.items()[i], whole.items()[i])) return false;
    return true;
}

}  // namespace gitops::backend
