// The generated tables behind Schema and the catalog: plain arrays in read-only memory, nothing to initialise.
// gitops_schema_compiler writes them from core/kube/data at build time; only schema.cpp and catalog.cpp read them.
#pragma once

#include <cstdint>
#include <string_view>

namespace gitops::kube::tables {

using Index = std::uint16_t;

enum BodyFlag : std::uint8_t { k_quantity = 1, k_int_or_string = 2, k_string = 4, k_numeric = 8, k_boolean = 16, k_key_defaults = 32 };

/// One type.
struct Body {
    std::uint8_t shape;  ///< a Shape
    std::uint8_t merge;  ///< a Merge
    std::uint8_t flags;  ///< BodyFlags
    std::uint8_t key_count;
    Index first_key;   ///< into Tables::keys
    Index element;     ///< a Use: of a list's items or a map's values
    Index first_field;  ///< into Tables::fields
    Index field_count;
};

/// A type at the place where it is used: what the field that leads there says about it.
struct Use {
    Index body;
    Index patch_key;      ///< a string
    Index default_value;  ///< a string
    std::uint8_t strategy;  ///< a PatchStrategy
};

struct Field {
    Index name;  ///< a string; the fields of a body are sorted by name
    Index use;
};

enum class Known : std::uint8_t { no, yes };
enum class KindScope : std::uint8_t { cluster, namespaced, unstated };

struct Kind {
    Index group;
    Index version;
    Index kind;
    Index resource;
    Index root;  ///< a Use
    Known typed;
    KindScope scope;
};

struct Tables {
    const char* pool;
    const std::uint32_t* string_starts;  ///< one more than there are strings; string 0 is ""
    const Body* bodies;                  ///< body 0 is the untyped one
    const Use* uses;                     ///< use 0 leads to body 0
    const Field* fields;
    const Index* keys;
    const Kind* kinds;  ///< sorted by kind, group, version
    Index kind_count;
    Index custom_root;  ///< a Use: the root of an object of a kind the schema does not have

    std::string_view text(Index string) const {
        return {pool + string_starts[string], string_starts[string + 1] - string_starts[string]};
    }
};

extern const Tables k_kubernetes;
extern const Tables k_kustomize;

}  // namespace gitops::kube::tables
