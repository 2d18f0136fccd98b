#include "core/app/definitions_cluster.hpp"

#include <algorithm>
#include <array>

#include "core/app/appset/appset.hpp"
#include "core/app/controller/controller.hpp"
#include "core/app/controller/errand_events.hpp"
#include "core/app/project/project.hpp"
#include "core/app/remove.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/kube/selector.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Duration;
using base::Error;
using doc::Value;

constexpr std::string_view k_group = "argoproj.io";
constexpr std::string_view k_version = "v1alpha1";
constexpr std::array<std::string_view, 3> k_kinds{"Application", k_project_kind, k_set_kind};
/// Resource names, in the order of the kinds.
constexpr std::array<std::string_view, 3> k_resources{"applications", "appprojects", "applicationsets"};
constexpr std::string_view k_finalizer = "resources-finalizer.argocd.argoproj.io";
/// How often the states of children are looked at while somebody waits for them.
constexpr Duration k_look{500};

/// Where Argo CD's own objects are: the namespace of what was registered without one, with app create.
constexpr std::string_view k_home = "argocd";

std::string home_of(const Value& document) {
    const auto ns = kube::namespace_of(document);
    return std::string(ns.empty() ? k_home : ns);
}

/// As the object that a cluster would hold.
Value at_home(Value document) {
    if (kube::namespace_of(document).empty()) document.at("metadata").set("namespace", std::string(k_home));
    return document;
}

kube::Gvk gvk_of(std::string_view kind) { return {std::string(k_group), std::string(k_version), std::string(kind)}; }

bool cascades(const Value& document) {
    const auto* finalizers = document.path("metadata", "finalizers");
    return finalizers != nullptr &&
           std::ranges::any_of(finalizers->items(), [](const Value& each) { return each.text().starts_with(k_finalizer); });
}

class DefinitionsCluster final : public kube::Cluster {
  public:
    DefinitionsCluster(const Services& services, const std::string& parent, std::shared_ptr<kube::Cluster> below)
        : Cluster(below->in_flight()), m_services(services), m_below(std::move(below)) {
        m_services.parents.push_back(parent);
    }

    std::vector<kube::KindInfo> kinds() override {
        auto all = m_below->kinds();
        std::erase_if(all, [](const kube::KindInfo& info) { return is_definition(info.gvk); });
        for (std::size_t i = 0; i < k_kinds.size(); ++i)
            all.push_back({gvk_of(k_kinds[i]), std::string(k_resources[i]), kube::Scope::namespaced});
        return all;
    }

    std::optional<Value> get(const kube::ObjectRef& ref) override {
        if (!is_definition(ref.gvk)) return m_below->get(ref);
        auto document = stored(ref.gvk.kind, ref.name);
        if (!document || home_of(*document) != ref.ns) return std::nullopt;
        return shown(ref.gvk.kind, std::move(*document));
    }

    std::vector<Value> list(const kube::ListQuery& query) override {
        if (!is_definition(query.gvk)) return m_below->list(query);
        const auto selector = kube::Selector::parse(query.label_selector);
        std::vector<Value> found;
        for (auto& document : all_stored(query.gvk.kind)) {
            const auto* labels = document.path("metadata", "labels");
            if (query.ns && home_of(document) != *query.ns) continue;
            if (selector.matches(labels != nullptr ? *labels : Value())) found.push_back(shown(query.gvk.kind, std::move(document)));
        }
        return found;
    }

    kube::Applied apply(const Value& object, const kube::ApplyOptions& options) override {
        const auto gvk = kube::gvk_of(object);
        if (!is_definition(gvk)) return m_below->apply(object, options);
        const std::string name(kube::name_of(object));
        require_no_cycle(gvk.kind, name);
        const auto live = stored(gvk.kind, name);
        if (live && home_of(*live) != home_of(object)) throw taken(gvk.kind, name, *live);
        auto applied = kube::server_side_apply(live ? at_home(*live) : Value(), object, options.manager, options.on_conflict, m_services.clock.now());
        const bool refused = !applied.conflicts.empty() && options.on_conflict == kube::OnConflict::fail;
        if (options.dry_run == kube::DryRun::yes) check(gvk.kind, applied.object);
        else if (!refused) put(gvk.kind, name, applied.object);
        return applied;
    }

