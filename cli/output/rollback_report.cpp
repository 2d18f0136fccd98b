#include "cli/output/rollback_report.hpp"

#include "cli/output/app_text.hpp"
#include "cli/output/status_value.hpp"
#include "cli/output/sync_report.hpp"
#include "cli/output/terminal.hpp"
#include "cli/print.hpp"
#include "core/base/text.hpp"

namespace gitops::cli {

namespace {

std::string_view strategy_name(app::RollbackStrategy strategy) {
    return strategy == app::RollbackStrategy::pin ? "pin" : "revert";
}

doc::Value texts(const std::vector<std::string>& items) {
    doc::Value list = doc::Value::list();
    for (const std::string& item : items) list.push_back(item);
    return list;
}

/// What was done to Git, or would be.
std::string git_sentence(const app::RollbackReport& report) {
    const std::string to = short_sha(report.to_revision);
    if (report.nothing_to_do) return report.app + " renders the same as at " + to + ": nothing to roll back";
    if (report.strategy == app::RollbackStrategy::pin) {
        return report.app + (report.dry_run ? " would be pinned to " : " is pinned to ") + to +
               "; auto-sync is held until `gitopsctl app resume " + report.app + "`";
    }
    if (report.dry_run) return "one commit on " + report.branch + " would bring " + report.app + " back to " + to;
    std::string text =
        "commit " + short_sha(report.commit) + " on " + report.branch + " brings " + report.app + " back to " + to;
    if (report.published.empty()) return text + "; it is not published (--no-push)";
    return text + (report.published == "pushed" ? ", pushed" : "");
}

void print_changes(Env& env, const app::RollbackReport& report) {
    if (!report.undone.empty()) {
        print_text(env, "undoes:\n");
        Table undone;
        for (const app::UndoneCommit& commit : report.undone) {
            undone.add({"  " + short_sha(commit.sha), commit.subject, Cell(commit.author, Color::dim)});
        }
        undone.print(env.terminal());
    }
    if (!report.files.empty()) {
        print_text(env, "files:\n");
        for (const std::string& file : report.files) print_text(env, "  " + file + "\n");
    }
    if (!report.also_feeds.empty())
        print_text(env, "these files also feed: " + base::join(report.also_feeds, ", ") + "\n");
}

}  // namespace

doc::Value rollback_value(const app::RollbackReport& report) {
    doc::Value undone = doc::Value::list();
    for (const app::UndoneCommit& commit : report.undone) {
        doc::Value item = doc::Value::map();
        item.set("sha", commit.sha);
        item.set("subject", commit.subject);
        item.set("author", commit.author);
        undone.push_back(std::move(item));
    }
    doc::Value value = doc::Value::map();
    value.set("name", report.app);
    value.set("strategy", strategy_name(report.strategy));
    value.set("dryRun", report.dry_run);
    value.set("nothingToDo", report.nothing_to_do);
    value.set("fromRevision", text_or_null(report.from_revision));
    value.set("toRevision", text_or_null(report.to_revision));
    value.set("commit", text_or_null(report.commit));
    value.set("branch", text_or_null(report.branch));
    value.set("published", text_or_null(report.published));
    value.set("message", text_or_null(report.commit_message));
    value.set("undone", std::move(undone));
    value.set("files", texts(report.files));
    value.set("alsoFeeds", texts(report.also_feeds));
    value.set("sync", report.sync ? sync_value(*report.sync) : doc::Value());
    return value;
}

void print_rollback(Env& env, const app::RollbackReport& report) {
    print_text(env, env.terminal().paint(Color::bold, git_sentence(report)) + "\n");
    print_changes(env, report);
    if (report.sync) print_sync(env, *report.sync, report.dry_run ? DryRun::yes : DryRun::no);
}

}  // namespace gitops::cli
