// Sets of fields and who owns them: metadata.managedFields in the FieldsV1 form ("f:spec", "k:{...}", "v:...", ".").
// Follows sigs.k8s.io/structured-merge-diff v4 (fieldpath).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/doc/value.hpp"
#include "core/kube/schema.hpp"

namespace gitops::kube {

/// A set of paths below one object, as a tree. A step is a field name, a list element by keys or by value, or an index.
/// Steps are kept in FieldsV1 spelling ("f:spec", "k:{\"name\":\"web\"}", "v:\"x\"", "i:0").
class FieldSet {
  public:
    bool member = false;                       ///< the path that leads here is itself in the set (".")
    std::map<std::string, FieldSet, std::less<>> children;

    bool empty() const { return !member && children.empty(); }
    /// True when every path of `other` is in this set.
    bool contains(const FieldSet& other) const;
    const FieldSet* find(std::string_view step) const;
    /// Reads FieldsV1; what is no such thing is left out.
    static FieldSet from_json(const doc::Value& fields_v1);
    doc::Value to_json() const;
    FieldSet unite(const FieldSet& other) const;
    FieldSet subtract(const FieldSet& other) const;
    FieldSet intersect(const FieldSet& other) const;
    /// Every path as people write it: "spec.template.spec.containers[name=web].image"; see append_path().
    std::vector<std::string> paths() const;
    bool operator==(const FieldSet&) const = default;
};

/// The step to a list's item in FieldsV1 spelling: by the keys of an associative list, by the value in a set.
/// Absent keys count with their defaults. nullopt when the item cannot be told from others: it is null, has none of
/// the keys, or is a list or map in a set.
std::optional<std::string> item_step(const doc::Value& item, const Type& list);
/// The step to a map's field: "f:" + name.
std::string field_step(std::string_view name);
/// Appends a FieldsV1 step as people write it: ".name", "[example.com/name]" for names with '.' or brackets,
/// "[name=web]", "[containerPort=80,protocol=TCP]", "[=value]" for an element of a set, "[3]".
/// The first name of a path gets no dot.
void append_path(std::string& path, std::string_view step);

/// The leaves of `value` under `type`: what an apply of it owns. apiVersion, kind, metadata.name, .namespace and
/// the server's own metadata are not in it.
FieldSet fields_of(const doc::Value& value, Type type);
/// `value` without the members of `fields`. A typed field whose whole content was taken stays as null, as in
/// structured-merge-diff.
doc::Value without_fields(const doc::Value& value, const FieldSet& fields, Type type);

enum class Operation { apply, update };

/// One entry of metadata.managedFields.
struct Manager {
    std::string name;
    Operation operation = Operation::update;
    std::string api_version;
    std::string subresource;  ///< "", "status", "scale"
    base::Time time{};
    FieldSet fields;
};

std::vector<Manager> managers_of(const doc::Value& object);
void set_managers(doc::Value& object, const std::vector<Manager>& managers);

/// Who last set the field at `path` (as FieldSet::paths writes it): the manager that owns it or the nearest parent.
std::optional<Manager> owner_of(const doc::Value& object, std::string_view path);

}  // namespace gitops::kube
