#include "cli/appset_files.hpp"

#include <algorithm>

#include "cli/command.hpp"
#include "cli/input.hpp"
#include "cli/local_folder.hpp"
#include "cli/print.hpp"
#include "cli/repository_url.hpp"
#include "core/base/error.hpp"
#include "core/deliver/text_diff.hpp"
#include "core/doc/yaml_write.hpp"
#include "core/io/git.hpp"
#include "core/kube/resource.hpp"

namespace gitops::cli {

namespace {

using base::Code;
using base::Error;

bool is_relative_path(std::string_view url) {
    return url == "." || url == ".." || url.starts_with("./") || url.starts_with("../");
}

/// Every repoURL of a generator and of the template; in a file only "./app" is a folder, "app" is not.
void make_absolute(doc::Value& value) {
    if (value.is_list())
        for (std::size_t i = 0; i < value.size(); ++i) make_absolute(value.item(i));
    if (!value.is_map()) return;
    std::vector<std::string> keys;
    for (const doc::Entry& entry : value.entries()) keys.emplace_back(entry.name());
    for (const std::string& key : keys) {
        doc::Value& item = value.at(key);
        if (key == "repoURL" && item.is_string() && is_relative_path(item.text())) {
            doc::Value absolute(stored_url(item.text()));
            absolute.set_line(item.line());
            item = absolute;
        } else {
            make_absolute(item);
        }
    }
}

struct LocalRepo {
    std::string url;
    std::string folder;
};

LocalRepo local_repo_of(const std::string& text) {
    const std::size_t equals = text.rfind('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
        UsageError error("--local-repo: '" + text + "' is not of the form URL=DIR");
        error.hint("--local-repo https://git.example/team/config.git=.");
        throw error;
    }
    return {io::canonical_url(stored_url(text.substr(0, equals))), text.substr(equals + 1)};
}

}  // namespace

std::vector<sources::ApplicationSet> read_sets(Env& env, const std::string& path) {
    std::vector<sources::ApplicationSet> sets;
    for (const kube::Manifest& manifest : read_objects(path)) {
        doc::Value document = manifest.object;
        make_absolute(document);
        std::vector<std::string> warnings;
        sources::ApplicationSet set = sources::read_application_set(document, manifest.file, warnings);
        for (const std::string& warning : warnings) warn(env, "warning: " + set.name + ": " + warning);
        if (std::ranges::find(sets, set.name, &sources::ApplicationSet::name) != sets.end())
            throw Error(Code::conflict, "ApplicationSet " + set.name +
                " is defined twice").at({manifest.file, static_cast<int>(document.line()), 0});
        sets.push_back(std::move(set));
    }
    return sets;
}

sources::SetPorts ports_of(Env& env, const std::vector<std::string>& local_repos) {
    std::vector<LocalRepo> locals;
    for (const std::string& text : local_repos) locals.push_back(local_repo_of(text));
    sources::SetPorts ports = app::set_ports(env.services(), app::Fetch::remote);
    const auto from_git = ports.tree;
    ports.tree = [&env, locals, from_git](const std::string& url,
        const std::string& revision) -> std::shared_ptr<const base::FileTree> {
        const auto found = std::ranges::find(locals, io::canonical_url(stored_url(url)), &LocalRepo::url);
        return found == locals.end() ? from_git(url, revision) : std::make_shared<base::DiskTree>(found->folder);
    };
    return ports;
}

std::string change_diff(const app::SetChange& change) {
    const auto text = [](const doc::Value& document) { return document.is_null() ? std::string() : doc::write_yaml(document); };
    return deliver::unified_diff(text(change.before), text(change.after), change.before.is_null() ? "/dev/null"
        : "registered/" + change.app,
                                 change.after.is_null() ? "/dev/null" : "generated/" + change.app);
}

bool is_change(const app::SetChange& change) { return change.action != app::SetAction::keep; }

doc::Value change_value(const app::SetChange& change) {
    doc::Value value = doc::Value::map();
    value.set("application", change.app);
    value.set("change", app::set_action_name(change.action));
    value.set("from", change.origin.empty() ? doc::Value() : doc::Value(change.origin));
    value.set("diff", is_change(change) ? doc::Value(change_diff(change)) : doc::Value());
    return value;
}

std::string counts_text(const app::SetPlan& plan) {
    const auto count = [&](app::SetAction action) { return std::ranges::count(plan.changes, action, &app::SetChange::action); };
    std::string text = std::to_string(count(app::SetAction::create)) + " created, " +
        std::to_string(count(app::SetAction::update)) + " updated, " +
                       std::to_string(count(app::SetAction::remove)) + " deleted, " +
                           std::to_string(count(app::SetAction::keep)) + " unchanged";
    const auto held = count(app::SetAction::hold_update) + count(app::SetAction::hold_removal);
    return held == 0 ? text : text + ", " + std::to_string(held) + " left alone by the policy " + plan.set.sync_policy;
}

}  // namespace gitops::cli
