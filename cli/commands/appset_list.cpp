#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/print.hpp"
#include "core/app/appset/appset_rollout.hpp"
#include "core/base/error.hpp"
#include "core/kube/resource.hpp"

namespace gitops::cli {

namespace {

constexpr const char* k_rolling = "RolloutProgressing";

struct Shown {
    std::string name, project, policy, health, condition, message;
};

std::string_view health_of(const std::optional<app::SetCondition>& condition) {
    if (!condition) return "Unknown";
    if (condition->type == "ErrorOccurred") return "Degraded";
    return condition->type == k_rolling ? "Progressing" : "Healthy";
}

/// As of the last pass; where a rolling sync stands is looked up now, and counts when nothing is wrong.
std::optional<app::SetCondition> condition_of(Env& env, const sources::ApplicationSet& set,
                                              const std::vector<sources::MemberPlan>& plans) {
    auto condition = app::condition_of(env.state(), set.name);
    if (condition && condition->type == "ErrorOccurred") return condition;
    if (const auto standing = sources::rollout_standing(set.steps, plans)) return app::SetCondition{k_rolling, *standing, ""};
    return condition;
}

std::vector<sources::MemberPlan> plans_of(Env& env, const sources::ApplicationSet& set) {
    if (set.steps.empty()) return {};
    return app::rollout_of(env.services(), set, app::Fetch::cached);
}

Shown shown(Env& env, const doc::Value& document, const std::vector<sources::MemberPlan>* known = nullptr) {
    Shown row;
    row.name = kube::name_of(document);
    row.condition = "<none>";
    try {
        const auto set = app::set_named(env.state(), row.name);
        const auto condition = condition_of(env, set, known != nullptr ? *known : plans_of(env, set));
        row.health = health_of(condition);
        if (condition) row.condition = condition->type;
        if (condition) row.message = condition->message;
        const doc::Value* project = set.application.path("spec", "project");
        row.project = project == nullptr ? "default" : std::string(project->text());
        row.policy = set.sync_policy;
    } catch (const base::Error& error) {
        row.health = "Degraded";
        row.message = error.message();
    }
    return row;
}

doc::Value value_of(const Shown& row) {
    doc::Value value = doc::Value::map();
    value.set("name", row.name);
    value.set("project", row.project);
    value.set("syncPolicy", row.policy);
    value.set("health", row.health);
    value.set("condition", row.condition == "<none>" ? doc::Value() : doc::Value(row.condition));
    value.set("message", row.message.empty() ? doc::Value() : doc::Value(row.message));
    return value;
}

int list(Env& env) {
    Listing listing{.table = Table({"NAME", "PROJECT", "SYNCPOLICY", "HEALTH", "CONDITIONS"}),
                    .nothing = "no ApplicationSets; gitopsctl appset apply -f FILE registers one"};
    for (const doc::Value& document : env.state().definitions(app::k_set_kind)) {
        const Shown row = shown(env, document);
        listing.names.push_back(row.name);
        listing.items.push_back(value_of(row));
        listing.table.add({row.name, row.project, row.policy, status_cell(row.health), row.condition});
    }
    print_listing(env, listing);
    return 0;
}

/// One that names Argo CD's own server, or none, goes to the current cluster.
std::string cluster_name(Env& env, const app::Application& application) {
    try {
        return app::cluster_of(env.services(), application.destination.cluster).name;
    } catch (const base::Error&) {
        return application.destination.cluster;
    }
}

doc::Value member_value(const app::Application& application, const std::string& cluster, const sources::MemberPlan* plan) {
    doc::Value value = doc::Value::map();
    value.set("application", application.name);
    value.set("cluster", cluster);
    value.set("namespace", application.destination.ns);
    value.set("step", plan == nullptr || plan->step == 0 ? doc::Value() : doc::Value(plan->step));
    value.set("status", plan == nullptr ? doc::Value() : doc::Value(sources::member_phase_name(plan->phase)));
    value.set("message", plan == nullptr ? doc::Value() : doc::Value(plan->message));
    return value;
}

int get(Env& env, const std::string& name) {
    const auto set = app::set_named(env.state(), name);
    const auto members = app::members_of(env.state(), name);
    const auto plans = plans_of(env, set);
    const Shown row = shown(env, set.document, &plans);
    doc::Value applications = doc::Value::list();
    Table table(set.steps.empty() ? std::vector<std::string>{"APPLICATION", "CLUSTER", "NAMESPACE"}
                                  : std::vector<std::string>{"APPLICATION", "CLUSTER", "NAMESPACE", "STEP", "STATUS", "MESSAGE"});
    for (std::size_t i = 0; i < members.size(); ++i) {
        const auto* plan = plans.empty() ? nullptr : &plans[i];
        const auto cluster = cluster_name(env, members[i]);
        applications.push_back(member_value(members[i], cluster, plan));
        std::vector<Cell> cells{members[i].name, cluster, members[i].destination.ns};
        if (plan != nullptr) {
            cells.emplace_back(plan->step == 0 ? "-" : std::to_string(plan->step));
            cells.push_back(status_cell(sources::member_phase_name(plan->phase)));
            cells.emplace_back(plan->message);
        }
        table.add(std::move(cells));
    }
    if (wants_document(env)) {
        doc::Value value = value_of(row);
        value.set("applications", std::move(applications));
        value.set("document", set.document);
        print_document(env, value);
        return 0;
    }
    if (env.format() == Format::name) {
        print_text(env, name + "\n");
        return 0;
    }
    Table header;
    header.add({"Name:", row.name});
    header.add({"Project:", row.project});
    header.add({"Sync policy:", row.policy});
    header.add({"Health:", status_cell(row.health)});
    header.add({"Condition:", row.condition + (row.message.empty() ? "" : ": " + row.message)});
    header.print(env.terminal());
    if (!members.empty()) {
        print_text(env, "\n");
        table.print(env.terminal());
    }
    return 0;
}

}  // namespace

void register_appset_list(Commands& commands) {
    commands.push_back({
        .path = "appset list",
        .summary = "List the registered ApplicationSets.",
        .examples = "gitopsctl appset list\n"
                    "gitopsctl appset list -o json",
        .exits = "0  listed, also when there are none",
        .declare = [](CLI::App&) -> Action { return list; },
    });
}

void register_appset_get(Commands& commands) {
    commands.push_back({
        .path = "appset get",
        .summary = "Show an ApplicationSet, its applications, and where its rolling sync stands.",
        .examples = "gitopsctl appset get pipelines\n"
                    "gitopsctl appset get pipelines -o yaml",
        .exits = "0  shown\n"
                 "2  there is no such ApplicationSet",
        .declare = [](CLI::App& parser) -> Action {
            auto name = std::make_shared<std::string>();
            add_required(parser, "NAME", *name, "the ApplicationSet");
            return [name](Env& env) { return get(env, *name); };
        },
    });
}

}  // namespace gitops::cli
