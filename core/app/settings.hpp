// What holds for all applications of a home: its config.yaml, in the words of Argo CD's argocd-cm.
//
// Overview: the file holds Argo CD's keys (`resource.customizations.ignoreDifferences.<group>_<kind>`,
// `resource.compareoptions`, ...) either at its top or as the data of ConfigMaps, so that an argocd-cm can be put there as it
// is. A value may be text, as in a ConfigMap, or the YAML itself. Keys that mean nothing here are told, unless they come
// with a ConfigMap, which holds many things for other parts of Argo CD.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/app/resource_scope.hpp"
#include "core/deliver/health/health_book.hpp"
#include "core/deliver/ignore_rule.hpp"
#include "core/deliver/known_types.hpp"
#include "core/kube/secrets.hpp"
#include "core/render/render.hpp"

namespace gitops::app {

struct Settings {
    deliver::IgnoreRules ignore = deliver::built_in_ignore_rules();  ///< what every comparison leaves out
    bool server_side_diff = false;  ///< controller.diff.server.side: let the cluster judge each object
    std::vector<deliver::HealthScript> health;  ///< resource.customizations.health.<group>_<kind>, as they stand
    std::vector<deliver::KnownTypeField> known_types;
    ResourceScope scope;  ///< resource.exclusions, resource.inclusions
    kube::AnnotationKeys masked_annotations;  ///< resource.sensitive.mask.annotations; null for none
    render::LoadRestrictor load_restrictor = render::LoadRestrictor::root_only;  ///< kustomize.buildOptions
};

/// Reads the text of a config.yaml. Error(invalid) with file:line for what cannot be read.
Settings read_settings(std::string_view text, const std::string& file, std::vector<std::string>& warnings);

}  // namespace gitops::app
