#include "cli/output/history_list.hpp"

#include "cli/output/app_text.hpp"
#include "cli/output/status_value.hpp"

namespace gitops::cli {

namespace {

doc::Value history_value(const app::HistoryRow& row) {
    doc::Value resources = doc::Value::map();
    resources.set("created", row.created);
    resources.set("updated", row.updated);
    resources.set("pruned", row.pruned);
    resources.set("unchanged", row.unchanged);
    doc::Value value = doc::Value::map();
    value.set("id", row.id);
    value.set("revision", row.revision);
    value.set("deployedAt", base::to_rfc3339(row.deployed_at));
    value.set("startedAt", base::to_rfc3339(row.started_at));
    value.set("author", row.author);
    value.set("message", row.message);
    value.set("initiatedBy", row.initiated_by);
    value.set("strategy", text_or_null(row.strategy));
    value.set("revertOf", text_or_null(row.revert_of));
    value.set("resources", std::move(resources));
    return value;
}

std::string changes(const app::HistoryRow& row) {
    return "+" + std::to_string(row.created) + " ~" + std::to_string(row.updated) + " -" + std::to_string(row.pruned);
}

doc::Value audit_value(const app::AuditRow& row) {
    doc::Value value = doc::Value::map();
    value.set("id", row.id);
    value.set("at", base::to_rfc3339(row.at));
    value.set("actor", row.actor);
    value.set("action", row.action);
    value.set("subject", row.subject);
    value.set("cluster", text_or_null(row.cluster));
    value.set("reason", text_or_null(row.reason));
    value.set("fromRevision", text_or_null(row.from_revision));
    value.set("toRevision", text_or_null(row.to_revision));
    value.set("result", row.result);
    value.set("message", text_or_null(row.message));
    return value;
}

/// "1a2b3c4 -> 5d6e7f8", or the one that is known.
std::string revisions(const app::AuditRow& row) {
    const std::string from = short_sha(row.from_revision);
    const std::string to = short_sha(row.to_revision);
    if (from.empty() || to.empty() || from == to) return to.empty() ? from : to;
    return from + " -> " + to;
}

Color result_color(std::string_view result) {
    if (result == "succeeded") return Color::green;
    return result == "running" ? Color::cyan : Color::red;
}

}  // namespace

Listing history_listing(const std::vector<app::HistoryRow>& rows) {
    Listing listing{.table = Table({"ID", "DATE", "REVISION", "INITIATED BY", "STRATEGY", "CHANGES", "MESSAGE"}),
                    .nothing = "never deployed"};
    for (const app::HistoryRow& row : rows) {
        listing.items.push_back(history_value(row));
        listing.table.add({std::to_string(row.id), time_text(row.deployed_at), short_sha(row.revision),
                           row.initiated_by, row.strategy.empty() ? "sync" : row.strategy, changes(row),
                           row.message});
        listing.names.push_back(std::to_string(row.id));
    }
    return listing;
}

Listing audit_listing(const std::vector<app::AuditRow>& rows) {
    Listing listing{.table = Table({"TIME", "ACTOR", "ACTION", "SUBJECT", "RESULT", "REVISION", "MESSAGE"}),
                    .nothing = "the audit log is empty"};
    for (const app::AuditRow& row : rows) {
        listing.items.push_back(audit_value(row));
        const std::string message = row.reason.empty()    ? row.message
                                    : row.message.empty() ? row.reason
                                                          : row.reason + "; " + row.message;
        listing.table.add({time_text(row.at), row.actor, row.action, row.subject,
                           Cell(row.result, result_color(row.result)), revisions(row), message});
        listing.names.push_back(std::to_string(row.id));
    }
    return listing;
}

}  // namespace gitops::cli
