// Names of Kubernetes objects and the fields every object has.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/doc/value.hpp"

namespace gitops::kube {

/// Group, version and kind. The core group is "".
struct Gvk {
    std::string group;
    std::string version;
    std::string kind;

    auto operator<=>(const Gvk&) const = default;
    /// "apps/v1", "v1".
    std::string api_version() const;
};

/// What makes two manifests the same object. The version does not count; `ns` is "" for cluster-scoped kinds.
struct ResourceKey {
    std::string group;
    std::string kind;
    std::string ns;
    std::string name;

    auto operator<=>(const ResourceKey&) const = default;
    /// "apps/Deployment prod/web", "Namespace prod": how a person is told; the cli contract's "key".
    std::string text() const;
};

struct ResourceKeyHash {
    std::size_t operator()(const ResourceKey& key) const;
};

/// An object as rendered, and where it was read, for messages.
struct Manifest {
    doc::Value object;
    std::string file;  ///< "" when made by code
};

std::string group_of(std::string_view api_version);    ///< "apps/v1" -> "apps", "v1" -> ""
std::string version_of(std::string_view api_version);  ///< "apps/v1" -> "v1"
Gvk gvk_of(const doc::Value& object);
ResourceKey key_of(const doc::Value& object);
std::string_view kind_of(const doc::Value& object);
std::string_view name_of(const doc::Value& object);
std::string_view namespace_of(const doc::Value& object);
std::string_view uid_of(const doc::Value& object);
std::string_view resource_version_of(const doc::Value& object);
/// "" when absent.
std::string_view annotation_of(const doc::Value& object, std::string_view key);
std::string_view label_of(const doc::Value& object, std::string_view key);
/// Its deletion has begun: it has a deletionTimestamp.
bool is_being_deleted(const doc::Value& object);
void set_annotation(doc::Value& object, std::string_view key, std::string_view text);
void set_label(doc::Value& object, std::string_view key, std::string_view text);
void set_namespace(doc::Value& object, std::string_view ns);

/// Throws base::Error(invalid), saying what is missing, unless `object` is a map with apiVersion, kind and
/// metadata.name (or generateName) that are texts, and name and namespace are legal (RFC 1123, or path segments
/// for RBAC kinds).
void require_identity(const doc::Value& object, std::string_view file);

/// Secret data as it may be shown: every value under data and stringData replaced by runs of '+' whose length
/// differs for different values seen in one call, so that equality survives (Argo CD's rule). Values of the
/// last-applied annotation too. Objects of other kinds are returned as they are.
std::vector<doc::Value> mask_secrets(std::vector<doc::Value> versions_of_one_object);

}  // namespace gitops::kube
