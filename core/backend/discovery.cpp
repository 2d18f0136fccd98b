#include "core/backend/discovery.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "core/backend/served_file.hpp"
#include "core/backend/single_flight.hpp"
#include "core/base/workers.hpp"

namespace gitops::backend {

using base::Code;
using base::Duration;
using base::Error;
using base::Time;
using doc::Value;

namespace {

/// A miss that is younger is believed: a thousand objects of a kind nobody defined must not cost a thousand requests.
constexpr Duration k_recent{500};
/// How long all() without the groups that did not answer is good for.
constexpr Duration k_partial_keep{30'000};
/// For one list of many: what does not answer soon is left out.
constexpr Duration k_walk_patience{1'000};
constexpr Duration k_between_saves{1'000};
constexpr std::size_t k_warnings = 20;
constexpr std::string_view k_everything = "*";
constexpr const char* k_aggregated =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

std::string root_of(const std::string& group) { return group.empty() ? "/api" : "/apis/" + url_encode(group); }
std::string path_of_list(const std::string& group, const std::string& version) {
    return root_of(group) + "/" + url_encode(version);
}

/// "apps/v1"
std::string text_of(const std::pair<std::string, std::string>& list) {
    return kube::Gvk{list.first, list.second, ""}.api_version();
}

}  // namespace

struct Discovery::State {
    using ListName = std::pair<std::string, std::string>;

    /// What /api or /apis said: everything below it where the server can say that at once, else what is to be read.
    struct Root {
        Served said;
        std::vector<ListName> to_read;
        std::vector<std::string> stale;
    };

    State(ApiClient& asked, DiscoveryCache settings, std::shared_ptr<base::Clock> time)
        : client(asked), keep(settings.keep), clock(std::move(time)), file{settings.folder, asked.server(), asked.user()} {}

    // What is known; the mutex is held.
    bool is_fresh(Time read, Duration max_age) const {
        const Duration age = clock->now() - read;
        return age >= Duration(0) && age <= max_age;
    }
    const ServedGroup* known_group(const std::string& group, Duration max_age) const {
        const auto at = served.groups.find(group);
        return at != served.groups.end() && is_fresh(at->second.read, max_age) ? &at->second : nullptr;
    }
    std::shared_ptr<const ServedList> known_list(const ListName& name, Duration max_age) const {
        const auto at = served.lists.find(name);
        return at != served.lists.end() && is_fresh(at->second->read, max_age) ? at->second : nullptr;
    }
    bool knows_everything() const {
        return served.complete && is_fresh(*served.complete, served.broken.empty() ? keep : std::min(keep, k_partial_keep));
    }

    std::uint64_t forgotten_now() {
        const std::lock_guard lock(mutex);
        return forgotten;
    }

    template <class Known, class Read>
    void read_once(const std::string& path, const std::stop_token& stop, const Known& is_known, const Read& read);

    std::vector<std::string> versions_of(const std::string& group, Duration max_age, const std::stop_token& stop);
    using List = std::shared_ptr<const ServedList>;
    List list_of(const ListName& name, Duration max_age, const std::stop_token& stop,
                 std::optional<Duration> patience = std::nullopt);
    std::optional<ServedKind> search(const kube::Gvk& gvk, Duration max_age, const std::stop_token& stop);

    void read_everything(const std::stop_token& stop);
    Root read_root(const char* path, const std::stop_token& stop);
    void keep_roots(std::vector<Root> roots);
    void walk(const std::vector<ListName>& lists, const std::stop_token& stop, std::vector<std::string>& broken);
    void warn(const std::string& what, const std::string& why);

    void load_file();
    void save_file(Duration at_least);

    ApiClient& client;
    Duration keep;
    std::shared_ptr<base::Clock> clock;
    ServedFile file;
    std::once_flag loaded;
    SingleFlight flight;
    std::mutex mutex;  ///< of all below
    Served served;
    std::uint64_t forgotten = 0;  ///< how often something was forgotten: what was asked for before is not kept
    std::optional<Time> saved;
    bool dirty = false;
};

/// Calls `read` unless `is_known` (asked under the mutex), and once for all threads that want it at the same time.
template <class Known, class Read>
void Discovery::State::read_once(const std::string& path, const std::stop_token& stop, const Known& is_known,
                                 const Read& read) {
    const auto known_now = [&] {
        const std::lock_guard lock(mutex);
        return is_known();
    };
    while (!known_now()) {
        const auto done = flight.run(path, stop, [&] {
            if (!known_now()) read();  // another thread may just have read it
        });
        if (done == SingleFlight::Done::here) return;
    }
}

Discovery::State::List Discovery::State::list_of(const ListName& name, Duration max_age, const std::stop_token& stop,
                                                 std::optional<Duration> patience) {
    ApiRequest request;
    request.path = path_of_list(name.first, name.second);
    request.patience = patience;
    std::shared_ptr<const ServedList> found;
    const auto is_known = [&] { return found != nullptr || (found = known_list(name, max_age)) != nullptr; };
    read_once(request.path, stop, is_known, [&] {
        const std::uint64_t before = forgotten_now();
        const ApiResponse response = client.call(request, stop);
        ServedList list{clock->now(), {}};
        if (response.status < 300) list.kinds = read_kinds(response.body, name.first, name.second);
        else if (response.status != 404)
            throw error_of(response.status, response.body, "the kinds of " + text_of(name));
        found = std::make_shared<ServedList>(std::move(list));
        const std::lock_guard lock(mutex);
        if (forgotten != before || (served.lists.size() >= k_most_lists && !served.lists.contains(name))) return;
        served.lists[name] = found;
        dirty = dirty || !found->kinds.empty();
    });
    return found;
}

std::vector<std::string> Discovery::State::versions_of(const std::string& group, Duration max_age,
                                                       const std::stop_token& stop) {
    if (group.empty()) return {"v1"};
    std::optional<std::vector<std::string>> found;
    const auto is_known = [&] {
        if (const ServedGroup* known = found ? nullptr : known_group(group, max_age)) found = known->versions;
        return found.has_value();
    };
    ApiRequest request;
    request.path = root_of(group);
    read_once(request.path, stop, is_known, [&] {
        const std::uint64_t before = forgotten_now();
        const ApiResponse response = client.call(request, stop);
        if (response.status >= 300 && response.status != 404)
            throw error_of(response.status, response.body, "the versions of " + group);
        found = response.status < 300 ? read_versions(response.body) : std::vector<std::string>();
        const std::lock_guard lock(mutex);
        if (forgotten != before || (served.groups.size() >= k_most_groups && !served.groups.contains(group))) return;
        served.groups[group] = {clock->now(), *found};
        dirty = dirty || !found->empty();
    });
    return *found;
}

std::optional<ServedKind> Discovery::State::search(const kube::Gvk& gvk, Duration max_age,
                                                   const std::stop_token& stop) {
    const auto versions = gvk.version.empty() ? versions_of(gvk.group, max_age, stop) : std::vector{gvk.version};
    for (const std::string& version : versions) {
        const auto list = list_of({gvk.group, version}, max_age, stop);
        for (const ServedKind& kind : list->kinds)
            if (kind.info.gvk.kind == gvk.kind) return kind;
    }
    return std::nullopt;
}

Discovery::State::Root Discovery::State::read_root(const char* path, const std::stop_token& stop) {
    ApiRequest request;
    request.path = path;
    request.accept = k_aggregated;
    ApiResponse response = client.call(request, stop);
    if (response.status == 406) {
        request.accept = ApiRequest().accept;
        response = client.call(request, stop);
    }
    if (response.status >= 300)
        throw error_of(response.status, response.body, "the groups of " + client.server() + path);
    Root root;
    if (response.body.text_at("kind") == "APIGroupDiscoveryList") {
        root.stale = read_aggregated(response.body, clock->now(), root.said);
        return root;
    }
    for (auto& [group, versions] : read_groups(response.body)) {
        for (const std::string& version : versions)
            if (root.to_read.size() < k_most_lists) root.to_read.emplace_back(group, version);
        root.said.groups[group] = {clock->now(), std::move(versions)};
    }
    return root;
}

/// Replaces what was known: lists that no group has any more are dropped.
void Discovery::State::keep_roots(std::vector<Root> roots) {
    const std::lock_guard lock(mutex);
    served.groups.clear();
    for (Root& root : roots) {
        served.groups.merge(root.said.groups);
        for (auto& [name, list] : root.said.lists) served.lists[name] = std::move(list);
    }
    std::erase_if(served.lists, [&](const auto& entry) {
        const auto group = served.groups.find(entry.first.first);
        if (group == served.groups.end()) return true;
        const auto& versions = group->second.versions;
        return std::find(versions.begin(), versions.end(), entry.first.second) == versions.end();
    });
}

void Discovery::State::walk(const std::vector<ListName>& lists, const std::stop_token& stop,
                            std::vector<std::string>& broken) {
    const auto failures = base::parallel_map<std::optional<Error>>(lists, client.in_flight(), [&](const ListName& name) {
        try {
            list_of(name, keep, stop, k_walk_patience);
            return std::optional<Error>();
        } catch (const Error& error) {
            return std::optional(error);
        }
    });
    for (std::size_t i = 0; i < lists.size(); ++i) {
        if (!failures[i]) continue;
        if (failures[i]->code() == Code::cancelled) throw Error(*failures[i]);
        broken.push_back(text_of(lists[i]));
        if (broken.size() <= k_warnings) warn(broken.back(), failures[i]->message());
    }
}

void Discovery::State::warn(const std::string& what, const std::string& why) {
    client.events().emit({base::Level::warning, "discovery", what, "the kinds of " + what + " are not known: " + why, {}});
}

void Discovery::State::read_everything(const std::stop_token& stop) {
    const auto is_known = [&] { return knows_everything(); };
    read_once(std::string(k_everything), stop, is_known, [&] {
        const std::uint64_t before = forgotten_now();
        const std::vector<const char*> paths{"/api", "/apis"};
        auto roots = base::parallel_map<Root>(paths, 2, [&](const char* path) { return read_root(path, stop); });
        std::vector<ListName> to_read;
        std::vector<std::string> broken;
        for (Root& root : roots) {
            to_read.insert(to_read.end(), root.to_read.begin(), root.to_read.end());
            for (std::string& name : root.stale) {
                if (broken.size() < k_warnings) warn(name, "the server behind it does not answer");
                broken.push_back(std::move(name));
            }
        }
        keep_roots(std::move(roots));
        walk(to_read, stop, broken);
        const std::lock_guard lock(mutex);
        if (forgotten == before) served.complete = clock->now();
        served.broken = std::move(broken);
        dirty = true;
    });
}

void Discovery::State::load_file() {
    std::call_once(loaded, [&] {
        Served kept = load(file);
        const std::lock_guard lock(mutex);
        served = std::move(kept);
    });
}

/// Unless the file was written less than `at_least` ago.
void Discovery::State::save_file(Duration at_least) {
    std::unique_lock lock(mutex);
    if (!dirty || (saved && is_fresh(*saved, at_least))) return;
    dirty = false;
    saved = clock->now();
    const Served copy = served;
    lock.unlock();
    save(file, copy);
}

Discovery::Discovery(ApiClient& client, DiscoveryCache cache, std::shared_ptr<base::Clock> clock)
    : m_state(std::make_unique<State>(client, std::move(cache), std::move(clock))) {}

Discovery::~Discovery() {
    try {
        m_state->save_file(Duration(-1));
    } catch (const std::exception&) {
        // A cache that could not be written costs the next run a few requests.
    }
}

std::optional<ServedKind> Discovery::find_served(const kube::Gvk& gvk, std::stop_token stop) {
    m_state->load_file();
    auto found = m_state->search(gvk, m_state->keep, stop);
    if (!found) found = m_state->search(gvk, k_recent, stop);
    m_state->save_file(k_between_saves);
    return found;
}

std::optional<kube::KindInfo> Discovery::find(const kube::Gvk& gvk, std::stop_token stop) {
    auto found = find_served(gvk, std::move(stop));
    return found ? std::optional(std::move(found->info)) : std::nullopt;
}

std::vector<kube::KindInfo> Discovery::all(std::stop_token stop) {
    m_state->load_file();
    m_state->read_everything(stop);
    m_state->save_file(k_between_saves);
    const std::lock_guard lock(m_state->mutex);
    return listable(m_state->served);
}

void Discovery::forget(std::string_view group) {
    m_state->load_file();
    const std::lock_guard lock(m_state->mutex);
    ++m_state->forgotten;
    m_state->dirty = true;
    m_state->served.complete.reset();
    m_state->served.groups.erase(std::string(group));
    std::erase_if(m_state->served.lists, [&](const auto& entry) { return entry.first.first == group; });
}

void Discovery::forget_all() {
    m_state->load_file();
    const std::lock_guard lock(m_state->mutex);
    ++m_state->forgotten;
    m_state->dirty = true;
    m_state->served = {};
}

std::string path_of(const kube::KindInfo& kind, const std::string& ns, const std::string& name) {
    std::string path = path_of_list(kind.gvk.group, kind.gvk.version);
    if (!ns.empty() && kind.scope == kube::Scope::namespaced) path += "/namespaces/" + url_encode(ns);
    path += "/" + url_encode(kind.resource);
    if (!name.empty()) path += "/" + url_encode(name);
    return path;
}

}  // namespace gitops::backend
