#include "cli/app_selection.hpp"

#include <algorithm>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "core/base/text.hpp"
#include "core/kube/selector.hpp"

namespace gitops::cli {

Action declare_for_application(CLI::App& parser, int (*run)(Env&, const std::string& name)) {
    auto name = std::make_shared<std::string>();
    add_required(parser, "NAME", *name, "the application");
    return [name, run](Env& env) { return run(env, *name); };
}

void declare_selection(CLI::App& parser, AppSelection& selection) {
    add_many(parser, "NAME", selection.names, "applications");
    add_switch(parser, "--all", selection.all, "every application");
    add_value(parser, "-l,--selector", selection.selector, "SELECTOR",
              "applications with these labels: team=data,tier!=web");
}

void declare_clusters(CLI::App& parser, std::string& selector) {
    add_value(parser, "--cluster-selector", selector, "SELECTOR",
              "on every cluster with these labels (cluster add --label): env=prod");
}

std::vector<std::string> selected_clusters(Env& env, const std::string& selector) {
    const std::string& given = env.globals().cluster;
    if (!selector.empty() && !given.empty()) throw UsageError("--cluster and --cluster-selector exclude each other");
    std::vector<std::string> names;
    if (!selector.empty()) {
        const kube::Selector wanted = kube::Selector::parse(selector);
        for (const app::ClusterRow& row : env.state().clusters()) {
            doc::Value labels = doc::Value::map();
            for (const auto& [name, value] : row.labels) labels.set(name, value);
            if (wanted.matches(labels)) names.push_back(row.name);
        }
        if (!names.empty()) return names;
        throw base::Error(base::Code::not_found, "no cluster has the labels " + selector)
            .hint("`gitopsctl cluster list -o wide` shows their labels");
    }
    if (given.find(',') == std::string::npos) return names;
    for (const std::string_view part : base::split(given, ',')) {
        const std::string name = env.cluster_name(std::string(base::trim(part)));
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    return names;
}

std::vector<std::string> selected_apps(Env& env, const AppSelection& selection, NoneNamed none) {
    std::vector<std::string> names;
    app::Services services = env.services();
    if (services.cluster.find(',') != std::string::npos) services.cluster.clear();  // it matters to the errands alone
    for (const std::string& name : selection.names) {
        app::application_of(services, name);
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    if (!names.empty()) return names;
    if (selection.selector.empty() && !selection.all && none == NoneNamed::refuse) {
        UsageError error("no application is named");
        error.hint("give names, --all or -l SELECTOR");
        throw error;
    }
    const kube::Selector selector =
        selection.selector.empty() ? kube::Selector() : kube::Selector::parse(selection.selector);
    for (const app::Application& application : env.state().applications()) {
        const doc::Value* labels = application.document.path("metadata", "labels");
        if (selector.matches(labels == nullptr ? doc::Value() : *labels)) names.push_back(application.name);
    }
    return names;
}

}  // namespace gitops::cli
