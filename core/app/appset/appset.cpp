#include "core/app/appset/appset.hpp"

#include <algorithm>
#include <set>

#include "core/app/appset/appset_kept.hpp"
#include "core/app/destination.hpp"
#include "core/app/edit.hpp"
#include "core/app/project/project.hpp"
#include "core/app/remove.hpp"
#include "core/app/sync.hpp"
#include "core/base/text.hpp"
#include "core/kube/resource.hpp"
#include "core/sources/appset_rollout.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Error;
using doc::Value;
using sources::ApplicationSet;
using sources::GeneratedApplication;

constexpr std::string_view k_condition_kind = "ApplicationSetCondition";
constexpr std::string_view k_usual_share = "50%";
/// What the Secret of every cluster that is registered with Argo CD carries; selectors ask for it to leave its own one out.
constexpr std::string_view k_secret_label = "argocd.argoproj.io/secret-type";

bool is_default_cluster(const ClusterRow& row) { return row.kind == "embedded" && row.name == "local"; }

/// A clusters generator, also one inside a matrix or merge, which holds at most one more of them.
bool has_cluster_generator(const Value& generators, int levels) {
    return std::ranges::any_of(generators.items(), [&](const Value& generator) {
        if (generator.has("clusters")) return true;
        return levels > 0 && std::ranges::any_of(std::initializer_list<std::string_view>{"matrix", "merge"}, [&](std::string_view kind) {
                   const Value* inner = generator.path(kind, "generators");
                   return inner != nullptr && inner->is_list() && has_cluster_generator(*inner, levels - 1);
               });
    });
}

/// Which cluster "in-cluster" stands for in a set's destinations.
enum class OwnName {
    current,  ///< whichever is the current one, as in any Application
    embedded  ///< the embedded one of every home, of which clusters generators say it
};

/// A destination that a clusters generator filled in means the cluster it was made for, whichever one is the current one.
OwnName own_name_in(const ApplicationSet& set) {
    if (!has_cluster_generator(set.generators, 2)) return OwnName::current;
    const Value* destination = set.application.path("spec", "destination");
    if (destination == nullptr) return OwnName::embedded;
    const bool is_literal = destination->text_at("name") == k_own_name || destination->text_at("server") == k_own_server;
    return is_literal ? OwnName::current : OwnName::embedded;
}

std::string server_of(const Services& services, const ClusterRow& row) {
    std::string server = row.kind != "embedded" && services.server_of ? services.server_of(row) : std::string();
    return server.empty() ? "https://" + row.name : server;
}

Value owner_reference(const ApplicationSet& set) {
    Value reference = Value::map();
    reference.set("apiVersion", "argoproj.io/v1alpha1");
    reference.set("blockOwnerDeletion", true);
    reference.set("controller", true);
    reference.set("kind", k_set_kind);
    reference.set("name", set.name);
    return reference;
}

/// What a destination may call a registered cluster other than its name.
struct ClusterAlias {
    std::string name, server;  ///< one of them is ""
    std::string cluster;
};

std::vector<ClusterAlias> cluster_aliases(const Services& services, OwnName own) {
    std::vector<ClusterAlias> aliases;
    for (const ClusterRow& row : services.state.clusters()) {
        aliases.push_back({"", server_of(services, row), row.name});
        if (!is_default_cluster(row) || (own == OwnName::current && !row.current)) continue;
        aliases.push_back({"", std::string(k_own_server), row.name});
        aliases.push_back({std::string(k_own_name), "", row.name});
    }
    return aliases;
}

/// Destinations are resolved by name: a server that is a registered cluster's becomes its name, and so does Argo CD's own
/// cluster, so that the application stays there when another cluster becomes the current one.
void name_destination(Value& document, const std::vector<ClusterAlias>& aliases) {
    const Value* given = document.path("spec", "destination");
    if (given == nullptr || !given->is_map()) return;
    const std::string_view name = given->text_at("name");
    std::string_view server = given->text_at("server");
    while (server.ends_with('/')) server.remove_suffix(1);
    const auto found = std::ranges::find_if(
        aliases, [&](const ClusterAlias& alias) { return alias.name == name && alias.server == server; });
    if (found == aliases.end()) return;
    Value& destination = document.at("spec").at("destination");
    destination.erase("server");
    destination.set("name", found->cluster);
}

