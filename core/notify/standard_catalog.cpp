// The triggers and templates that Argo CD's installation brings, under their names; the texts are ours.
#include <array>

#include "core/notify/catalog.hpp"

namespace gitops::notify {

namespace {

struct Row {
    std::string_view trigger, when, once_per, message_template, subject, message;
};

constexpr std::string_view k_operation = "app.status.operationState != nil and app.status.operationState.phase in ";

constexpr std::array k_rows{
    Row{"on-created", "true", "app.metadata.name", "app-created", "{{.app.metadata.name}} was created",
        "Application {{.app.metadata.name}} was created."},
    Row{"on-deleted", "app.metadata.deletionTimestamp != nil", "app.metadata.name", "app-deleted",
        "{{.app.metadata.name}} was deleted", "Application {{.app.metadata.name}} was deleted."},
    Row{"on-deployed", "['Succeeded'] and app.status.health.status == 'Healthy'", "app.status.sync.revision", "app-deployed",
        "{{.app.metadata.name}} runs a new version",
        "Application {{.app.metadata.name}} runs {{.app.status.sync.revision}} and is healthy."},
    Row{"on-health-degraded", "app.status.health.status == 'Degraded'", "", "app-health-degraded",
        "{{.app.metadata.name}} is degraded",
        "Application {{.app.metadata.name}} is degraded{{with .app.status.health.message}}: {{.}}{{end}}."},
    Row{"on-sync-failed", "['Error', 'Failed']", "", "app-sync-failed", "The sync of {{.app.metadata.name}} failed",
        "The sync of application {{.app.metadata.name}} failed: {{.app.status.operationState.message}}"},
    Row{"on-sync-running", "['Running']", "", "app-sync-running", "{{.app.metadata.name}} is being synced",
        "Application {{.app.metadata.name}} is being synced since {{.app.status.operationState.startedAt}}."},
    Row{"on-sync-status-unknown", "app.status.sync.status == 'Unknown'", "", "app-sync-status-unknown",
        "The sync status of {{.app.metadata.name}} is unknown",
        "The sync status of application {{.app.metadata.name}} is unknown."
        "{{range .app.status.conditions}}\n{{.type}}: {{.message}}{{end}}"},
    Row{"on-sync-succeeded", "['Succeeded']", "", "app-sync-succeeded", "{{.app.metadata.name}} was synced",
        "Application {{.app.metadata.name}} was synced to {{.app.status.sync.revision}} at "
        "{{.app.status.operationState.finishedAt}}."},
};

}  // namespace

Catalog standard_catalog() {
    Catalog catalog;
    for (const auto& row : k_rows) {
        std::string when(row.when);
        if (when.starts_with('[')) when = std::string(k_operation) + when;
        Condition condition{Expression::parse(when), std::nullopt, {std::string(row.message_template)}};
        if (!row.once_per.empty()) condition.once_per = Expression::parse(row.once_per);
        catalog.triggers[std::string(row.trigger)] = {std::move(condition)};
        Template text;
        text.message = row.message;
        text.email_subject = row.subject;
        catalog.templates[std::string(row.message_template)] = std::move(text);
    }
    return catalog;
}

}  // namespace gitops::notify
