// What a kustomization hands to the one that includes it: objects, field tables and vars.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/render/collection.hpp"
#include "core/render/field_tables.hpp"
#include "core/render/kustomization.hpp"

namespace gitops::render {

/// The built-in tables as a kustomization without `configurations` has them, made once.
std::shared_ptr<const TransformerConfig> default_config();

class Accumulator {
  public:
    Collection objects;
    std::vector<VarEntry> vars;

    const TransformerConfig& config() const;
    /// Adds specs one by one: one that an earlier one covers is left out, also when there was no table before.
    void merge_config(const std::shared_ptr<const TransformerConfig>& more);
    /// Merges the tables with themselves, as happens after every component. Error(invalid) for specs that conflict then.
    void resettle_config();
    /// Binds the vars to the objects they name. Error(invalid) for a name met before and for an ambiguous object.
    void add_vars(const std::vector<VarEntry>& more);
    /// Appends everything of a finished base. Error(invalid) when ids or vars clash.
    void merge(Accumulator base);

  private:
    void add_var(const VarEntry& var);

    std::shared_ptr<const TransformerConfig> m_config;  ///< null: no table yet
};

}  // namespace gitops::render
