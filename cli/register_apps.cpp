#include "cli/register_apps.hpp"

#include <optional>
#include <set>

#include "cli/audited.hpp"
#include "cli/input.hpp"
#include "cli/print.hpp"
#include "core/app/edit.hpp"
#include "core/base/error.hpp"

namespace gitops::cli {

namespace {

using base::Code;
using base::Error;

bool is_relative_path(std::string_view url) {
    return url == "." || url == ".." || url.starts_with("./") || url.starts_with("../");
}

/// Typed on the command line even "app" may be a folder; in a file only "./app" is one.
doc::Value with_absolute_repo(const Env& env, const kube::Manifest& manifest) {
    doc::Value document = manifest.object;
    const doc::Value* url = document.path("spec", "source", "repoURL");
    if (url == nullptr || !url->is_string()) return document;
    if (!manifest.file.empty() && !is_relative_path(url->text())) return document;
    const std::string stored = env.stored_url(url->text());
    document.at("spec").at("source").set("repoURL", stored);
    return document;
}

std::string result_for(Env& env, const app::Application& application, Existing existing) {
    if (!env.state().has_application(application.name)) return "created";
    if (app::same_definition(env.state().application(application.name).document, application.document))
        return "unchanged";
    if (existing == Existing::refuse) {
        throw Error(Code::conflict, "application " + application.name + " exists already, with another definition")
            .hint("--upsert replaces it; gitopsctl app set " + application.name + " changes parts of it");
    }
    return "updated";
}

}  // namespace

std::vector<kube::Manifest> read_definitions(const std::string& path) {
    std::vector<kube::Manifest> definitions = read_objects(path);
    for (const kube::Manifest& manifest : definitions) {
        if (kube::kind_of(manifest.object) == "Application" && kube::gvk_of(manifest.object).group == "argoproj.io")
            continue;
        const std::string kind(kube::kind_of(manifest.object));
        throw Error(Code::invalid, "expected an Application of argoproj.io/v1alpha1, found " +
                                       (kind.empty() ? "no kind" : "kind " + kind))
            .at({manifest.file, static_cast<int>(manifest.object.line()), 0});
    }
    return definitions;
}

std::vector<Registered> register_applications(Env& env, const std::vector<kube::Manifest>& definitions,
                                              Existing existing) {
    std::vector<app::Application> applications;
    std::vector<Registered> done;
    std::set<std::string> names;
    for (const kube::Manifest& manifest : definitions) {
        std::vector<std::string> warnings;
        const doc::Value document = with_absolute_repo(env, manifest);
        app::Application application = app::read_application(document, manifest.file, warnings);
        for (const std::string& warning : warnings) warn(env, "warning: " + application.name + ": " + warning);
        if (!names.insert(application.name).second) {
            throw Error(Code::conflict, "application " + application.name + " is defined twice")
                .at({manifest.file, static_cast<int>(manifest.object.line()), 0});
        }
        done.push_back({application.name, result_for(env, application, existing)});
        applications.push_back(std::move(application));
    }
    for (std::size_t i = 0; i < applications.size(); ++i) {
        if (done[i].result == "unchanged") continue;
        const app::Application& application = applications[i];
        audited(
            env,
            {done[i].result == "created" ? "create" : "set", application.name, application.destination.cluster, ""},
            [&] {
                env.state().put_application(application, env.clock().now());
                return std::string();
            });
    }
    return done;
}

}  // namespace gitops::cli
