// LintNotes collects what lint() finds, and knows where in the manifest each field stands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/doc/value.hpp"
#include "core/rollout/lint.hpp"

namespace gitops::rollout {

class LintNotes {
  public:
    explicit LintNotes(const CanarySpec& spec) : m_document(spec.document) {}

    void refuse(std::string field, std::string message, std::string hint = {});
    void warn(std::string field, std::string message, std::string hint = {});
    void inform(std::string field, std::string message, std::string hint = {});

    /// "spec.analysis.KEY", under the deprecated name where that is the one given; without a key the block itself.
    std::string analysis(std::string_view key) const;
    bool has_deprecated_analysis() const;
    /// What stands at a dotted path with [i] for items; nullptr when there is nothing.
    const doc::Value* find(std::string_view field) const;
    bool has(std::string_view field) const { return find(field) != nullptr; }
    /// By severity, otherwise in the order they came.
    std::vector<Finding> sorted();

  private:
    void add(Severity severity, std::string field, std::string message, std::string hint);

    const doc::Value& m_document;
    std::vector<Finding> m_findings;
};

}  // namespace gitops::rollout