void switch_automation_off(Value& document) {
    if (document.path("spec", "syncPolicy", "automated") == nullptr) return;
    Value& automated = document.at("spec").at("syncPolicy").at("automated");
    if (!automated.is_map()) automated = Value::map();
    automated.set("enabled", false);
}

/// As it is registered: with its owner, a destination by name and, in a rolling sync, automation off.
void complete(Value& document, const ApplicationSet& set, const std::vector<ClusterAlias>& aliases) {
    document.at("metadata").set("ownerReferences", Value::list({owner_reference(set)}));
    name_destination(document, aliases);
    if (!set.steps.empty()) switch_automation_off(document);
}

/// Looks each project and each cluster up once, however many Applications name it.
class Checks {
  public:
    explicit Checks(const Services& services) : m_services(services) {}

    void require(const GeneratedApplication& made, const ApplicationSet& set, std::vector<std::string>& warnings) {
        std::vector<std::string> told;
        const Application application = read_application(made.document, set.file, told);
        for (const auto& warning : told)
            if (m_told.insert(warning).second) warnings.push_back(made.name + ": " + warning);
        if (!m_projects.contains(application.project)) project_named(m_services.state, application.project);
        m_projects.insert(application.project);
        if (!m_clusters.contains(application.destination.cluster)) cluster_of(m_services, application.destination.cluster);
        m_clusters.insert(application.destination.cluster);
    }

  private:
    const Services& m_services;
    std::set<std::string> m_projects, m_clusters;  ///< that are there
    std::set<std::string> m_told;
};

std::size_t most_removals(const ApplicationSet& set, const std::string& given, std::size_t owned) {
    const std::string annotated(kube::annotation_of(set.document, k_max_deletions_annotation));
    const std::string text = !given.empty() ? given : !annotated.empty() ? annotated : std::string(k_usual_share);
    const bool is_share = text.ends_with('%');
    const std::string_view digits = is_share ? std::string_view(text).substr(0, text.size() - 1) : std::string_view(text);
    if (digits.empty() || digits.size() > 9 || digits.find_first_not_of("0123456789") != std::string_view::npos)
        throw Error(Code::invalid, "\"" + text + "\" is no number of deletions").hint("write a number or a share, as 3 or 25%");
    const std::size_t number = std::stoul(std::string(digits));
    return is_share ? owned * std::min<std::size_t>(number, 100) / 100 : number;
}

Error too_many(const SetPlan& plan, std::size_t most) {
    std::vector<std::string> names;
    for (const SetChange& change : plan.changes)
        if (change.action == SetAction::remove && names.size() < 5) names.push_back(change.app);
    Error error(Code::conflict, "ApplicationSet " + plan.set.name + " would delete " + std::to_string(plan.removals) + " of its " +
                                    base::count_of(plan.owned, "application") + " (" + base::join(names, ", ") +
                                    (plan.removals > names.size() ? ", ..." : "") + "), " + std::to_string(most) +
                                        " may go at once");
    error.hint("a generator that found nothing is the usual reason. gitopsctl appset apply with --yes does it all the same; for a set "
               "in an app-of-apps, the annotation " +
               std::string(k_max_deletions_annotation) + " in Git allows it (3 or 25%)");
    return error;
}

/// Every registered application's document, by name.
std::map<std::string, Value> registered_documents(const StateDb& state) {
    std::map<std::string, Value> documents;
    for (Application& application : state.applications()) documents.emplace(application.name, std::move(application.document));
    return documents;
}

