// StateDb's clusters and repositories.
#include <algorithm>

#include "core/app/state_db.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/io/git.hpp"

namespace gitops::app {

namespace {

ClusterRow read_cluster(const io::Statement& row) {
    return {row.text(0), row.text(1), row.text(2), row.text(3), row.number(4) != 0};
}

constexpr std::string_view k_select_clusters =
    "SELECT name, kind, kubeconfig, kube_context, is_current FROM clusters ORDER BY name <> 'local', name";

}  // namespace

std::vector<ClusterRow> StateDb::clusters() const {
    std::vector<ClusterRow> rows;
    auto query = m_database.prepare(k_select_clusters);
    while (query.step()) rows.push_back(read_cluster(query));
    return rows;
}

ClusterRow StateDb::cluster(std::string_view name) const {
    auto rows = clusters();
    auto found = std::ranges::find_if(rows, [&](const ClusterRow& row) {
        return name.empty() ? row.current : row.name == name;
    });
    if (found != rows.end()) return *found;
    base::Error error(base::Code::not_found, "there is no cluster \"" + std::string(name) + "\"");
    std::vector<std::string> names;
    for (const auto& row : rows) names.push_back(row.name);
    error.suggest(base::near_names(name, names));
    error.hint("`gitopsctl cluster list` shows them; `gitopsctl cluster add` makes one");
    throw error;
}

void StateDb::put_cluster(const ClusterRow& row) {
    m_database.prepare("INSERT OR REPLACE INTO clusters VALUES (?1, ?2, ?3, ?4, ?5)")
        .bind(1, row.name)
        .bind(2, row.kind)
        .bind(3, row.kubeconfig)
        .bind(4, row.context)
        .bind(5, std::int64_t{row.current})
        .run();
}

void StateDb::use_cluster(std::string_view name) {
    cluster(name);
    m_database.prepare("UPDATE clusters SET is_current = (name = ?1)").bind(1, name).run();
}

void StateDb::delete_cluster(std::string_view name) {
    m_database.transaction([&] {
        bool was_current = cluster(name).current;
        m_database.prepare("DELETE FROM clusters WHERE name = ?1").bind(1, name).run();
        m_database.prepare("DELETE FROM inventory WHERE cluster = ?1").bind(1, name).run();
        if (was_current) m_database.run("UPDATE clusters SET is_current = (name = 'local')");
    });
}

std::vector<RepoRow> StateDb::repositories() const {
    std::vector<RepoRow> rows;
    auto query = m_database.prepare(
        "SELECT url, username, token_env, token_file, ssh_key_file, known_hosts_file FROM repositories ORDER BY url");
    while (query.step())
        rows.push_back({query.text(0), query.text(1), query.text(2), query.text(3), query.text(4), query.text(5)});
    return rows;
}

std::optional<RepoRow> StateDb::repository(std::string_view url) const {
    auto wanted = io::canonical_url(url);
    for (auto& row : repositories())
        if (io::canonical_url(row.url) == wanted) return row;
    return std::nullopt;
}

void StateDb::put_repository(const RepoRow& row) {
    m_database.transaction([&] {
        if (auto old = repository(row.url))
            m_database.prepare("DELETE FROM repositories WHERE url = ?1").bind(1, old->url).run();
        m_database.prepare("INSERT INTO repositories VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
            .bind(1, row.url)
            .bind(2, row.username)
            .bind(3, row.token_env)
            .bind(4, row.token_file)
            .bind(5, row.ssh_key_file)
            .bind(6, row.known_hosts_file)
            .run();
    });
}

bool StateDb::delete_repository(std::string_view url) {
    auto row = repository(url);
    if (!row) return false;
    m_database.prepare("DELETE FROM repositories WHERE url = ?1").bind(1, row->url).run();
    return true;
}

}  // namespace gitops::app
