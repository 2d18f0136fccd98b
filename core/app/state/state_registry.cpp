// StateDb's clusters and repositories.
#include <algorithm>

#include "core/app/state/state_db.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/json.hpp"
#include "core/io/git.hpp"

namespace gitops::app {

namespace {

std::string write_list(const std::vector<std::string>& texts) {
    doc::Value list = doc::Value::list();
    for (const std::string& text : texts) list.push_back(text);
    return doc::write_json(list);
}

std::vector<std::string> read_list(const std::string& json) {
    std::vector<std::string> texts;
    const doc::Value list = doc::read_json(json, "state.db");
    for (const doc::Value& text : list.items()) texts.emplace_back(text.text());
    return texts;
}

std::string write_labels(const std::map<std::string, std::string>& labels) {
    doc::Value map = doc::Value::map();
    for (const auto& [name, value] : labels) map.set(name, value);
    return doc::write_json(map);
}

std::map<std::string, std::string> read_labels(const std::string& json) {
    std::map<std::string, std::string> labels;
    const doc::Value map = doc::read_json(json, "state.db");
    for (const doc::Entry& entry : map.entries()) labels.emplace(entry.name(), entry.value.text());
    return labels;
}

ClusterRow read_cluster(const io::Statement& row) {
    return {.name = row.text(0),
            .kind = row.text(1),
            .kubeconfig = read_list(row.text(2)),
            .context = row.text(3),
            .current = row.number(4) != 0,
            .as_user = row.text(5),
            .as_groups = read_list(row.text(6)),
            .labels = read_labels(row.text(7)),
            .record_namespace = row.text(8),
            .trusts_exec = row.number(9) != 0};
}

constexpr std::string_view k_select_clusters =
    "SELECT name, kind, kubeconfig, kube_context, is_current, as_user, as_groups, labels, record_namespace, "
    "trusts_exec FROM clusters ORDER BY name <> 'local', name";

}  // namespace

std::vector<ClusterRow> StateDb::clusters() const {
    const auto guard = hold();
    std::vector<ClusterRow> rows;
    auto query = m_database.prepare(k_select_clusters);
    while (query.step()) rows.push_back(read_cluster(query));
    return rows;
}

ClusterRow StateDb::cluster(std::string_view name) const {
    const auto guard = hold();
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
    const auto guard = hold();
    m_database
        .prepare("INSERT OR REPLACE INTO clusters (name, kind, kubeconfig, kube_context, is_current, as_user, as_groups, "
                 "labels, record_namespace, trusts_exec) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")
        .bind(1, row.name)
        .bind(2, row.kind)
        .bind(3, write_list(row.kubeconfig))
        .bind(4, row.context)
        .bind(5, std::int64_t{row.current})
        .bind(6, row.as_user)
        .bind(7, write_list(row.as_groups))
        .bind(8, write_labels(row.labels))
        .bind(9, row.record_namespace)
        .bind(10, std::int64_t{row.trusts_exec})
        .run();
}

void StateDb::use_cluster(std::string_view name) {
    const auto guard = hold();
    cluster(name);
    m_database.prepare("UPDATE clusters SET is_current = (name = ?1)").bind(1, name).run();
}

void StateDb::delete_cluster(std::string_view name) {
    const auto guard = hold();
    m_database.transaction([&] {
        bool was_current = cluster(name).current;
        m_database.prepare("DELETE FROM clusters WHERE name = ?1").bind(1, name).run();
        m_database.prepare("DELETE FROM inventory WHERE cluster = ?1").bind(1, name).run();
        if (was_current) m_database.run("UPDATE clusters SET is_current = (name = 'local')");
    });
}

std::vector<RepoRow> StateDb::repositories() const {
    const auto guard = hold();
    std::vector<RepoRow> rows;
    auto query = m_database.prepare(
        "SELECT url, username, token_env, token_file, ssh_key_file, known_hosts_file FROM repositories ORDER BY url");
    while (query.step())
        rows.push_back({query.text(0), query.text(1), query.text(2), query.text(3), query.text(4), query.text(5)});
    return rows;
}

std::optional<RepoRow> StateDb::repository(std::string_view url) const {
    const auto guard = hold();
    auto wanted = io::canonical_url(url);
    for (auto& row : repositories())
        if (io::canonical_url(row.url) == wanted) return row;
    return std::nullopt;
}

void StateDb::put_repository(const RepoRow& row) {
    const auto guard = hold();
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
    const auto guard = hold();
    auto row = repository(url);
    if (!row) return false;
    m_database.prepare("DELETE FROM repositories WHERE url = ?1").bind(1, row->url).run();
    return true;
}

}  // namespace gitops::app
