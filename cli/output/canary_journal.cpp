#include "cli/output/canary_parts.hpp"
#include "cli/output/canary_report.hpp"
#include "cli/output/columns.hpp"
#include "core/base/text.hpp"

namespace gitops::cli {

using doc::Value;
using rollout::EntryKind;
using rollout::Glyphs;
using rollout::JournalEntry;
using rollout::RunRecord;

namespace {

constexpr std::size_t k_most_of_message = 400;

std::string version_text(const std::string& image, const std::string& revision) {
    return image.empty() ? one_line(revision) : rollout::short_image(one_line(image));
}

/// "2026-11-22 20:34:05" in UTC.
std::string time_text(base::Time time) {
    auto text = base::to_rfc3339(time);
    text.pop_back();
    text[text.find('T')] = ' ';
    return text;
}

std::string padded_left(std::string text, std::size_t width) {
    const auto used = columns_of_text(text);
    return used < width ? std::string(width - used, ' ') + text : text;
}

std::string color_if(Paint paint, Color color, std::string_view text) {
    return paint == Paint::yes ? painted(color, text) : std::string(text);
}

std::string weight_text(int weight) { return padded_left(std::to_string(weight), 3) + " %"; }

/// What speaks for going on are the checks; everything else has its reason in the message.
std::string reason_text(const JournalEntry& entry, Glyphs glyphs) {
    const auto message = rollout::clean_text(entry.message, k_most_of_message, glyphs);
    if (entry.kind != EntryKind::advance || entry.checks.empty()) return message;
    std::vector<std::string> checks;
    for (const auto& check : entry.checks) checks.push_back(rollout::check_text(check, glyphs));
    return base::join(checks, ", ") + (message.empty() ? "" : " (" + message + ")");
}

}  // namespace

Table history_table(std::span<const RunRecord> runs, base::Time now) {
    Table table({"RUN", "STARTED", "DURATION", "FROM", "TO", "OUTCOME", "REASON"});
    for (const auto& run : runs) {
        const auto span = run.ended_at.value_or(now) - run.started_at;
        table.add({std::to_string(run.number), time_text(run.started_at), rollout::span_text(span),
                   version_text(run.from_image, run.from_revision), version_text(run.to_image, run.to_revision),
                   Cell(run.outcome.empty() ? "under way" : run.outcome, outcome_color(run.outcome)), run.reason});
    }
    return table;
}

std::string history_text(std::span<const RunRecord> runs, base::Time now, Paint paint) { return history_table(runs, now).text(paint); }

Value history_value(const RunRecord& run) {
    auto summary = run;
    summary.entries.clear();
    auto value = rollout::to_value(summary);
    value.erase("entries");
    std::vector<doc::Entry> entries;
    for (const auto& entry : value.entries()) {
        entries.push_back(entry);
        if (entry.name() != "endedAt") continue;
        entries.push_back({"durationSeconds", run.ended_at ? Value((*run.ended_at - run.started_at).count() / 1000) : Value()});
    }
    return Value::map(std::move(entries));
}

std::string journal_text(const RunRecord& run, const ReportStyle& style) {
    std::string about = "run " + std::to_string(run.number) + ": " + version_text(run.from_image, run.from_revision) + " " +
                        std::string(arrow(style.glyphs)) + " " + version_text(run.to_image, run.to_revision) + ", started " +
                        time_text(run.started_at) + ", ";
    about += color_if(style.paint, outcome_color(run.outcome), run.outcome.empty() ? "under way" : one_line(run.outcome));
    if (run.ended_at) about += " after " + rollout::span_text(*run.ended_at - run.started_at);
    if (!run.reason.empty()) about += "\n" + one_line(run.reason);
    Table table({"TIME", "TICK", "PHASE", "WEIGHT", "DECISION", "MESSAGE"});
    for (const auto& entry : run.entries) {
        table.add({rollout::elapsed_text(entry.at - run.started_at), std::to_string(entry.tick), entry.phase, weight_text(entry.weight),
                   Cell(rollout::entry_kind_name(entry.kind), kind_color(entry.kind)), entry.message});
        for (const auto& check : entry.checks) {
            const auto text = std::string(rollout::verdict_mark(check.verdict, style.glyphs)) + " " + rollout::check_text(check, style.glyphs);
            table.add({"", "", "", "", "", Cell("  " + text, verdict_color(check.verdict))});
        }
    }
    return about + "\n\n" + table.text(style.paint);
}

std::string event_line(const JournalEntry& entry, base::Time started_at, const ReportStyle& style) {
    constexpr std::size_t kind_width = 8;
    std::string kind(rollout::entry_kind_name(entry.kind));
    const std::string gap(kind_width - std::min(kind_width, kind.size()) + 2, ' ');
    return rollout::elapsed_text(entry.at - started_at) + "  " + weight_text(entry.weight) + "  " +
           color_if(style.paint, kind_color(entry.kind), kind) + gap + reason_text(entry, style.glyphs);
}

}  // namespace gitops::cli
