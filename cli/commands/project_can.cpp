#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/print.hpp"
#include "core/app/project/project.hpp"
#include "core/base/text.hpp"

namespace gitops::cli {

namespace {

struct Options {
    std::string subject, action, object;
    std::string resource = "applications";
};

struct Question {
    std::string project;
    sources::Request request;
};

/// "PROJECT/NAME"; a NAME alone is of the project that "proj:PROJECT:ROLE" names.
Question question_of(const Options& options) {
    if (!sources::is_policy_action(options.action) || options.action == "*") {
        UsageError error("there is no action '" + options.action + "'");
        error.hint("get, create, update, delete, sync, override, or action/GROUP/KIND/ACTION");
        throw error;
    }
    const auto& resources = sources::policy_resources();
    if (options.resource != "projects" && std::ranges::find(resources, options.resource) == resources.end()) {
        UsageError error("there is no resource '" + options.resource + "'");
        error.suggest(base::near_names(options.resource, resources));
        error.hint("projects, " + base::join(resources, ", "));
        throw error;
    }
    const auto slash = options.object.find('/');
    const auto parts = base::split(options.subject, ':');
    Question question{"", {options.subject, options.resource, options.action, options.object}};
    if (slash != std::string::npos) question.project = options.object.substr(0, slash);
    else if (options.resource == "projects") question.project = options.object;
    else if (parts.size() == 3 && parts[0] == "proj") {
        question.project = parts[1];
        question.request.object = question.project + "/" + options.object;
    } else {
        throw UsageError("OBJECT is PROJECT/APPLICATION; a name alone will do when ROLE is proj:PROJECT:ROLE");
    }
    return question;
}

int run(Env& env, const Options& options) {
    const Question question = question_of(options);
    const sources::AppProject project = app::project_named(env.state(), question.project);
    const sources::Ruling ruling = sources::decide(project.roles, project.name, question.request);
    const bool known = !sources::roles_of(project.roles, project.name, options.subject).empty();
    if (wants_document(env)) {
        doc::Value value = doc::Value::map();
        value.set("allowed", ruling.allowed);
        value.set("rule", ruling.rule.empty() ? doc::Value() : doc::Value(ruling.rule));
        value.set("knownSubject", known);
        print_document(env, value);
    } else {
        const std::string nothing = known ? "no policy of " + options.subject + " speaks of it"
                                          : "project " + project.name + " has no role or group " + options.subject;
        print_text(env, std::string(ruling.allowed ? "yes: " : "no: ") + (ruling.rule.empty() ? nothing : ruling.rule) + "\n");
    }
    return ruling.allowed ? 0 : 1;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_required(parser, "ROLE", options->subject, "a role of the project, proj:PROJECT:ROLE, or a group");
    add_required(parser, "ACTION", options->action, "get, create, update, delete, sync, override, action/...");
    add_required(parser, "OBJECT", options->object, "PROJECT/APPLICATION");
    add_value(parser, "--resource", options->resource, "RESOURCE", "what OBJECT is (default: applications)");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_project_can(Commands& commands) {
    commands.push_back({
        .path = "project can",
        .summary = "Ask whether a role may do something, and which policy line decides.",
        .examples = "gitopsctl project can deployer sync team-a/web\n"
                    "gitopsctl project can proj:team-a:viewer get web --resource logs",
        .exits = "0  yes\n"
                 "1  no\n"
                 "2  there is no such project",
        .declare = declare,
    });
}

}  // namespace gitops::cli
