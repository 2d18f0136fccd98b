#include "core/app/appset/appset.hpp"

#include <algorithm>
#include <set>

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
/// Annotations that others put on Applications and no set takes away, as in Argo CD.
constexpr std::string_view k_always_kept[] = {"notified.notifications.argoproj.io", "argocd.argoproj.io/refresh",
    "argocd.argoproj.io/hydrate"};

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

/// A server that is a registered cluster's becomes its name, which is what destinations are resolved by.
void name_destination(Value& document, const std::vector<sources::ClusterFacts>& clusters) {
    const Value* server = document.path("spec", "destination", "server");
    if (server == nullptr || !server->is_string()) return;
    std::string_view wanted = server->text();
    while (wanted.ends_with('/')) wanted.remove_suffix(1);
    const auto found = std::ranges::find_if(clusters, [&](const auto& cluster) { return cluster.server == wanted; });
    if (found == clusters.end()) return;
    Value& destination = document.at("spec").at("destination");
    destination.erase("server");
    destination.set("name", found->name);
}

void switch_automation_off(Value& document) {
    if (document.path("spec", "syncPolicy", "automated") == nullptr) return;
    Value& automated = document.at("spec").at("syncPolicy").at("automated");
    if (!automated.is_map()) automated = Value::map();
    automated.set("enabled", false);
}

/// Answers the questions about projects and clusters once, however many Applications ask.
class Checks {
  public:
    explicit Checks(const Services& services) : m_services(services) {}

    void require(const GeneratedApplication& made, const ApplicationSet& set, std::vector<std::string>& warnings) {
        std::vector<std::string> told;
        const Application application = read_application(made.document, set.file, told);
        for (const auto& warning : told)
            if (m_told.insert(warning).second) warnings.push_back(made.name + ": " + warning);
        if (m_projects.insert(application.project).second) project_named(m_services.state, application.project);
        if (m_clusters.insert(application.destination.cluster).second) cluster_of(m_services, application.destination.cluster);
    }

  private:
    const Services& m_services;
    std::set<std::string> m_projects, m_clusters, m_told;
};

bool is_kept(const std::string& key, const std::vector<std::string>& kept) {
    return std::ranges::find(kept, key) != kept.end();
}

/// Entries of metadata.labels or annotations that only the registered one has and that are to stay.
void keep_entries(Value& after, const Value& before, std::string_view field, const std::function<bool(const std::string&)>& stays) {
    const Value* map = before.path("metadata", field);
    if (map == nullptr) return;
    for (const doc::Entry& entry : map->entries()) {
        const std::string key(entry.name());
        const Value* own = after.path("metadata", field);
        if (stays(key) && (own == nullptr || !own->has(key))) after.at("metadata").at(field).set(key, entry.value);
    }
}

void put_at(Value& root, const doc::Pointer& pointer, const Value& value) {
    Value* at = &root;
    for (const std::string& key : pointer) {
        if (!at->is_map() && !at->is_null()) return;
        at = &at->at(key);
    }
    *at = value;
}

/// What is registered and the set does not decide: kept labels and annotations, ignored fields, status and operation.
Value with_kept(const ApplicationSet& set, const std::string& name, Value after, const Value& before) {
    keep_entries(after, before, "labels", [&](const std::string& key) { return is_kept(key, set.kept_labels); });
    keep_entries(after, before, "annotations", [&](const std::string& key) {
        return is_kept(key, set.kept_annotations) ||
               std::ranges::any_of(k_always_kept, [&](std::string_view kept) { return key == kept ||
                   key.starts_with(std::string(kept) + "/") || key.starts_with(std::string(kept) + "."); });
    });
    for (const auto& kept : set.kept_fields) {
        if (!kept.name.empty() && kept.name != name) continue;
        for (const auto& pointer : kept.pointers) {
            const Value* live = doc::find(before, pointer);
            if (live != nullptr) put_at(after, pointer, *live);
            else doc::remove(after, pointer);
        }
    }
    for (const doc::Entry& entry : before.entries())
        if (!after.has(entry.name())) after.set(entry.name(), entry.value);
    return after;
}

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
    error.hint("gitopsctl appset apply with --yes does it; a generator that found nothing is the usual reason. The limit is "
               "--max-deletions, or the annotation " +
               std::string(k_max_deletions_annotation));
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
    for (const ClusterRow& row : services.state.clusters())
        facts.push_back({row.name, server_of(services, row), {}, row.labels, {}});
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

std::vector<GeneratedApplication> applications_of(const Services& services, const ApplicationSet& set,
                                                  const sources::SetPorts& ports,
                                                  std::vector<std::string>& warnings) {
    auto made = sources::generate(set, ports);
    const auto clusters = cluster_facts(services);
    Checks checks(services);
    for (GeneratedApplication& application : made) {
        application.document.at("metadata").set("ownerReferences", Value::list({owner_reference(set)}));
        name_destination(application.document, clusters);
        if (!set.steps.empty()) switch_automation_off(application.document);
        try {
            checks.require(application, set, warnings);
        } catch (Error& error) {
            error.note("in application " + application.name + ", from " + application.origin + " of ApplicationSet " + set.name);
            throw;
        }
    }
    return made;
}

SetPlan plan_set(const Services& services, const ApplicationSet& set, const sources::SetPorts& ports,
    const std::string& max_deletions) {
    SetPlan plan;
    plan.set = set;
    const auto registered = registered_documents(services.state);
    std::set<std::string> wanted;
    for (const auto& made : applications_of(services, set, ports, plan.warnings)) {
        plan.changes.push_back(change_for(set, made, registered));
        wanted.insert(made.name);
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
    if (changes_something(plan)) {
        audited(services, "appset apply", set.name, told(plan), [&] {
            for (const SetChange& change : plan.changes) {
                if (stop.stop_requested()) throw Error(Code::cancelled, "interrupted; run the command again to finish");
                if (change.action == SetAction::create || change.action == SetAction::update) put_document(services, change.after);
                else if (change.action == SetAction::remove) remove_member(services, change.app, change.before, stop);
            }
        });
    }
    put_condition(services, set.name, nullptr);
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
        try {
            std::vector<std::string> told_when_it_was_registered;
            const auto set = sources::read_application_set(document, "state.db", told_when_it_was_registered);
            apply_set(services, plan_set(services, set, set_ports(services, Fetch::remote)), Confirmed::no, stop);
        } catch (const Error& error) {
            if (error.code() == Code::cancelled) throw;
            const auto before = condition_of(services.state, name);
            failed.push_back({name, error.message(), !before || before->message != error.message()});
            put_condition(services, name, &error);
        }
    }
    return failed;
}

}  // namespace gitops::app
