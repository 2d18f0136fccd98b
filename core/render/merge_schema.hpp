// What kustomize knows about the shape of resources when it merges: the built-in tables, or the definitions that a
// kustomization names under `openapi`.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/doc/value.hpp"
#include "core/kube/schema.hpp"

namespace gitops::render {

/// Whether a user's schema says by `x-kubernetes-list-type` and `-list-map-keys`, too, that a list merges. Kustomize itself
/// only looks at `x-kubernetes-patch-strategy`.
enum class ListTypes { ignored, honoured };

/// A view of one type; cheap to copy. Views into own definitions live as long as their MergeSchema.
class TypeView {
  public:
    TypeView() = default;  ///< nothing is known
    explicit TypeView(kube::Type type) : m_known(true), m_type(type) {}
    TypeView(const doc::Value* node, const doc::Value* definitions, bool with_built_in, ListTypes list_types);

    bool known() const { return m_known; }
    TypeView field(std::string_view name) const;
    TypeView element() const;
    /// The list merges by key or by value instead of being replaced.
    bool merges() const;
    /// Keys by which the elements are told apart; none for a list of scalars.
    std::vector<std::string> keys() const;

  private:
    bool m_known = false;
    kube::Type m_type;
    const doc::Value* m_node = nullptr;         ///< a JSON schema when the definitions are the user's own
    const doc::Value* m_definitions = nullptr;
    bool m_with_built_in = false;
    ListTypes m_list_types = ListTypes::ignored;
};

class MergeSchema {
  public:
    /// Uses the definitions of an OpenAPI document instead of the built-in ones, even when it has none. When kustomize
    /// had a reason to look at its own schema before, that one stays behind the new one.
    void use(const doc::Value& document);
    /// Merges lists by the keys that schemas declare, also by those of CustomResourceDefinitions.
    void honour_list_types() { m_list_types = ListTypes::honoured; }
    bool honours_list_types() const { return m_list_types == ListTypes::honoured; }
    /// Takes the schemas out of an object that is a CustomResourceDefinition, and nothing out of any other.
    void learn(const doc::Value& object);
    /// Tells that such a reason came up: an unknown kind was read, or something was merged.
    void note_built_in_use() { m_built_in_used = m_built_in_used || !is_custom(); }
    bool is_custom() const { return m_own != nullptr; }
    TypeView root(const kube::Gvk& gvk) const;

  private:
    struct Learnt {
        kube::Gvk gvk;
        doc::Value schema;
    };

    std::shared_ptr<const doc::Value> m_own;
    std::list<Learnt> m_learnt;  ///< views point into it
    ListTypes m_list_types = ListTypes::ignored;
    bool m_built_in_used = false;
};

}  // namespace gitops::render
