#include "core/render/helm_template.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "core/base/error.hpp"
#include "core/doc/yaml_write.hpp"
#include "core/render/helm_files.hpp"
#include "core/render/plain.hpp"

namespace gitops::render {

namespace {

using base::Code;
using base::Error;

constexpr std::string_view k_chart_folder = "chart";
constexpr std::string_view k_values_folder = "values";
constexpr std::size_t k_longest_line = 80;
constexpr std::string_view k_helm_hint = "charts are rendered by Helm 3.8 or newer; `helm version` tells which program is the first on PATH";

/// Commas part the entries of one --set; those of a value are escaped, unless it is a list or escapes them itself.
std::string escaped(const std::string& value) {
    if (value.starts_with('{') && value.ends_with('}')) return value;
    std::string out;
    for (char c : value) {
        if (c == ',' && !out.ends_with('\\')) out += '\\';
        out += c;
    }
    return out;
}

/// The last of two parameters of one name counts.
std::vector<HelmParameter> settled(const std::vector<HelmParameter>& parameters) {
    std::vector<HelmParameter> result;
    for (const auto& parameter : parameters) {
        std::erase_if(result, [&](const HelmParameter& old) { return old.name == parameter.name && old.set_as == parameter.set_as; });
        result.push_back(parameter);
    }
    return result;
}

class Call {
  public:
    Call(const ValueScope& scope, const TemplateRequest& request) : m_scope(scope), m_request(request), m_options(request.options) {}

    HelmRun make() {
        ChartFiles chart = gather_chart(m_scope.tree, m_scope.path);
        for (auto& [path, text] : chart.files) m_run.files.emplace(std::string(k_chart_folder) + "/" + path, std::move(text));
        m_run.folder = std::string(k_chart_folder) + (m_scope.path.empty() ? "" : "/" + m_scope.path);
        m_run.build_dependencies = chart.lacks_dependencies;
        m_run.repositories = std::move(chart.repositories);
        const auto depth = std::ranges::count(m_run.folder, '/') + 1;
        for (std::ptrdiff_t i = 0; i < depth; ++i) m_up += "../";
        m_run.arguments = {"template", ".", "--name-template", name()};
        add("--namespace", m_options.ns.empty() ? m_request.ns : m_options.ns);
        add("--kube-version", substitute(m_options.kube_version, m_scope.environment));
        for (const auto& version : m_options.api_versions) add("--api-versions", substitute(version, m_scope.environment));
        values();
        parameters();
        if (!m_options.skip_crds) m_run.arguments.emplace_back("--include-crds");
        if (m_options.skip_tests) m_run.arguments.emplace_back("--skip-tests");
        if (m_options.skip_schema_validation) m_run.arguments.emplace_back("--skip-schema-validation");
        return std::move(m_run);
    }

    const std::set<std::string>& read() const { return m_read; }

  private:
    std::string name() const { return m_options.release_name.empty() ? m_request.release_name : m_options.release_name; }

    /// "--flag=value": whatever the value begins with, it is no flag.
    void add(std::string_view flag, const std::string& value) {
        if (!value.empty()) m_run.arguments.push_back(std::string(flag) + "=" + value);
    }

    std::string laid_down(std::string text, std::string_view ending) {
        const std::string path = std::string(k_values_folder) + "/" + std::to_string(++m_count) + std::string(ending);
        m_run.files.emplace(path, std::move(text));
        return m_up + path;
    }

    void values() {
        for (auto& file : find_value_files(m_scope, m_options.value_files, m_options.ignore_missing_value_files)) {
            if (file.own) m_read.insert(file.name);
            add("--values", laid_down(std::move(file.text), ".yaml"));
        }
        if (!m_options.values_object.is_null()) add("--values", laid_down(doc::write_yaml(m_options.values_object), ".yaml"));
        else if (!m_options.values.empty()) add("--values", laid_down(m_options.values, ".yaml"));
    }

    void parameters() {
        for (const auto& parameter : settled(m_options.parameters)) {
            if (parameter.name.empty()) throw Error(Code::invalid, "a parameter of helm has no name");
            const std::string_view flag = parameter.set_as == SetAs::string ? "--set-string" : "--set";
            add(flag, parameter.name + "=" + escaped(substitute(parameter.value, m_scope.environment)));
        }
        for (const auto& [name, path] : m_options.file_parameters) {
            auto files = find_value_files(m_scope, {path}, false);
            if (files.size() != 1) throw Error(Code::invalid, "the file parameter " + name + " needs one file, '" + path + "' is " +
                                                                   std::to_string(files.size()));
            if (files.front().own) m_read.insert(files.front().name);
            add("--set-file", name + "=" + laid_down(std::move(files.front().text), ".txt"));
        }
    }

    const ValueScope& m_scope;
    const TemplateRequest& m_request;
    const HelmOptions& m_options;
    HelmRun m_run;
    std::string m_up;
    int m_count = 0;
    std::set<std::string> m_read;
};

/// The one short line that was printed instead of manifests: a version, a greeting. A chart's own text has its file above it.
std::optional<std::string> lone_line(std::string_view printed) {
    while (!printed.empty() && (printed.back() == '\n' || printed.back() == ' ')) printed.remove_suffix(1);
    const bool is_line = !printed.empty() && printed.size() <= k_longest_line && printed.find('\n') == printed.npos;
    return is_line && printed.find(": ") == printed.npos ? std::optional<std::string>(printed) : std::nullopt;
}

}  // namespace

HelmRun template_run(const ValueScope& scope, const TemplateRequest& request) { return Call(scope, request).make(); }

Templated template_chart(const ValueScope& scope, const TemplateRequest& request, Helm& helm) {
    Call call(scope, request);
    const HelmRun run = call.make();
    Templated result;
    std::set<std::string> read = call.read();
    for (const auto& [path, text] : run.files)
        if (path.starts_with(std::string(k_chart_folder) + "/")) read.insert(path.substr(k_chart_folder.size() + 1));
    result.files_read.assign(read.begin(), read.end());
    const std::string chart_file = scope.path.empty() ? "Chart.yaml" : scope.path + "/Chart.yaml";
    try {
        const std::string printed = helm.run(run);
        if (const auto line = lone_line(printed))
            throw Error(Code::invalid, "helm printed no manifests but '" + *line + "'").hint(k_helm_hint);
        result.manifests = read_printed(printed, chart_file);
    } catch (Error& error) {
        if (error.place().file.empty()) error.at({chart_file, 0, 0});
        throw;
    }
    return result;
}

}  // namespace gitops::render
