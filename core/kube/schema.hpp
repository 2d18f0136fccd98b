// Shape of the built-in types: which fields are lists, how lists and maps merge, defaults. Two sets of facts share
// this form: Kubernetes 1.36 (server-side apply, strategic merge) and what kustomize 5 merges by (Kubernetes 1.21).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/kube/resource.hpp"

namespace gitops::kube {

enum class Merge : std::uint8_t {
    granular,     ///< maps and objects: field by field
    atomic,       ///< owned and replaced as one
    associative,  ///< lists: by keys
    set           ///< lists of scalars: by value
};

enum class Shape : std::uint8_t { untyped, scalar, list, map, object };

/// What the strategic merge patch does to a field (x-kubernetes-patch-strategy).
enum class PatchStrategy : std::uint8_t { none, merge, replace, retain_keys, merge_retain_keys };

/// A view of one type inside the generated tables; cheap to copy; never dangles.
class Type {
  public:
    Type() = default;  ///< untyped: any content, maps granular, lists atomic
    Shape shape() const;
    Merge merge() const;
    /// Keys of an associative list, in the order the schema gives.
    std::vector<std::string_view> keys() const;
    /// Element type of a list, value type of a map.
    Type element() const;
    /// The type of an object's field; nullopt when the type has no such field. A map answers with element().
    std::optional<Type> field(std::string_view name) const;
    /// True when the schema names the field itself, so that field() is not a map's element or an untyped anything.
    bool declares(std::string_view name) const;
    std::vector<std::string_view> field_names() const;
    /// False for a scalar of the wrong kind: a number where text belongs.
    bool accepts(const doc::Value& scalar) const;
    /// What a scalar has to be, for people: "a string", "a number", "a boolean", "a single value".
    std::string_view wanted() const;
    /// Default of the field that led here, as JSON text ("\"TCP\"", "1"); "" when it has none.
    std::string_view default_json() const;
    PatchStrategy patch_strategy() const;  ///< of the field that led here
    std::string_view patch_key() const;    ///< its merge key, "" when none
    bool is_quantity() const;
    bool is_int_or_string() const;
    /// True when this is, or somewhere below it is, a list with a key that has a default: see with_list_keys().
    bool leads_to_key_defaults() const;

  private:
    friend class Schema;
    Type(const void* schema, std::uint32_t node) : m_schema(schema), m_node(node) {}
    const void* m_schema = nullptr;
    std::uint32_t m_node = 0;
};

class Schema {
  public:
    static const Schema& kubernetes();  ///< 1.36
    static const Schema& kustomize();   ///< 1.21.2 as kustomize 5 sees it
    /// The type of an object's root; an untyped Type for kinds the schema does not have.
    Type root(const Gvk& gvk) const;
    bool knows(const Gvk& gvk) const;
    /// A kind's scope where the schema states it.
    std::optional<bool> is_namespaced(const Gvk& gvk) const;

  private:
    explicit Schema(const void* tables) : m_tables(tables) {}
    const void* m_tables;
};

}  // namespace gitops::kube
