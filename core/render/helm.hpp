// Helm charts as a source: the options an application gives, and the port through which the helm program runs.
//
// Overview: render() takes a directory with a Chart.yaml for a chart. helm_values.hpp finds the files of values that the
// options name, helm_files.hpp gathers what of the tree the chart needs, helm_template.hpp makes the call and reads the
// objects out of the answer. The port only lays files down in an empty folder and runs the program there: it never
// sees a repository, and the program never sees anything but these files.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/source.hpp"
#include "core/doc/value.hpp"

namespace gitops::render {

enum class SetAs { guessed, string };

/// One `--set` or, forced, `--set-string`.
struct HelmParameter {
    std::string name, value;
    SetAs set_as = SetAs::guessed;
    bool operator==(const HelmParameter&) const = default;
};

/// spec.source.helm
struct HelmOptions {
    std::string release_name;  ///< "" means the application's name
    std::string ns;            ///< "" means the destination's
    std::string kube_version;
    std::vector<std::string> api_versions;
    std::vector<std::string> value_files;  ///< paths, globs, "$ref/path" and http(s) addresses, later ones win
    bool ignore_missing_value_files = false;
    std::string values;        ///< YAML, wins over value_files
    doc::Value values_object;  ///< instead of `values`; null for none
    std::vector<HelmParameter> parameters;                             ///< win over values
    std::vector<std::pair<std::string, std::string>> file_parameters;  ///< name and path of the file that holds the value
    bool pass_credentials = false;
    bool skip_crds = false;
    bool skip_tests = false;
    bool skip_schema_validation = false;
};

/// One run of the program in a folder that holds `files` and nothing else.
struct HelmRun {
    std::map<std::string, std::string> files;  ///< path -> content
    std::string folder;                        ///< of the chart: where the program runs
    std::vector<std::string> arguments;        ///< paths in them are relative to `folder`
    bool build_dependencies = false;           ///< `helm dependency build` comes first
    std::vector<std::string> repositories;     ///< addresses of the dependencies: http(s):// and oci://
};

/// A chart in a chart repository.
struct ChartRequest {
    std::string repo_url;  ///< http(s)://, oci:// or a registry's name without scheme
    std::string chart;
    std::string version;   ///< exact, a semver constraint, "" for the newest
    bool pass_credentials = false;
};

struct PulledChart {
    std::string version;
    std::shared_ptr<const base::FileTree> tree;  ///< Chart.yaml is at its root
};

class Helm {
  public:
    virtual ~Helm() = default;
    /// Standard output. Error(not_found) when the program is missing, Error(invalid) with its words when it fails.
    virtual std::string run(const HelmRun& run) = 0;
    /// Error(not_found|unavailable|denied).
    virtual PulledChart pull(const ChartRequest& request) = 0;
};

}  // namespace gitops::render
