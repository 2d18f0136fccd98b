#include "core/backend/api_target.hpp"

#include <fmt/format.h>

namespace gitops::backend {

using base::Code;
using base::Error;
using doc::Value;

std::string Target::collection() const { return path_of(kind, ns, ""); }

std::string Target::path() const { return path_of(kind, ns, name); }

std::string Target::subject() const {
    if (!name.empty()) return kube::ResourceKey{kind.gvk.group, kind.gvk.kind, ns, name}.text();
    return kind.gvk.group.empty() ? kind.gvk.kind : kind.gvk.group + "/" + kind.gvk.kind;
}

std::optional<Target> find_target(Discovery& discovery, const kube::ObjectRef& ref) {
    auto kind = discovery.find(ref.gvk);
    if (!kind) return std::nullopt;
    const bool is_global = kind->scope == kube::Scope::cluster;
    return Target{std::move(*kind), is_global ? "" : ref.ns.empty() ? "default" : ref.ns, ref.name};
}

Error not_served(Discovery& discovery, const kube::Gvk& gvk) {
    const auto other = gvk.version.empty() ? std::nullopt : discovery.find({gvk.group, "", gvk.kind});
    if (other) {
        Error error(Code::not_found, fmt::format("the server does not serve {} {}: it has {}", gvk.api_version(), gvk.kind,
                                                 other->gvk.api_version()));
        error.hint(fmt::format("write apiVersion: {} in the manifest", other->gvk.api_version()));
        return error;
    }
    const std::string named = gvk.version.empty() ? gvk.group : gvk.api_version();
    Error error(Code::not_found, fmt::format("the server does not know the kind {}{}{}", named, named.empty() ? "" : " ", gvk.kind));
    if (!gvk.group.empty()) error.hint("its CustomResourceDefinition has to be there before its objects");
    return error;
}

bool is_path_name(std::string_view name) {
    return !name.empty() && name != "." && name != ".." && name.find_first_of("/%") == name.npos;
}

bool is_unknown_path(const ApiResponse& response) {
    if (response.status != 404) return false;
    const Value* name = response.body.path("details", "name");
    return name == nullptr || name->text().empty();
}

}  // namespace gitops::backend
