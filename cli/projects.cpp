#include "cli/projects.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <set>

#include "cli/arguments.hpp"
#include "cli/audited.hpp"
#include "cli/print.hpp"
#include "cli/repository_url.hpp"
#include "core/app/edit.hpp"
#include "core/app/project/project.hpp"
#include "core/app/project/project_edit.hpp"
#include "core/base/error.hpp"
#include "core/base/time_zone.hpp"

namespace gitops::cli {

namespace {

using base::Code;
using base::Error;

bool is_relative_path(std::string_view url) {
    return url == "." || url == ".." || url.starts_with("./") || url.starts_with("../");
}

doc::Value with_absolute_repos(const doc::Value& object) {
    doc::Value document = object;
    const doc::Value* repos = document.path("spec", "sourceRepos");
    if (repos == nullptr || !repos->is_list()) return document;
    bool any = false;
    doc::Value list = doc::Value::list();
    for (const doc::Value& rule : repos->items()) {
        const std::string absolute = rule.is_string() ? stored_source_rule(rule.text()) : std::string();
        any = any || (rule.is_string() && absolute != rule.text());
        list.push_back(rule.is_string() ? doc::Value(absolute) : rule);
    }
    if (any) document.at("spec").set("sourceRepos", list);
    return document;
}

/// A zone that is not there would make every question about the window an error later.
void require_zones(const sources::AppProject& project) {
    const auto zones = base::TimeZones::of_system();
    for (const auto& window : project.windows) {
        try {
            zones.zone(window.zone);
        } catch (Error& error) {
            error.note("while reading the sync windows of project " + project.name);
            throw;
        }
    }
}

std::string result_for(Env& env, const sources::AppProject& project, Existing existing) {
    const auto known = env.state().definition(app::k_project_kind, project.name);
    if (!known) return "created";
    if (app::same_definition(*known, project.document)) return "unchanged";
    if (existing == Existing::refuse)
        throw Error(Code::conflict, "project " + project.name + " exists already, with another definition")
            .hint("--upsert replaces it; gitopsctl project --help lists what changes parts of it");
    return "updated";
}

}  // namespace

bool is_project(const doc::Value& object) {
    return kube::kind_of(object) == "AppProject" && kube::gvk_of(object).group == "argoproj.io";
}

std::string stored_source_rule(std::string_view rule) {
    const bool denies = rule.starts_with('!');
    const std::string_view url = denies ? rule.substr(1) : rule;
    if (!is_relative_path(url)) return std::string(rule);
    return (denies ? "!" : "") + stored_url(url);
}

std::vector<ReadProject> read_projects(Env& env, const std::vector<kube::Manifest>& definitions, Existing existing) {
    std::vector<ReadProject> read;
    std::set<std::string> names;
    for (const kube::Manifest& manifest : definitions) {
        if (!is_project(manifest.object)) continue;
        std::vector<std::string> warnings;
        ReadProject one{sources::read_project(with_absolute_repos(manifest.object), manifest.file, warnings), ""};
        for (const std::string& warning : warnings) warn(env, "warning: project " + one.project.name + ": " + warning);
        if (one.project.unmet) warn(env, "warning: project " + one.project.name + ": " + *one.project.unmet + ": its applications will not be synced");
        require_zones(one.project);
        if (!names.insert(one.project.name).second)
            throw Error(Code::conflict, "project " + one.project.name + " is defined twice")
                .at({manifest.file, static_cast<int>(manifest.object.line()), 0});
        one.result = result_for(env, one.project, existing);
        read.push_back(std::move(one));
    }
    return read;
}

void store_projects(Env& env, const std::vector<ReadProject>& projects) {
    for (const ReadProject& read : projects) {
        if (read.result == "unchanged") continue;
        audited(env, {read.result == "created" ? "project create" : "project set", read.project.name, "", ""}, [&] {
            env.state().put_definition(app::k_project_kind, read.project.name, read.project.document);
            return std::string();
        });
    }
}

int edit_project(Env& env, const std::string& name, const std::function<bool(doc::Value& document)>& change,
                 const std::string& done, const std::string& already) {
    doc::Value document = app::project_named(env.state(), name).document;
    if (!change(document)) {
        print_text(env, "project " + name + ": " + already + "\n");
        return 0;
    }
    const auto checked = read_projects(env, {{document, ""}}, Existing::replace);
    audited(env, {"project set", name, "", ""}, [&] {
        env.state().put_definition(app::k_project_kind, name, checked.front().project.document);
        return done;
    });
    print_text(env, "project " + name + ": " + done + "\n");
    return 0;
}

}  // namespace gitops::cli
