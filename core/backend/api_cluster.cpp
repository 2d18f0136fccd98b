#include "core/backend/api_cluster.hpp"

#include <fmt/format.h>

#include <functional>
#include <map>
#include <mutex>

#include "core/backend/api_lists.hpp"
#include "core/backend/api_refusal.hpp"
#include "core/backend/api_requests.hpp"
#include "core/backend/api_target.hpp"
#include "core/backend/recent_objects.hpp"
#include "core/backend/undeclared.hpp"
#include "core/backend/watches.hpp"

namespace gitops::backend {

using base::Code;
using base::Error;
using doc::Value;

namespace {

constexpr base::Duration k_settling{5'000};      ///< how long after its definition a kind may not be served yet
constexpr base::Duration k_settling_step{100};
constexpr int k_apply_tries = 4;                 ///< while controllers write to the same object
constexpr int k_undeclared_tries = 20;           ///< old servers name one undeclared field at a time

bool is_success(const ApiResponse& response) { return response.status >= 200 && response.status < 300; }

bool has_reason(const ApiResponse& response, std::string_view reason) { return response.body.text_at("reason") == reason; }

/// What writing it adds to or takes from what the server serves: "fab.example.org" of wafers.fab.example.org; "" else.
std::string defined_group(const kube::Gvk& gvk, std::string_view name) {
    const bool is_definition = gvk.kind == "CustomResourceDefinition" || gvk.kind == "APIService";
    const auto dot = name.find('.');
    return is_definition && dot != name.npos ? std::string(name.substr(dot + 1)) : "";
}

}  // namespace

struct ApiCluster::State {
    State(KubeAccess access, const ApiClusterOptions& options, const std::shared_ptr<base::Clock>& time, base::EventSink& events)
        : clock(time),
          page(options.page),
          client(std::move(access), options.api, time, events),
          discovery(client, options.cache, time),
          watches(client, discovery, time) {}

    struct Answer {
        Target target;
        ApiResponse response;
    };

    /// Sends what `build` makes for the object's place. A kind that was defined a moment ago is waited for, a path that
    /// is gone is looked up once more.
    Answer send(const kube::ObjectRef& ref, const std::function<ApiRequest(const Target&)>& build) {
        for (bool looked_up = false;; looked_up = true) {
            auto target = find_target(discovery, ref);
            if (target) {
                ApiResponse response = client.call(build(*target));
                if (!is_unknown_path(response)) return {std::move(*target), std::move(response)};
                discovery.forget(ref.gvk.group);
                if (!is_settling(ref.gvk.group) && looked_up) return {std::move(*target), std::move(response)};
            } else {
                if (!is_settling(ref.gvk.group)) throw not_served(discovery, ref.gvk);
                discovery.forget(ref.gvk.group);
            }
            if (is_settling(ref.gvk.group)) clock->sleep_for(k_settling_step, {});
        }
    }

    bool is_settling(const std::string& group) {
        const std::lock_guard lock(mutex);
        const auto found = settling.find(group);
        if (found == settling.end()) return false;
        const base::Duration age = clock->now() - found->second;
        return age >= base::Duration(0) && age < k_settling;  // a clock that was set back ends it, too
    }

    /// What the server serves may be another set of kinds from now on.
    void note_definition(const kube::Gvk& gvk, std::string_view name, kube::DryRun dry_run) {
        const std::string group = defined_group(gvk, name);
        if (group.empty() || dry_run == kube::DryRun::yes) return;
        discovery.forget(group);
        const std::lock_guard lock(mutex);
        settling[group] = clock->now();
    }

    std::optional<Value> read(const Target& target) {
        ApiRequest request;
        request.path = target.path();
        ApiResponse response = client.call(request);
        if (response.status == 404) return std::nullopt;
        if (!is_success(response)) throw refusal(response, target);
        return std::move(response.body);
    }

