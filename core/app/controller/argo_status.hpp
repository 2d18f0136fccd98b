// An application as Argo CD's API shows it: the document with its status. What notification templates and triggers read.
#pragma once

#include <string>
#include <vector>

#include "core/app/status.hpp"
#include "core/notify/subject.hpp"

namespace gitops::app {

/// What a comparison shows beside the status.
struct ShownByComparison {
    std::vector<std::string> images{};  ///< of what runs, sorted
    std::string source_type{};          ///< "Kustomize"; "" when there are several sources, or none was read
};
ShownByComparison shown_by(const Comparison& comparison);

/// The document with status.sync, .health, .resources, .conditions, .operationState, .history, .summary, .sourceType and
/// .reconciledAt (argocd.md 1.1). Fields whose value is not known are absent.
doc::Value argo_application(const Services& services, const AppStatus& status, const ShownByComparison& shown);

/// The application as somebody is told about it, with its project and its commits. `services` must outlive the result.
notify::Subject subject_of(const Services& services, const AppStatus& status, const ShownByComparison& shown);
/// The same, compared now with what is cached of its repositories.
notify::Subject subject_now(const Services& services, const Application& application);

}  // namespace gitops::app
