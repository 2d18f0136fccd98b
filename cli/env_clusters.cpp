// Env's clusters: embedded ones, registered real ones, and the one that the flags of this command name.
#include <algorithm>

#include "cli/command.hpp"
#include "cli/env.hpp"
#include "cli/kube_access.hpp"
#include "core/backend/api_cluster.hpp"
#include "core/embedded/local_cluster.hpp"
#include "core/kube/schema_version.hpp"

namespace gitops::cli {

namespace {

using base::Code;
using base::Error;

constexpr base::Duration k_version_keeps{10 * 60'000};  ///< as what discovery has found

bool names_a_context(const Globals& globals) { return !globals.kubeconfig.empty() || !globals.context.empty(); }

app::ClusterRow row_of_flags(const Globals& globals) {
    if (!globals.cluster.empty())
        throw UsageError("--cluster names a registered cluster, --kubeconfig and --context another one: give one of them");
    app::ClusterRow row;
    if (globals.kubeconfig.empty() && globals.context == k_in_cluster) {
        row.kind = "kubernetes";
        row.context = k_in_cluster;
    } else {
        row = row_of_context(globals.kubeconfig.empty() ? standard_kubeconfigs() : std::vector{globals.kubeconfig},
                             globals.context);
    }
    row.name = row.context;
    return row;
}

/// The row that counts for the one given by flags. What is remembered of a cluster stands under its name, so one name
/// must not mean two clusters; of one that is registered the same way, what was said then holds.
app::ClusterRow settled(const app::ClusterRow& given, const std::vector<app::ClusterRow>& known) {
    const auto same = std::ranges::find(known, given.name, &app::ClusterRow::name);
    if (same == known.end()) return given;
    if (same->kubeconfig == given.kubeconfig && same->context == given.context) return *same;
    throw Error(Code::conflict, "the context " + given.context + " has the name of the registered cluster " + same->name +
                                    ", which is reached in another way")
        .hint("--cluster " + same->name + " means the registered one; to use the context under another name: gitopsctl "
              "cluster add OTHER --context " + given.context);
}

/// Contexts are no clusters until they are registered, but whoever types one's name is told how.
bool is_context(const std::string& name) {
    try {
        return std::ranges::count(backend::Kubeconfig::read(standard_kubeconfigs()).contexts(), name) > 0;
    } catch (const Error&) {
        return false;
    }
}

app::ClusterRow registered_row(app::StateDb& state, const std::string& name) {
    try {
        return state.cluster(name);
    } catch (Error& error) {
        if (error.code() == Code::not_found && is_context(name)) {
            error.hint("the kubeconfig has a context of that name: gitopsctl cluster add " + name + " --context " + name +
                       " registers it");
        }
        throw;
    }
}

}  // namespace

std::string Env::cluster_name(const std::string& name) { return cluster_row(name).name; }

std::string Env::usual_namespace() {
    const app::ClusterRow row = cluster_row();
    const std::string ns = row.kind == "embedded" ? std::string() : view_of(row).ns;
    return ns.empty() ? "default" : ns;
}

app::ClusterRow Env::cluster_row(const std::string& name) {
    app::ClusterRow row = unimpersonated_row(name);
    if (m_globals.as_user.empty() && !m_globals.as_groups.empty()) throw UsageError("--as-group needs --as USER");
    if (m_globals.as_user.empty()) return row;
    row.as_user = m_globals.as_user;
    row.as_groups = m_globals.as_groups;
    return row;
}

app::ClusterRow Env::unimpersonated_row(const std::string& name) {
    if (names_a_context(m_globals)) {
        const std::scoped_lock guard(m_opening);
        if (!m_given) m_given = settled(row_of_flags(m_globals), state().clusters());
        if (name.empty() || name == m_given->name) return *m_given;
    }
    const std::string& wanted = name.empty() ? m_globals.cluster : name;
    if (wanted.find(',') != std::string::npos) {
        UsageError error("this command works on one cluster at a time");
        error.hint("app sync and drift diff take several");
        throw error;
    }
    return registered_row(state(), wanted);
}

std::string Env::given_cluster() { return names_a_context(m_globals) ? cluster_name() : m_globals.cluster; }

std::shared_ptr<backend::ApiCluster> Env::open_api_cluster(const app::ClusterRow& row) {
    backend::ApiClusterOptions options;
    options.api.user_agent = "gitopsctl/" GITOPSCTL_VERSION;
    options.api.environment = whole_environment();
    options.cache.folder = home() + "/discovery";
    try {
        return std::make_shared<backend::ApiCluster>(access_of(row), options, m_clock, *m_events);
    } catch (Error& error) {
        error.note("while opening the cluster " + row.name);
        throw;
    }
}

std::shared_ptr<kube::Cluster> Env::cluster(const std::string& name) {
    const app::ClusterRow row = cluster_row(name);
    if (row.kind == "embedded" && !row.as_user.empty()) {
        throw Error(Code::invalid, "cluster " + row.name + " is embedded and knows no users: --as is for real clusters")
            .hint("leave --as out, or name a real cluster with --cluster or --context");
    }
    const std::scoped_lock guard(m_opening);
    if (const auto found = m_clusters.find(row.name); found != m_clusters.end()) return found->second;
    std::shared_ptr<kube::Cluster> opened;
    if (row.kind == "embedded")
        opened = std::make_shared<embedded::LocalCluster>(home() + "/clusters/" + row.name + ".db", m_clock);
    else
        opened = open_api_cluster(row);
    m_clusters.emplace(row.name, opened);
    return opened;
}

std::string Env::kube_version(const app::ClusterRow& row) {
    if (row.kind == "embedded") return std::string(kube::k_schema_version);
    const auto real = std::dynamic_pointer_cast<backend::ApiCluster>(cluster(row.name));
    {
        const std::scoped_lock guard(m_opening);
        const auto known = m_versions.find(row.name);
        if (known != m_versions.end() && m_clock->now() - known->second.first < k_version_keeps) return known->second.second;
    }
    std::string version = real->version();
    const std::scoped_lock guard(m_opening);
    m_versions[row.name] = {m_clock->now(), version};
    return version;
}

std::shared_ptr<embedded::LocalCluster> Env::embedded_cluster(const std::string& name) {
    const app::ClusterRow row = cluster_row(name);
    if (row.kind != "embedded") {
        throw Error(Code::invalid, "cluster " + row.name + " is a real cluster; this is for embedded ones only")
            .hint("`gitopsctl cluster list` shows which clusters are embedded");
    }
    return std::dynamic_pointer_cast<embedded::LocalCluster>(cluster(row.name));
}

}  // namespace gitops::cli
