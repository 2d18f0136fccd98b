// Applications from an ApplicationSet. A pure function of the document and of what its ports answer: equal answers, equal
// Applications, in the order of their names. An error anywhere means no Applications at all, so that nobody takes the
// absence of one for a wish to delete it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/source.hpp"
#include "core/sources/application_set.hpp"

namespace gitops::sources {

/// A cluster as the `clusters` generator sees it.
struct ClusterFacts {
    std::string name;
    std::string server;
    std::string project{};
    std::map<std::string, std::string> labels{}, annotations{};
    bool is_unlabelled = false;  ///< Argo CD's own cluster without a Secret: no selector chooses it, not even by absent labels
};

struct SetPorts {
    std::function<std::vector<ClusterFacts>()> clusters;
    /// The files of a repository at a revision ("" is HEAD).
    std::function<std::shared_ptr<const base::FileTree>(const std::string& repo_url, const std::string& revision)> tree;
    base::Time now{};
};

struct GeneratedApplication {
    std::string name;
    doc::Value document;
    std::string origin;      ///< the results that made it: "list 2", "git apps/web × clusters prod"
    doc::Value parameters;   ///< what its blanks were filled with
};

/// More results than this of one generator are refused.
inline constexpr std::size_t k_max_results = 100'000;

/// Error(invalid|not_found|unavailable) naming the generator or the field, with its line.
std::vector<GeneratedApplication> generate(const ApplicationSet& set, const SetPorts& ports);

}  // namespace gitops::sources
