#include "cli/register_apps.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "cli/audited.hpp"
#include "cli/input.hpp"
#include "cli/print.hpp"
#include "cli/projects.hpp"
#include "cli/repository_url.hpp"
#include "core/app/edit.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace gitops::cli {

namespace {

using base::Code;
using base::Error;

bool is_relative_path(std::string_view url) {
    return url == "." || url == ".." || url.starts_with("./") || url.starts_with("../");
}

/// What only the reader of the application can tell from a path: it stays as it is written, and is checked when it is used.
bool is_plain_folder(std::string_view url) {
    return !is_relative_path(url) && url.find(':') == std::string_view::npos && !url.starts_with('-') &&
           std::ranges::none_of(url, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::optional<doc::Value> with_absolute_repo(const doc::Value& source, const std::string& file) {
    const doc::Value* url = source.is_map() ? source.find("repoURL") : nullptr;
    if (url == nullptr || !url->is_string()) return std::nullopt;
    // The address of a registry looks like a folder.
    const Holds holds = source.has("chart") ? Holds::charts : Holds::git;
    if (holds == Holds::git && !file.empty() && is_plain_folder(url->text())) return std::nullopt;
    try {
        const std::string stored = file.empty() ? typed_url(url->text(), holds) : stored_url(url->text(), holds);
        if (!file.empty() && !is_relative_path(url->text())) return std::nullopt;
        doc::Value changed = source;
        changed.set("repoURL", stored);
        return changed;
    } catch (Error& error) {
        if (!file.empty()) error.at({file, static_cast<int>(url->line()), 0});
        throw;
    }
}

/// Typed on the command line even "app" may be a folder; in a file only "./app" is one.
doc::Value with_absolute_repo(const kube::Manifest& manifest) {
    doc::Value document = manifest.object;
    if (const doc::Value* source = document.path("spec", "source")) {
        if (auto changed = with_absolute_repo(*source, manifest.file)) document.at("spec").set("source", *changed);
    }
    const doc::Value* sources = document.path("spec", "sources");
    for (std::size_t i = 0; sources != nullptr && sources->is_list() && i < sources->items().size(); ++i) {
        if (auto changed = with_absolute_repo(sources->items()[i], manifest.file)) document.at("spec").at("sources").item(i) = *changed;
        sources = document.path("spec", "sources");
    }
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

std::vector<kube::Manifest> read_definitions(const std::string& path, std::string_view expected) {
    std::vector<kube::Manifest> definitions = read_objects(path);
    for (const kube::Manifest& manifest : definitions) {
        if (kube::kind_of(manifest.object) == "Application" && kube::gvk_of(manifest.object).group == "argoproj.io")
            continue;
        if (is_project(manifest.object)) continue;
        const std::string kind(kube::kind_of(manifest.object));
        throw Error(Code::invalid, "expected " + std::string(expected) + " of argoproj.io/v1alpha1, found " +
                                       (kind.empty() ? "no kind" : "kind " + kind))
            .suggest(base::near_names(kind, {"Application", "AppProject"}))
            .at({manifest.file, static_cast<int>(manifest.object.line()), 0});
    }
    return definitions;
}

std::vector<Registered> register_applications(Env& env, const std::vector<kube::Manifest>& definitions,
                                              Existing existing) {
    std::vector<app::Application> applications;
    std::vector<Registered> done;
    std::set<std::string> names;
    const std::vector<ReadProject> projects = read_projects(env, definitions, existing);
    for (const kube::Manifest& manifest : definitions) {
        if (is_project(manifest.object)) continue;
        std::vector<std::string> warnings;
        const doc::Value document = with_absolute_repo(manifest);
        app::Application application = app::read_application(document, manifest.file, warnings);
        for (const std::string& warning : warnings) warn(env, "warning: " + application.name + ": " + warning);
        if (!names.insert(application.name).second) {
            throw Error(Code::conflict, "application " + application.name + " is defined twice")
                .at({manifest.file, static_cast<int>(manifest.object.line()), 0});
        }
        done.push_back({application.name, result_for(env, application, existing)});
        applications.push_back(std::move(application));
    }
    store_projects(env, projects);  // first: the applications belong to them
    for (const ReadProject& project : projects)
        if (project.result != "unchanged") tell(env, "project " + project.project.name + " " + project.result);
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
