// KindRegistry knows where an object of a kind lives: the built-in kinds, the ones CustomResourceDefinitions in the
// store define, and every other kind as it is used.
#pragma once

#include <string_view>
#include <vector>

#include "core/embedded/object_store.hpp"
#include "core/kube/catalog.hpp"
#include "core/kube/cluster.hpp"

namespace gitops::embedded {

/// Who vouches for a kind.
enum class KindOrigin { builtin, definition, unknown };
/// Whether .status is written only through the status subresource.
enum class StatusRoom { separate, part_of_object };

/// One object's place in the store.
struct Location {
    kube::ResourceKey key;
    kube::Gvk gvk;  ///< with its version
    KindOrigin origin = KindOrigin::unknown;
    StatusRoom status = StatusRoom::part_of_object;
};

class KindRegistry {
  public:
    explicit KindRegistry(ObjectStore& store) : m_store(store) {}

    /// Cluster-scoped kinds lose a namespace, namespaced ones without any get "default"; a kind nobody has defined
    /// keeps what it came with.
    Location locate(const kube::ObjectRef& ref);
    std::vector<kube::KindInfo> all();
    /// To be told after a CustomResourceDefinition was written or deleted, inside the transaction.
    void definitions_changed();

  private:
    struct Defined {
        kube::KindInfo info;
        StatusRoom status = StatusRoom::part_of_object;
    };
    const std::vector<Defined>& defined();

    ObjectStore& m_store;
    std::vector<Defined> m_defined;
    std::int64_t m_defined_at = -1;  ///< the setting m_defined was read under
};

bool is_definition(const kube::ResourceKey& key);
/// The group and kind a CustomResourceDefinition object defines.
kube::Gvk defined_kind(const doc::Value& definition);

}  // namespace gitops::embedded
