// The annotation argocd.argoproj.io/compare-options, on an object or on an application.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gitops::deliver {

struct CompareOptions {
    bool ignore_extraneous = false;         ///< IgnoreExtraneous: what left Git does not make the application OutOfSync
    std::optional<bool> server_side;        ///< ServerSideDiff=true|false
    bool include_mutation_webhook = false;  ///< IncludeMutationWebhook=true: what a webhook adds is a difference
};

/// Comma-separated, letter by letter as Argo CD compares them; what it does not know has no effect.
CompareOptions read_compare_options(std::string_view annotation);
/// A warning, with near names, for each entry of the annotation that Argo CD does not know.
std::vector<std::string> unknown_compare_options(std::string_view annotation);

}  // namespace gitops::deliver
