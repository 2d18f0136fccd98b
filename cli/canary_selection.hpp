// Which canary a command is about, and how it is to be run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/env.hpp"
#include "core/app/progressive/canary.hpp"

namespace CLI {
class App;
}

namespace gitops::cli {

/// NAME or -f, -n, and what flags change of the spec.
struct CanarySelection {
    std::string name;
    std::string file;
    std::string ns;
    std::string stages;
    int successes = -1;
    int max_failures = -1;
    std::string interval;
    std::string method;
    std::string provider;
    std::string compat;
};

/// NAME as a positional, -n.
void declare_named(CLI::App& parser, CanarySelection& selection);
/// [NAME], -f, -n and the flags that change the spec.
void declare_spec(CLI::App& parser, CanarySelection& selection);

/// UsageError for what is no list of numbers, and so on.
rollout::Overrides overrides_of(const CanarySelection& selection);
rollout::Compat compat_of(const CanarySelection& selection);

/// The namespace of -n; nullopt when it was not given.
std::optional<std::string> given_namespace(const CanarySelection& selection);

/// The spec that -f or NAME means, with the flags applied; MetricTemplates and Secrets of the file in `manifests`.
rollout::CanarySpec selected_spec(Env& env, const CanarySelection& selection, std::vector<kube::Manifest>& manifests);

}  // namespace gitops::cli