    Value write(const kube::Write& change) override {
        if (const auto* patch = std::get_if<kube::Patch>(&change.change)) {
            if (is_definition(patch->ref.gvk)) throw not_by_hand(patch->ref.gvk.kind);
        } else if (const auto* create = std::get_if<kube::Create>(&change.change)) {
            if (is_definition(kube::gvk_of(create->object))) throw not_by_hand(std::string(kube::gvk_of(create->object).kind));
        } else if (is_definition(kube::gvk_of(std::get<kube::Replace>(change.change).object))) {
            throw not_by_hand(std::string(kube::gvk_of(std::get<kube::Replace>(change.change).object).kind));
        }
        return m_below->write(change);
    }

    bool remove(const kube::ObjectRef& ref, const kube::RemoveOptions& options) override {
        if (!is_definition(ref.gvk)) return m_below->remove(ref, options);
        const auto document = stored(ref.gvk.kind, ref.name);
        if (!document || home_of(*document) != ref.ns) return false;
        if (options.dry_run == kube::DryRun::yes) return true;
        if (ref.gvk.kind == k_project_kind) return m_services.state.delete_definition(ref.gvk.kind, ref.name);
        if (ref.gvk.kind == k_set_kind) {
            delete_set(m_services, ref.name, Members::remove, {});
            return true;
        }
        require_no_cycle(ref.gvk.kind, ref.name);
        remove_application(m_services, ref.name, cascades(*document) ? Cascade::yes : Cascade::no, {});
        return true;
    }

    kube::WatchBatch watch(const kube::WatchQuery& query, std::stop_token stop) override {
        std::vector<kube::Gvk> ours;
        std::vector<kube::Gvk> others;
        for (const auto& gvk : query.kinds) (is_definition(gvk) ? ours : others).push_back(gvk);
        if (ours.empty()) return m_below->watch(query, stop);
        auto below = query;
        below.at_most = std::min(query.at_most, k_look);
        kube::WatchBatch batch;
        if (!others.empty()) {
            below.kinds = others;
            batch = m_below->watch(below, stop);
        } else if (query.at_most > Duration(0)) {
            m_services.clock.sleep_for(below.at_most, stop);
        }
        if (query.at_most > Duration(0))
            for (const auto& gvk : ours)
                for (auto& document : list({gvk, query.ns, ""})) batch.events.push_back({kube::WatchType::modified, std::move(document)});
        return batch;
    }

  private:
    std::optional<Value> stored(const std::string& kind, const std::string& name) const {
        if (kind != "Application") return m_services.state.definition(kind, name);
        if (!m_services.state.has_application(name)) return std::nullopt;
        return m_services.state.application(name).document;
    }

    std::vector<Value> all_stored(const std::string& kind) const {
        if (kind != "Application") return m_services.state.definitions(kind);
        std::vector<Value> documents;
        for (auto& application : m_services.state.applications()) documents.push_back(std::move(application.document));
        return documents;
    }

    /// With what became of it, as Argo CD's API shows it.
    Value shown(const std::string& kind, Value document) {
        document = at_home(std::move(document));
        if (kind == k_set_kind) return with_condition(std::move(document));
        if (kind != "Application" || is_above(std::string(kube::name_of(document)))) return document;
        const auto status = status_of(m_services, m_services.state.application(kube::name_of(document)), Fetch::cached);
        document.set("status",
                     Value::map({{"sync", Value::map({{"status", sync_status_name(status.sync)}, {"revision", status.revision}})},
                                 {"health", Value::map({{"status", deliver::health_name(status.health.status)},
                                                        {"message", status.health.message}})}}));
        return document;
    }

