#include "core/render/charts.hpp"

#include <algorithm>
#include <functional>

#include "core/base/error.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/doc/yaml_write.hpp"
#include "core/render/files.hpp"
#include "core/render/resources.hpp"
#include "core/render/strategic_merge.hpp"

namespace gitops::render {

using doc::Value;

namespace {

constexpr std::string_view k_default_home = "charts";

[[noreturn]] void refuse(const std::string& message) { throw base::Error(base::Code::invalid, message); }

/// The folder of charts as the kustomization names it.
std::string home_of(const HelmChart& chart, const HelmGlobals& globals) {
    std::string home = globals.chart_home.empty() ? std::string(k_default_home) : globals.chart_home;
    if (!chart.version.empty() && !chart.repo.empty()) home += "/" + chart.name + "-" + chart.version;
    return home;
}

std::string on_disk(const std::string& path, const Folder& folder, Charts& charts) {
    return path.starts_with('/') ? path : charts.disk_path(folder.path()) + "/" + path;
}

/// Helm 3 or 4; the version stands somewhere in the text ("v3.12.0+g0").
void check_version(Charts& charts, const HelmGlobals& globals) {
    std::string text = charts.run({{"version", "--short"}, {}, globals.config_home});
    auto digit = text.find_first_of("0123456789");
    auto end = digit == std::string::npos ? digit : text.find_first_not_of("0123456789", digit);
    if (end == std::string::npos || text[end] != '.') refuse("cannot find version string in " + text);
    std::string major = text.substr(digit, end - digit);
    if (major != "3" && major != "4") refuse("this plugin requires helm V3 or V4 but got v" + text.substr(digit));
}

void pull(const HelmChart& chart, const std::string& home, const HelmGlobals& globals, Charts& charts) {
    std::vector<std::string> arguments{"pull", "--untar", "--untardir", home};
    if (chart.repo.starts_with("oci://")) {
        arguments.push_back(chart.repo + (chart.repo.ends_with('/') ? "" : "/") + chart.name);
    } else {
        arguments.insert(arguments.end(), {"--repo", chart.repo, chart.name});
    }
    if (!chart.version.empty()) arguments.insert(arguments.end(), {"--version", chart.version});
    if (chart.devel) arguments.emplace_back("--devel");
    charts.run({arguments, {}, globals.config_home});
}

/// `own` is the text of the values file.
std::string values_text(const HelmChart& chart, const std::function<std::string()>& own) {
    bool replaces = chart.values_merge == "replace";
    if (chart.values_inline.empty()) return own();
    if (replaces) return doc::write_yaml(chart.values_inline);
    Value values = doc::read_yaml_one(own());
    if (values.is_null()) values = Value::map();
    bool chart_wins = chart.values_merge == "merge";
    MergeSchema schema;
    auto merged = chart_wins ? strategic_merge(chart.values_inline, values, schema)
                             : strategic_merge(values, chart.values_inline, schema);
    return doc::write_yaml(merged.value_or(Value::map()));
}

std::vector<std::string> template_arguments(const HelmChart& chart, const std::string& home, const Folder& folder,
                                            Charts& charts) {
    std::vector<std::string> arguments{"template"};
    auto add = [&](const std::string& flag, const std::string& value) {
        if (!value.empty()) arguments.insert(arguments.end(), {flag, value});
    };
    arguments.push_back(chart.release_name.empty() ? "--generate-name" : chart.release_name);
    arguments.push_back(home + "/" + chart.name);
    add("--namespace", chart.ns);
    add("--name-template", chart.name_template);
    add("-f", std::string(k_values_argument));
    for (const auto& file : chart.additional_values_files) {
        folder.locate(file);
        add("-f", on_disk(file, folder, charts));
    }
    for (const auto& version : chart.api_versions) add("--api-versions", version);
    add("--kube-version", chart.kube_version);
    if (chart.include_crds) arguments.emplace_back("--include-crds");
    if (chart.skip_tests) arguments.emplace_back("--skip-tests");
    if (chart.skip_hooks) arguments.emplace_back("--no-hooks");
    if (chart.debug) arguments.emplace_back("--debug");
    if (chart.devel) arguments.emplace_back("--devel");
    return arguments;
}

/// Helm may say something before the first document.
std::vector<Value> parse_output(const std::string& text, const std::string& file) {
    try {
        return parse_resources(text, file);
    } catch (const base::Error&) {
        auto start = text.find("\n---");
        if (start == std::string::npos) throw;
        return parse_resources(std::string_view(text).substr(start + 1), file);
    }
}

}  // namespace

HelmChart parse_helm_chart(FieldReader& fields) {
    HelmChart chart;
    fields.text("name", chart.name);
    fields.text("version", chart.version);
    fields.text("repo", chart.repo);
    fields.text("releaseName", chart.release_name);
    fields.text("namespace", chart.ns);
    fields.texts("additionalValuesFiles", chart.additional_values_files);
    fields.text("valuesFile", chart.values_file);
    fields.any("valuesInline", chart.values_inline);
    fields.text("valuesMerge", chart.values_merge);
    fields.flag("includeCRDs", chart.include_crds);
    fields.flag("skipHooks", chart.skip_hooks);
    fields.texts("apiVersions", chart.api_versions);
    fields.text("kubeVersion", chart.kube_version);
    fields.text("nameTemplate", chart.name_template);
    fields.flag("skipTests", chart.skip_tests);
    fields.flag("debug", chart.debug);
    fields.flag("devel", chart.devel);
    return chart;
}

HelmGlobals parse_helm_globals(FieldReader& fields) {
    HelmGlobals globals;
    fields.text("chartHome", globals.chart_home);
    fields.text("configHome", globals.config_home);
    return globals;
}

std::vector<std::unique_ptr<Object>> inflate(HelmChart chart, HelmGlobals globals, const Folder& folder, Charts* charts,
                                             const std::string& file) {
    if (charts == nullptr)
        throw base::Error(base::Code::invalid, "trouble configuring builtin HelmChartInflationGenerator: must specify --enable-helm")
            .at({file, 0, 0})
            .hint("`gitopsctl kustomize build --enable-helm` runs the helm program; or render the chart with "
                  "`helm template` and list the result");
    if (!folder.files().name().empty())
        throw base::Error(base::Code::invalid, "helmCharts of a remote base are not inflated: " + folder.files().name()).at({file, 0, 0});
    charts->settle(chart, globals);
    if (chart.name.empty()) refuse("chart name cannot be empty");
    if (!chart.values_merge.empty() && chart.values_merge != "merge" && chart.values_merge != "override" &&
        chart.values_merge != "replace")
        refuse("valuesMerge must be one of [merge override replace]");
    for (const auto* option : {&chart.name, &chart.release_name, &chart.version})
        if (option->starts_with('-')) refuse("'" + *option + "' would be an option of helm");
    std::string home = home_of(chart, globals);
    std::string chart_path = home + "/" + chart.name;
    std::string values_file = chart.values_file.empty() ? chart_path + "/values.yaml" : chart.values_file;
    std::string disk_home = on_disk(home, folder, *charts);
    check_version(*charts, globals);
    auto place = home.starts_with('/') ? folder.files().tree().kind(chart_path.substr(1)) : folder.kind(chart_path);
    if (place != base::EntryKind::directory) {
        if (chart.repo.empty()) refuse("no repo specified for pull, no chart found at '" + disk_home + "/" + chart.name + "'");
        pull(chart, disk_home, globals, *charts);
    }
    // A chart that was pulled just now is on disk, and in the tree only where the tree is the disk.
    const auto own_values = [&] {
        const bool pulled = place != base::EntryKind::directory && chart.values_file.empty();
        return pulled ? charts->pulled(disk_home + "/" + chart.name + "/values.yaml") : folder.read(values_file);
    };
    HelmCall call{template_arguments(chart, disk_home, folder, *charts), values_text(chart, own_values), globals.config_home};
    std::vector<std::unique_ptr<Object>> made;
    for (auto& content : parse_output(charts->run(call), chart_path)) {
        made.push_back(std::make_unique<Object>(std::move(content), file));
        made.back()->from_helm = true;
    }
    return made;
}

}  // namespace gitops::render