    Value create(const kube::Create& wanted, const kube::Write& write);
    Value replace(const kube::Replace& wanted, const kube::Write& write);
    Value patch(const kube::Patch& wanted, const kube::Write& write);

    std::shared_ptr<base::Clock> clock;
    int page;
    ApiClient client;
    Discovery discovery;
    Watches watches;
    RecentObjects recent;
    std::mutex mutex;
    std::map<std::string, base::Time, std::less<>> settling;  ///< groups that were defined, and when
};

ApiCluster::ApiCluster(KubeAccess access, ApiClusterOptions options, std::shared_ptr<base::Clock> clock,
                       base::EventSink& events)
    : Cluster(options.api.in_flight), m_state(std::make_unique<State>(std::move(access), options, clock, events)) {}

ApiCluster::~ApiCluster() = default;

std::vector<kube::KindInfo> ApiCluster::kinds() { return m_state->discovery.all(); }

std::optional<Value> ApiCluster::get(const kube::ObjectRef& ref) {
    if (!is_path_name(ref.name)) return std::nullopt;
    const auto target = find_target(m_state->discovery, ref);
    if (!target) return std::nullopt;
    auto object = m_state->read(*target);
    if (object) m_state->recent.keep(target->path(), *object);
    else m_state->recent.drop(target->path());
    return object;
}

std::vector<Value> ApiCluster::list(const kube::ListQuery& query) {
    for (int look = 0; look < 2; ++look) {
        const auto kind = m_state->discovery.find(query.gvk);
        if (!kind) break;
        const bool is_narrowed = query.ns && kind->scope == kube::Scope::namespaced;
        const Collection collection{*kind, path_of(*kind, is_narrowed ? *query.ns : "", ""), query.label_selector};
        if (auto objects = list_all(m_state->client, collection, m_state->page)) return std::move(*objects);
        m_state->discovery.forget(query.gvk.group);
    }
    return {};
}

kube::Applied ApiCluster::apply(const Value& object, const kube::ApplyOptions& options) {
    kube::require_identity(object, {});
    if (kube::name_of(object).empty())
        throw Error(Code::invalid, "an object without metadata.name cannot be applied, only created");
    Value config = applicable(object);
    std::optional<Value> before;
    const auto build = [&](const Target& target) {
        before = options.dry_run == kube::DryRun::yes ? m_state->read(target) : m_state->recent.find(target.path());
        return apply_request(target, config, options);
    };
    auto [target, response] = m_state->send(kube::ref_of(object), build);
    for (int tried = 1; options.unknown_fields == kube::UnknownFields::drop && !is_success(response) && tried < k_undeclared_tries; ++tried) {
        auto rest = without_undeclared(config, response.body.text_at("message"));
        if (!rest) break;
        config = std::move(*rest);
        response = m_state->client.call(apply_request(target, config, options));
    }
    const bool may_repeat = kube::resource_version_of(config).empty();
    kube::Applied applied;
    applied.conflicts = conflicts_of(response);
    for (int tried = 1; response.status == 409 && applied.conflicts.empty() && may_repeat && tried < k_apply_tries; ++tried) {
        response = m_state->client.call(apply_request(target, config, options));
        applied.conflicts = conflicts_of(response);
    }
    if (!applied.conflicts.empty()) {
        applied.object = m_state->read(target).value_or(Value());
        return applied;
    }
    if (!is_success(response)) throw refusal(response, target);
    applied.object = std::move(response.body);
    applied.changed = response.status == 201 || !before || is_changed_by_apply(*before, applied.object, config, options.manager);
    if (options.dry_run == kube::DryRun::no) m_state->recent.keep(target.path(), applied.object);
    m_state->note_definition(target.kind.gvk, target.name, options.dry_run);
    return applied;
}

Value ApiCluster::State::create(const kube::Create& wanted, const kube::Write& write) {
    kube::require_identity(wanted.object, {});
    const auto build = [&](const Target& target) { return create_request(target, wanted.object, write); };
    auto [target, response] = send(kube::ref_of(wanted.object), build);
    if (is_success(response)) return std::move(response.body);
    const bool may_be_ours = response.repeated && has_reason(response, "AlreadyExists");
    if (may_be_ours)
        if (auto object = read(target); object && is_contained(wanted.object, *object)) return std::move(*object);
    throw refusal(response, target);
}

Value ApiCluster::State::replace(const kube::Replace& wanted, const kube::Write& write) {
    kube::require_identity(wanted.object, {});
    Value object = wanted.object;
    const auto build = [&](const Target& target) { return replace_request(target, object, write); };
    auto [target, response] = send(kube::ref_of(object), build);
    // Custom kinds cannot be replaced without naming a version, the others can.
    if (response.status == 422 && kube::resource_version_of(object).empty()) {
        const auto causes = status_causes(response.body);
        const bool wants_version = causes.size() == 1 && causes.front().field == "metadata.resourceVersion";
        const auto live = wants_version ? read(target) : std::nullopt;
        if (live) {
            object.at("metadata").set("resourceVersion", kube::resource_version_of(*live));
            response = client.call(build(target));
        } else if (wants_version) {
            throw Error(Code::not_found, target.subject() + " does not exist");
        }
    }
    if (!is_success(response)) throw refusal(response, target);
    return std::move(response.body);
}

Value ApiCluster::State::patch(const kube::Patch& wanted, const kube::Write& write) {
    if (!is_path_name(wanted.ref.name))
        throw Error(Code::invalid, fmt::format("\"{}\" is no name of an object", wanted.ref.name));
    auto [target, response] = send(wanted.ref, [&](const Target& place) { return patch_request(place, wanted, write); });
    recent.drop(target.path());
    if (!is_success(response)) throw refusal(response, target);
    return std::move(response.body);
}

Value ApiCluster::write(const kube::Write& write) {
    Value object;
    if (const auto* wanted = std::get_if<kube::Create>(&write.change)) {
        object = m_state->create(*wanted, write);
    } else if (const auto* given = std::get_if<kube::Replace>(&write.change)) {
        object = m_state->replace(*given, write);
    } else {
        const auto& patch = std::get<kube::Patch>(write.change);
        object = m_state->patch(patch, write);
        if (!patch.subresource.empty() && patch.subresource != "status") return object;  // a Scale, not the object
    }
    if (write.dry_run == kube::DryRun::yes) return object;
    const kube::ObjectRef ref = kube::ref_of(object);
    if (const auto target = find_target(m_state->discovery, ref)) m_state->recent.keep(target->path(), object);
    m_state->note_definition(ref.gvk, ref.name, write.dry_run);
    return object;
}

bool ApiCluster::remove(const kube::ObjectRef& ref, const kube::RemoveOptions& options) {
    if (!is_path_name(ref.name)) return false;
    const auto target = find_target(m_state->discovery, ref);
    if (!target) return false;
    const ApiResponse response = m_state->client.call(remove_request(*target, options));
    if (options.dry_run == kube::DryRun::no) m_state->recent.drop(target->path());
    if (response.status == 404) return response.repeated;
    // Older servers answer so for a namespace that is on its way out already.
    const std::string_view words = response.body.text_at("message");
    if (response.status == 409 && words.find("ensuring all content is removed") != words.npos) return true;
    if (!is_success(response)) throw refusal(response, *target);
    const std::string group = defined_group(ref.gvk, ref.name);
    if (!group.empty() && options.dry_run == kube::DryRun::no) m_state->discovery.forget(group);
    return true;
}

kube::WatchBatch ApiCluster::watch(const kube::WatchQuery& query, std::stop_token stop) {
    return m_state->watches.wait(query, std::move(stop));
}

std::string ApiCluster::version() {
    const Value answer = m_state->client.get("/version");
    return std::string(answer.text_at("gitVersion"));
}

std::uint64_t ApiCluster::requests() const { return m_state->client.requests(); }

}  // namespace gitops::backend
