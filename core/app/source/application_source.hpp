// The sources of an application: where each comes from and how it is rendered.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/doc/fields_reader.hpp"
#include "core/doc/value.hpp"
#include "core/render/render.hpp"

namespace gitops::app {

/// One entry of spec.sources, or spec.source.
struct Source {
    std::string repo_url;
    std::string path;             ///< directory in the repository, "" for its root
    std::string target_revision;  ///< "" means HEAD, of a chart the newest version
    std::string chart;            ///< name in a chart repository instead of a path in Git
    std::string ref;              ///< what others call it in "$ref/values.yaml"
    std::string name;
    std::string tag_prefix;       ///< tags of a monorepo: stands before the version, which is matched without it
    std::optional<render::SourceType> type;  ///< the options say what it is; else its files do
    render::DirectoryOptions directory;
    render::KustomizeOptions kustomize;
    render::HelmOptions helm;

    /// From a chart repository: its revision is a version.
    bool is_chart() const { return !chart.empty() || repo_url.starts_with("oci://"); }
    /// Only named by others: renders nothing itself.
    bool only_referenced() const { return !ref.empty() && path.empty() && !is_chart(); }
};

/// Reads one source. Error(invalid) with place for what is wrong and for what this version cannot do.
Source read_source(doc::FieldsReader reader, std::vector<std::string>& warnings);

/// Reads what an override file (.argocd-source.yaml) may change, laid over the source's own document as a JSON merge
/// patch: everything but repoURL, path, targetRevision, chart, ref and name. Error(invalid) naming the file.
Source overridden(const Source& source, const doc::Value& source_document, const doc::Value& patch, const std::string& file,
                  std::vector<std::string>& warnings);

}  // namespace gitops::app
