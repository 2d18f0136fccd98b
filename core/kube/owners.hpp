// metadata.managedFields as entries that are parsed and written only when needed: most applies touch one of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/kube/fields.hpp"

namespace gitops::kube {

class Owner {
  public:
    /// An entry as it stands in managedFields.
    explicit Owner(doc::Value entry) : m_entry(std::move(entry)) {}
    static Owner make(std::string_view name, Operation operation, std::string_view subresource);

    std::string_view name() const { return m_entry.text_at("manager"); }
    Operation operation() const;
    std::string_view api_version() const { return m_entry.text_at("apiVersion"); }
    std::string_view subresource() const { return m_entry.text_at("subresource"); }
    std::int64_t seconds() const;
    const doc::Value& entry() const { return m_entry; }

    const FieldSet& fields() const;
    void set_fields(FieldSet fields);
    void stamp(std::string_view api_version, base::Time time);

  private:
    doc::Value m_entry;
    mutable std::optional<FieldSet> m_fields;
};

/// The entries that say something, in their order.
std::vector<Owner> owners_of(const doc::Value& object);
/// Writes them in Kubernetes' order, without those that own nothing; no owners leave no managedFields.
void set_owners(doc::Value& object, std::vector<Owner> owners);

/// The entry of an applier, or of an updater at one API version; nullptr when it has none.
Owner* find_applier(std::vector<Owner>& owners, std::string_view name);
Owner* find_updater(std::vector<Owner>& owners, std::string_view name, std::string_view api_version, std::string_view subresource);

/// True when an apply of `wanted` by `own` (may be null) changes nothing, seen without building a field set. False
/// means: look closer.
bool is_settled(const doc::Value& live, const doc::Value& wanted, const Owner* own, const Type& type);

}  // namespace gitops::kube
