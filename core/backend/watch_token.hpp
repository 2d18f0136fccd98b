// WatchToken says up to where a watcher knows the history of each kind: WatchBatch::next and WatchQuery::since as text,
// "ConfigMap=812,Deployment.apps=815".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/kube/resource.hpp"

namespace gitops::backend {

/// A resourceVersion as a number: API servers promise that those of one kind can be compared (KEP-5504), and always
/// made them count up.
using Version = std::uint64_t;
/// nullopt when it is no number.
std::optional<Version> parse_version(std::string_view text);

class WatchToken {
  public:
    /// "" knows nothing. A single number counts for every kind, as a list's resourceVersion does. Error(invalid).
    static WatchToken parse(std::string_view text);
    std::optional<Version> find(const kube::Gvk& kind) const;
    void set(const kube::Gvk& kind, Version version);
    std::string text() const;

  private:
    std::map<std::string, Version> m_kinds;  ///< "Deployment.apps"
    std::optional<Version> m_all;
};

}  // namespace gitops::backend