SetChange change_for(const ApplicationSet& set, const GeneratedApplication& made, const std::map<std::string, Value>& registered) {
    SetChange change{SetAction::create, made.name, made.origin, {}, made.document};
    const auto found = registered.find(made.name);
    if (found == registered.end()) return change;
    change.before = found->second;
    if (owner_of(change.before) != set.name) {
        const std::string owner = owner_of(change.before);
        throw Error(Code::conflict, "application " + made.name + " exists already and was not made by ApplicationSet " + set.name +
                                        (owner.empty() ? "" : ", but by ApplicationSet " + owner))
            .hint("rename the one or delete the other: gitopsctl app delete " + made.name + " --no-cascade");
    }
    change.after = with_kept(set, made.name, made.document, change.before);
    if (change.after == change.before) change.action = SetAction::keep;
    else change.action = set.permissions.updates ? SetAction::update : SetAction::hold_update;
    return change;
}

Value without_owner(Value document) {
    if (Value* metadata = document.find_mutable("metadata")) metadata->erase("ownerReferences");
    return document;
}

void put_document(const Services& services, const Value& document) {
    std::vector<std::string> told_when_planned;
    services.state.put_application(read_application(document, "state.db", told_when_planned), services.clock.now());
}

bool deletes_resources(const Value& document) {
    const Value* finalizers = document.path("metadata", "finalizers");
    return finalizers != nullptr && std::ranges::any_of(finalizers->items(), [](const Value& item) {
               return item.text().starts_with("resources-finalizer.argocd.argoproj.io");
           });
}

void remove_member(const Services& services, const std::string& name, const Value& document, const std::stop_token& stop) {
    remove_application(services, name, deletes_resources(document) ? Cascade::yes : Cascade::no, stop);
}

std::string told(const SetPlan& plan) {
    std::size_t counts[3]{};
    for (const SetChange& change : plan.changes)
        if (change.action <= SetAction::remove) ++counts[static_cast<std::size_t>(change.action)];
    return std::to_string(counts[0]) + " created, " + std::to_string(counts[1]) + " updated, " + std::to_string(counts[2]) +
        " deleted";
}

/// An audit row around `body`.
void audited(const Services& services, const std::string& action, std::string_view set, const std::string& message,
    const std::function<void()>& body) {
    AuditRow row;
    row.at = services.clock.now();
    row.actor = services.actor;
    row.action = action;
    row.subject = set;
    row.result = "running";
    row.process = io::current_process();
    const std::int64_t id = services.state.begin_audit(row);
    try {
        body();
    } catch (const Error& error) {
        services.state.end_audit(id, error.code() == Code::cancelled ? "interrupted" : "failed", {}, error.message());
        throw;
    }
    services.state.end_audit(id, "succeeded", {}, message);
}

void follow(const Services& services, const SetPlan& plan, const std::stop_token& stop) {
    for (const SetChange& change : plan.changes) {
        if (stop.stop_requested()) throw Error(Code::cancelled, "interrupted; run the command again to finish");
        if (change.action == SetAction::create || change.action == SetAction::update) put_document(services, change.after);
        else if (change.action == SetAction::remove) remove_member(services, change.app, change.before, stop);
    }
}

bool changes_something(const SetPlan& plan) {
    return std::ranges::any_of(plan.changes, [](const SetChange& change) { return change.action <= SetAction::remove; });
}

}  // namespace

std::string_view set_action_name(SetAction action) {
    switch (action) {
        case SetAction::create: return "create";
        case SetAction::update: return "update";
        case SetAction::remove: return "delete";
        case SetAction::keep: return "unchanged";
        case SetAction::hold_update: return "not updated";
        case SetAction::hold_removal: return "not deleted";
    }
    return {};
}

std::vector<sources::ClusterFacts> cluster_facts(const Services& services) {
    std::vector<sources::ClusterFacts> facts;
    for (const ClusterRow& row : services.state.clusters()) {
        sources::ClusterFacts cluster{row.name, server_of(services, row), {}, row.labels, {}};
        if (is_default_cluster(row)) {
            cluster.name = k_own_name;
            cluster.server = k_own_server;
        }
        cluster.is_unlabelled = is_default_cluster(row) && row.labels.empty();
        if (!cluster.is_unlabelled) cluster.labels[std::string(k_secret_label)] = "cluster";
        facts.push_back(std::move(cluster));
    }
    return facts;
}

