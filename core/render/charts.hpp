// helmCharts of a kustomization: what helm is asked for, and the port through which it runs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/render/collection.hpp"
#include "core/render/field_reader.hpp"

namespace gitops::render {

class Folder;

/// One entry of helmCharts.
struct HelmChart {
    std::string name, version, repo, release_name, ns, values_file, values_merge, kube_version, name_template;
    std::vector<std::string> additional_values_files, api_versions;
    doc::Value values_inline;
    bool include_crds = false, skip_hooks = false, skip_tests = false, debug = false, devel = false;
};

struct HelmGlobals {
    std::string chart_home, config_home;
};

/// Stands in the arguments for the file that holds HelmCall::values.
inline constexpr std::string_view k_values_argument = "<values>";

struct HelmCall {
    std::vector<std::string> arguments;
    std::string values;       ///< written to a file when an argument asks for it
    std::string config_home;  ///< "" for a fresh one
};

/// Runs helm for the charts of one tree.
class Charts {
  public:
    virtual ~Charts() = default;
    /// Standard output. Error(unavailable) when the program is missing or fails.
    virtual std::string run(const HelmCall& call) = 0;
    /// Where a folder of the tree lies on disk, with what the settled chart needs of it.
    virtual std::string disk_path(const std::string& path) = 0;
    /// A file of a chart that was pulled, at its place on disk.
    virtual std::string pulled(const std::string& path) = 0;
    /// The settings of the command line, which win over the chart's. Error(denied) for what a repository may not ask.
    virtual void settle(HelmChart& chart, const HelmGlobals& globals) = 0;
};

HelmChart parse_helm_chart(FieldReader& fields);
HelmGlobals parse_helm_globals(FieldReader& fields);
/// The objects of one chart. `charts` null: Error(invalid) that says what is missing.
std::vector<std::unique_ptr<Object>> inflate(HelmChart chart, HelmGlobals globals, const Folder& folder, Charts* charts,
                                             const std::string& file);

}  // namespace gitops::render
