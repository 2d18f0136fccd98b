// `helm template` for an application, as Argo CD calls it.
#pragma once

#include <string>
#include <vector>

#include "core/kube/resource.hpp"
#include "core/render/helm_values.hpp"

namespace gitops::render {

struct TemplateRequest {
    std::string release_name;  ///< when the options name none
    std::string ns;            ///< likewise; "" leaves helm's own
    const HelmOptions& options;
};

struct Templated {
    std::vector<kube::Manifest> manifests;
    std::vector<std::string> files_read;  ///< of the tree, sorted
};

/// What the chart at scope.path renders. Error(invalid) with helm's words for a chart that does not render.
Templated template_chart(const ValueScope& scope, const TemplateRequest& request, Helm& helm);

/// The run that template_chart() asks for.
HelmRun template_run(const ValueScope& scope, const TemplateRequest& request);

}  // namespace gitops::render
