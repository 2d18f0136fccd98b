// `app create` and `app set`: flags laid over an Application document. The document keeps everything that was not
// named.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/doc/value.hpp"

namespace gitops::app {

/// What to change; nullopt and empty lists leave things as they are. In the lists an entry "!X" removes X.
struct ApplicationChange {
    std::optional<std::string> project;
    std::optional<std::string> repo_url, path, revision;
    std::optional<std::string> cluster, server, ns;  ///< cluster and server replace each other
    std::optional<bool> automated;                   ///< false removes spec.syncPolicy.automated
    std::optional<bool> auto_prune, self_heal, allow_empty;
    std::vector<std::string> sync_options;  ///< "CreateNamespace=true"
    std::optional<int> retry_limit, history_limit;
    std::vector<std::string> labels, annotations;  ///< "key=value"
    std::optional<bool> recurse;
    std::optional<std::string> include, exclude;
    std::vector<std::string> images;    ///< "web=registry/web:v2"; one entry per image name
    std::vector<std::string> replicas;  ///< "web=3"
    std::optional<std::string> name_prefix, name_suffix, kustomize_ns;
    std::vector<std::string> common_labels, common_annotations;
    std::optional<std::string> chart, release_name, helm_ns;
    std::vector<std::string> value_files;  ///< "values-prod.yaml"
    std::vector<std::string> helm_parameters, helm_string_parameters;  ///< "replicas=3"
    std::vector<std::string> helm_file_parameters;                     ///< "config=files/app.conf"
    std::optional<bool> skip_crds, ignore_missing_value_files;
    std::optional<int> source_position;  ///< which of spec.sources what is said about a source is for, from 1

    bool empty() const;
    bool operator==(const ApplicationChange&) const = default;
};

/// An Application that names only itself and the project `default`.
doc::Value new_application_document(std::string_view name);

/// `document` with the changes. Error(invalid) for a malformed entry, and for auto_prune, self_heal or allow_empty
/// when the result is not automated.
doc::Value edited(doc::Value document, const ApplicationChange& change);

/// Equal as far as a person wrote it: apiVersion, kind, name, labels, annotations and spec.
bool same_definition(const doc::Value& a, const doc::Value& b);

}  // namespace gitops::app