sources::SetPorts set_ports(const Services& services, Fetch fetch) {
    sources::SetPorts ports;
    ports.now = services.clock.now();
    ports.clusters = [&services] { return cluster_facts(services); };
    auto trees = std::make_shared<std::map<std::pair<std::string, std::string>, std::shared_ptr<const base::FileTree>>>();
    ports.tree = [&services, fetch, trees](const std::string& url, const std::string& revision) {
        auto& tree = (*trees)[{url, revision}];
        if (tree) return tree;
        const auto repo = services.open_repo(url);
        if (fetch == Fetch::remote) {
            if (services.pass) services.pass->fetch_once(url, [&] { repo->fetch(); });
            else repo->fetch();
        }
        tree = repo->tree(repo->resolve(revision).sha);
        return tree;
    };
    return ports;
}

SetPlan plan_set(const Services& services, const ApplicationSet& set, const sources::SetPorts& ports,
    const std::string& max_deletions) {
    SetPlan plan;
    plan.set = set;
    const auto registered = registered_documents(services.state);
    const auto aliases = cluster_aliases(services, own_name_in(set));
    Checks checks(services);
    std::vector<std::string> told_of_generated;
    std::set<std::string> wanted;
    for (GeneratedApplication& made : sources::generate(set, ports)) {
        wanted.insert(made.name);
        try {
            complete(made.document, set, aliases);
            checks.require(made, set, plan.warnings);
            SetChange change = change_for(set, made, registered);
            // What was kept of the registered one may not go together with what was generated.
            if (change.after != made.document) checks.require({made.name, change.after, made.origin, {}}, set, told_of_generated);
            plan.changes.push_back(std::move(change));
        } catch (Error& error) {
            if (error.code() == Code::cancelled) throw;
            error.note("in application " + made.name + ", from " + made.origin + " of ApplicationSet " + set.name);
            plan.invalid.push_back({made.name, made.origin, error});
        }
    }
    for (const auto& [name, document] : registered) {
        if (owner_of(document) != set.name) continue;
        ++plan.owned;
        if (wanted.contains(name)) continue;
        const bool may = set.permissions.deletes;
        plan.changes.push_back({may ? SetAction::remove : SetAction::hold_removal, name, "", document, {}});
        plan.removals += may ? 1 : 0;
    }
    std::ranges::sort(plan.changes, {}, &SetChange::app);
    const std::size_t most = most_removals(set, max_deletions, plan.owned);
    if (plan.removals > most) plan.refusal = too_many(plan, most);
    return plan;
}

void apply_set(const Services& services, const SetPlan& plan, Confirmed confirmed, std::stop_token stop) {
    if (plan.refusal && confirmed == Confirmed::no) throw Error(*plan.refusal);
    const auto& set = plan.set;
    const auto known = services.state.definition(k_set_kind, set.name);
    if (!known || *known != set.document) services.state.put_definition(k_set_kind, set.name, set.document);
    try {
        if (changes_something(plan)) audited(services, "appset apply", set.name, told(plan), [&] { follow(services, plan, stop); });
    } catch (const Error& error) {
        put_condition(services, set.name, &error);
        throw;
    }
    const auto problem = problem_of(plan);
    put_condition(services, set.name, problem ? &*problem : nullptr);
}

std::optional<Error> problem_of(const SetPlan& plan) {
    if (plan.invalid.empty()) return std::nullopt;
    const InvalidMember& first = plan.invalid.front();
    const std::size_t others = plan.invalid.size() - 1;
    return Error(first.error.code(), "application " + first.app + " cannot be registered: " + first.error.message() +
                                         (others == 0 ? "" : " (and " + std::to_string(others) + " more)"));
}

