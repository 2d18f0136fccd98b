#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "core/rollout/plot/plot.hpp"
#include "core/rollout/plot/plot_series.hpp"
#include "core/rollout/plot/svg_canvas.hpp"

namespace gitops::rollout {

namespace {

constexpr std::size_t k_most_rows = 5'000;  ///< a page that a browser still shows

constexpr std::string_view k_page_style =
    R"(:root{color-scheme:light dark}body{margin:24px auto;max-width:1100px;padding:0 16px;font:14px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;background:#ffffff;color:#1f2933}
svg{display:block;max-width:100%;height:auto;margin:0 auto 24px}h2{font-size:16px;margin:28px 0 8px}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:5px 12px 5px 0;border-bottom:1px solid #e1e6eb}
th{font-weight:600;color:#5c6873}td.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}td.t{white-space:nowrap}
ul{margin:0;padding:0;list-style:none}code{font:12px/1.4 ui-monospace,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
.good{color:#00704f}.bad{color:#b04500;font-weight:600}.unknown{color:#5c6873}
@media (prefers-color-scheme:dark){body{background:#10161d;color:#e4e9ee}th,td{border-color:#2a3642}th,.unknown{color:#9fabb8}.good{color:#2cc79a}.bad{color:#ff8a4c}}
)";

std::string_view verdict_class(Verdict verdict) {
    switch (verdict) {
        case Verdict::pass: return "good";
        case Verdict::fail: return "bad";
        case Verdict::no_data:
        case Verdict::unreachable:
        case Verdict::inconclusive: return "unknown";
    }
    return "unknown";
}

std::string_view kind_class(EntryKind kind) {
    switch (kind) {
        case EntryKind::halt:
        case EntryKind::rollback: return "bad";
        case EntryKind::promote: return "good";
        case EntryKind::phase:
        case EntryKind::advance:
        case EntryKind::gate:
        case EntryKind::command:
        case EntryKind::note: return "";
    }
    return "";
}

std::string check_items(const std::vector<CheckResult>& checks) {
    if (checks.empty()) return {};
    std::string items = "<ul>";
    for (const auto& check : checks)
        fmt::format_to(std::back_inserter(items), "<li class=\"{}\">{} {}</li>", verdict_class(check.verdict),
                       verdict_mark(check.verdict, Glyphs::unicode), markup_text(check_text(check, Glyphs::unicode)));
    return items + "</ul>";
}

std::string entries_table(const RunRecord& run) {
    std::string table =
        "<h2>What was decided, and why</h2>\n<table>\n<thead><tr><th>Time</th><th>Tick</th><th>Phase</th><th>Weight</th><th>Decision</th>"
        "<th>Checks</th></tr></thead>\n<tbody>\n";
    const std::size_t left_out = run.entries.size() > k_most_rows ? run.entries.size() - k_most_rows : 0;
    if (left_out > 0) fmt::format_to(std::back_inserter(table), "<tr><td colspan=\"6\">{} earlier entries are not shown</td></tr>\n", left_out);
    for (std::size_t i = left_out; i < run.entries.size(); ++i) {
        const auto& entry = run.entries[i];
        fmt::format_to(std::back_inserter(table),
                       "<tr><td class=\"t\" title=\"{}\">{}</td><td class=\"n\">{}</td><td>{}</td><td class=\"n\">{} %</td>"
                       "<td><b class=\"{}\">{}</b> {}</td><td>{}</td></tr>\n",
                       base::to_rfc3339_millis(entry.at), elapsed_text(entry.at - run.started_at), entry.tick, markup_text(entry.phase),
                       entry.weight, kind_class(entry.kind), entry_kind_name(entry.kind), markup_text(entry.message), check_items(entry.checks));
    }
    return table + "</tbody>\n</table>\n";
}

/// What was asked, once for each check, as it was asked last.
std::string queries_table(const RunRecord& run) {
    constexpr std::size_t most = 50, most_of_query = 16'384;
    std::vector<const CheckResult*> asked;
    for (auto entry = run.entries.rbegin(); entry != run.entries.rend(); ++entry)
        for (const auto& check : entry->checks) {
            const bool is_known = std::ranges::any_of(asked, [&](const CheckResult* other) { return other->name == check.name; });
            if (!check.query.empty() && !is_known && asked.size() < most) asked.push_back(&check);
        }
    if (asked.empty()) return {};
    std::string table = "<h2>What was measured</h2>\n<table>\n<thead><tr><th>Check</th><th>Limit</th><th>Query</th></tr></thead>\n<tbody>\n";
    for (const auto* check : asked)
        fmt::format_to(std::back_inserter(table), "<tr><td>{}</td><td class=\"t\">{}</td><td><code>{}</code></td></tr>\n",
                       markup_text(check->name), markup_text(limit_text(check->range, Glyphs::unicode)), markup_text(check->query, most_of_query));
    return table + "</tbody>\n</table>\n";
}

}  // namespace

std::string plot_html(const RunRecord& run, std::string_view title) {
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}: {}</title>\n<style>\n{}</style>\n</head>\n<body>\n"
        "{}{}{}</body>\n</html>\n",
        markup_text(title), markup_text(outcome_text(run)), k_page_style, plot_svg(run, title), entries_table(run), queries_table(run));
}

}  // namespace gitops::rollout