    Value with_condition(Value document) const {
        const auto condition = condition_of(m_services.state, kube::name_of(document));
        if (!condition) return document;
        const auto told = Value::map({{"type", condition->type}, {"status", "True"}, {"message", condition->message}});
        document.set("status", Value::map({{"conditions", Value::list({told})}}));
        return document;
    }

    bool is_above(const std::string& name) const { return std::ranges::find(m_services.parents, name) != m_services.parents.end(); }

    void require_no_cycle(const std::string& kind, const std::string& name) const {
        if (kind != "Application" || !is_above(name)) return;
        throw Error(Code::invalid, "application " + name + " would be a part of itself: " +
                                       base::join(m_services.parents, " -> ") + " -> " + name)
            .hint("take its manifest out of what " + m_services.parents.back() + " deploys");
    }

    static Error taken(const std::string& kind, const std::string& name, const Value& live) {
        return Error(Code::conflict, kind + " " + name + " is registered in namespace " + home_of(live))
            .hint("names of applications are unique here, whatever their namespace: give it another name");
    }

    static Error not_by_hand(const std::string& kind) {
        return {Code::invalid, kind + "s are registered, not written: the sync options Replace and Force do not apply to them"};
    }

    /// Error(invalid) for what could not be registered; warnings of what has no effect.
    static std::vector<std::string> check(const std::string& kind, const Value& document) {
        std::vector<std::string> warnings;
        if (kind == "Application") read_application(document, "", warnings);
        else if (kind == k_project_kind) sources::read_project(document, "", warnings);
        else sources::read_application_set(document, "", warnings);
        return warnings;
    }

    void tell_warnings(const std::string& kind, const std::string& name, const Value& document) {
        for (const std::string& warning : check(kind, document))
            m_services.events.emit({base::Level::warning, "definition", kind + " " + name, warning, {}});
    }

    void put(const std::string& kind, const std::string& name, const Value& document) {
        tell_warnings(kind, name, document);
        if (kind == k_project_kind) return m_services.state.put_definition(kind, name, document);
        std::vector<std::string> told;
        if (kind == k_set_kind) {
            const auto set = sources::read_application_set(document, "", told);
            const auto plan = plan_set(m_services, set, set_ports(m_services, Fetch::cached));
            for (const auto& change : plan.changes) require_no_cycle("Application", change.app);  // before any of it is stored
            apply_set(m_services, plan, Confirmed::no, {});
            for (const auto& member : members_of(m_services.state, name)) follow(member.name);
            return;
        }
        m_services.state.put_application(read_application(document, "", told), m_services.clock.now());
        follow(name);
    }

    /// What Argo CD's controller would do at once. A child that cannot be synced shows it in its own health.
    void follow(const std::string& name) {
        require_no_cycle("Application", name);
        if (!m_services.state.application(name).sync_policy.automated) return;
        ErrandEvents events(m_services.events, "application", name);
        const auto report = reconcile(m_services.told_to(events), name, AfterFailure::retry, {});
        const bool failed = !report.error.empty() || (report.operation && !report.operation->succeeded);
        const auto message = !report.error.empty() ? report.error : report.operation ? report.operation->message : report.verdict.reason;
        m_services.events.emit({failed ? base::Level::warning : base::Level::info, "child", name, message, {}});
    }

    Services m_services;  ///< for children: the parent is among those above them
    std::shared_ptr<kube::Cluster> m_below;
};

}  // namespace

bool is_definition(const kube::Gvk& gvk) {
    return gvk.group == k_group && std::ranges::find(k_kinds, gvk.kind) != k_kinds.end();
}

std::shared_ptr<kube::Cluster> with_definitions(const Services& services, const std::string& parent,
                                                std::shared_ptr<kube::Cluster> cluster) {
    return std::make_shared<DefinitionsCluster>(services, parent, std::move(cluster));
}

}  // namespace gitops::app
