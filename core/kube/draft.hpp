// Draft changes a document only where something is missing: what is read through it is not cloned.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/doc/value.hpp"

namespace gitops::kube {

/// A place in a document. It is valid as long as its parent is, and only until the parent gets new keys.
class Draft {
  public:
    explicit Draft(doc::Value& root) : m_value(&root), m_owned(&root) {}

    const doc::Value& read() const { return *m_value; }
    bool has(std::string_view key) const { return present(m_value->find(key)); }
    std::string_view text(std::string_view key) const { return m_value->text_at(key); }

    /// Sets `key` where nothing, or null, stands there.
    template <class T>
    void fill(std::string_view key, const T& value) {
        if (!has(key)) set(key, doc::Value(value));
    }
    /// Sets an empty map where nothing, or null, stands.
    void fill_map(std::string_view key) {
        if (!has(key)) set(key, doc::Value::map());
    }
    void drop(std::string_view key) {
        if (m_value->has(key)) own().erase(key);
    }
    void set(std::string_view key, doc::Value value) { own().set(key, std::move(value)); }

    /// Calls `body(Draft&)` for the map at `key`, when there is one.
    template <class Body>
    void in(std::string_view key, const Body& body) {
        const doc::Value* child = m_value->find(key);
        if (child == nullptr || !child->is_map()) return;
        Draft draft(*this, *child, key, 0);
        body(draft);
        refresh();
    }
    /// The same, with an empty map made where nothing stands.
    template <class Body>
    void in_made(std::string_view key, const Body& body) {
        if (m_value->is_map() && !has(key)) set(key, doc::Value::map());
        in(key, body);
    }
    /// Calls `body(Draft&)` for each map in the list at `key`.
    template <class Body>
    void each(std::string_view key, const Body& body) {
        const doc::Value* child = m_value->find(key);
        if (child == nullptr || !child->is_list()) return;
        Draft list(*this, *child, key, 0);
        for (std::size_t i = 0; i < list.m_value->size(); ++i) {
            if (!list.m_value->items()[i].is_map()) continue;
            Draft item(list, list.m_value->items()[i], {}, i);
            body(item);
            list.refresh();
        }
        refresh();
    }

  private:
    Draft(Draft& parent, const doc::Value& value, std::string_view key, std::size_t index)
        : m_parent(&parent), m_key(key), m_index(index), m_value(&value) {}

    static bool present(const doc::Value* value) { return value != nullptr && !value->is_null(); }

    /// The value for changing; clones the way down to it where it is shared.
    doc::Value& own() {
        if (m_owned == nullptr) {
            doc::Value& parent = m_parent->own();
            m_owned = parent.is_list() ? &parent.item(m_index) : &parent.at(m_key);
            m_value = m_owned;
        }
        return *m_owned;
    }
    void refresh() {
        if (m_owned != nullptr) m_value = m_owned;
    }

    Draft* m_parent = nullptr;
    std::string_view m_key;
    std::size_t m_index = 0;
    const doc::Value* m_value;
    doc::Value* m_owned = nullptr;
};

/// The defaults of everything below a Pod's spec (k8s.io/kubernetes/pkg/apis/core/v1/defaults.go).
void default_pod_spec(Draft& spec);
void default_claim_spec(Draft& spec);

}  // namespace gitops::kube