void delete_set(const Services& services, std::string_view name, Members members, std::stop_token stop) {
    const auto document = services.state.definition(k_set_kind, name);
    if (!document) set_named(services.state, name);  // says what is near
    std::vector<Application> owned = members_of(services.state, name);
    if (members == Members::remove) {
        try {
            const auto set = set_named(services.state, name);
            if (set.deletion_order == sources::DeletionOrder::reverse)
                std::ranges::stable_sort(owned, std::greater<>(), [&](const Application& application) {
                    const Value* labels = application.document.path("metadata", "labels");
                    return sources::step_of(set.steps, labels == nullptr ? Value() : *labels);
                });
        } catch (const Error& error) {
            services.events.emit({base::Level::warning, "appset", std::string(name), error.message(), {}});
        }
    }
    const std::string message = base::count_of(owned.size(), "application") + (members == Members::remove ? " deleted" : " left");
    audited(services, "appset delete", name, message, [&] {
        for (const Application& application : owned) {
            if (members == Members::remove) remove_member(services, application.name, application.document, stop);
            else put_document(services, without_owner(application.document));
        }
        services.state.delete_definition(k_set_kind, name);
        services.state.delete_definition(k_condition_kind, name);
    });
}

ApplicationSet set_named(const StateDb& state, std::string_view name) {
    if (const auto document = state.definition(k_set_kind, name)) {
        std::vector<std::string> told_when_it_was_registered;
        return sources::read_application_set(*document, "state.db", told_when_it_was_registered);
    }
    std::vector<std::string> names;
    for (const Value& document : state.definitions(k_set_kind)) names.emplace_back(kube::name_of(document));
    Error error(Code::not_found, "there is no ApplicationSet \"" + std::string(name) + "\"");
    error.suggest(base::near_names(name, names));
    error.hint("`gitopsctl appset list` shows them; `gitopsctl appset apply -f FILE` registers one");
    throw error;
}

std::vector<Application> members_of(const StateDb& state, std::string_view set) {
    std::vector<Application> members = state.applications();
    std::erase_if(members, [&](const Application& application) { return owner_of(application.document) != set; });
    return members;
}

std::string owner_of(const Value& application) {
    const Value* references = application.path("metadata", "ownerReferences");
    if (references == nullptr) return {};
    for (const Value& reference : references->items())
        if (reference.text_at("kind") == k_set_kind && kube::group_of(reference.text_at("apiVersion")) == "argoproj.io")
            return std::string(reference.text_at("name"));
    return {};
}

std::optional<SetCondition> condition_of(const StateDb& state, std::string_view set) {
    const auto document = state.definition(k_condition_kind, set);
    if (!document) return std::nullopt;
    const auto text = [&](std::string_view key) { return std::string(document->text_at(key)); };
    return SetCondition{text("type"), text("message"), text("at")};
}

void put_condition(const Services& services, std::string_view set, const Error* error) {
    Value document = Value::map();
    document.set("type", error == nullptr ? "ResourcesUpToDate" : "ErrorOccurred");
    document.set("message", error == nullptr ? "all applications have been generated" : error->message());
    const auto before = condition_of(services.state, set);
    if (before && before->type == document.text_at("type") && before->message == document.text_at("message")) return;
    document.set("at", base::to_rfc3339(services.clock.now()));
    services.state.put_definition(k_condition_kind, set, document);
}

std::vector<SetFailure> refresh_sets(const Services& services, std::stop_token stop) {
    std::vector<SetFailure> failed;
    for (const Value& document : services.state.definitions(k_set_kind)) {
        const std::string name(kube::name_of(document));
        const auto before = condition_of(services.state, name);
        const auto add_failure = [&](const Error& error, Applied applied) {
            failed.push_back({name, error.message(), !before || before->message != error.message(), applied});
        };
        try {
            std::vector<std::string> told_when_it_was_registered;
            const auto set = sources::read_application_set(document, "state.db", told_when_it_was_registered);
            const auto plan = plan_set(services, set, set_ports(services, Fetch::remote));
            apply_set(services, plan, Confirmed::no, stop);
            if (const auto problem = problem_of(plan)) add_failure(*problem, Applied::in_part);
        } catch (const Error& error) {
            if (error.code() == Code::cancelled) throw;
            add_failure(error, Applied::not_at_all);
            put_condition(services, name, &error);
        }
    }
    return failed;
}

}  // namespace gitops::app
