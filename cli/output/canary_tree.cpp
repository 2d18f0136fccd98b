#include <algorithm>
#include <array>

#include "cli/output/canary_parts.hpp"
#include "cli/output/canary_report.hpp"
#include "cli/output/columns.hpp"
#include "core/base/text.hpp"
#include "core/rollout/schedule.hpp"

namespace gitops::cli {

using rollout::Glyphs;
using rollout::Phase;
using rollout::Split;
using rollout::Verdict;

namespace {

constexpr std::size_t k_label_width = 13;  ///< of the block at the top
constexpr std::size_t k_gap = 3;           ///< of a Table
constexpr std::size_t k_least_info = 20;
constexpr int k_bar_cells = 20;

struct Lines {
    std::string_view branch, last, trunk, blank;
};
constexpr Lines k_unicode_lines{"\u251C\u2500 ", "\u2514\u2500 ", "\u2502  ", "   "};
constexpr Lines k_ascii_lines{"|- ", "`- ", "|  ", "   "};

/// What is below what, before the lines between them are drawn.
struct Node {
    std::string name;
    Cell status{""};
    Cell info{""};
    std::vector<Node> children{};
};

class Screen {
  public:
    Screen(const CanaryView& view, const ReportStyle& style) : m_view(view), m_style(style), m_checks(last_checks(view)) {}

    std::string text() {
        add_row(tree(), "", "");
        return head().text(m_style.paint) + "\n" + body().text(m_style.paint);
    }

  private:
    bool is_ascii() const { return m_style.glyphs == Glyphs::ascii; }
    std::string sign(const char* unicode, const char* ascii) const { return is_ascii() ? ascii : unicode; }

    std::string phase_sign() const {
        if (m_view.state.paused) return sign("\u2016", "=");
        switch (m_view.state.phase) {
            case Phase::initializing: return sign("\u25CC", ".");
            case Phase::waiting:
            case Phase::waiting_promotion: return sign("\u2016", "=");
            case Phase::progressing:
            case Phase::promoting:
            case Phase::finalising: return sign("\u27F3", ">");
            case Phase::initialized:
            case Phase::succeeded: return sign("\u2714", "+");
            case Phase::failed: return sign("\u2716", "x");
        }
        return "";
    }

    // The block at the top.

    Table head() const {
        const auto& state = m_view.state;
        Table table;
        const auto add = [&](const char* label, const std::string& text, Color color = Color::plain) {
            const auto room = std::max(m_style.width, k_label_width + k_least_info) - k_label_width;
            if (!text.empty()) table.add({Cell(label, Color::dim), Cell(shortened(one_line(text), room), color)});
        };
        add("Name:", m_view.name, Color::bold);
        add("Namespace:", m_view.ns);
        add("Strategy:", strategy_text());
        add("Phase:", phase_text(), phase_color(state));
        add("Message:", state.message);
        add("Weight:", weight_text());
        add("Steps:", steps_text());
        add("Checks:", state.run == 0 ? "" : checks_text(m_view.spec, state));
        add("Revision:", revision_text(state, m_style.glyphs));
        add("Image:", image_text());
        add("Run:", run_text());
        if (state.command != rollout::Command::none)
            add("Asked for:", std::string(rollout::command_name(state.command)) + by(state.command_by), Color::yellow);
        return table;
    }

    static std::string by(const std::string& who) { return who.empty() ? "" : " by " + who; }

    std::string strategy_text() const {
        const auto& spec = m_view.spec;
        const auto dialect = std::string(rollout::dialect_name(spec.dialect)) + " dialect";
        auto text = std::string(rollout::strategy_name(spec.analysis.strategy)) + ", " + dialect;
        if (!spec.provider.empty()) text += ", " + spec.provider;
        if (spec.skip_analysis) text += ", analysis is skipped";
        return text;
    }

    std::string phase_text() const {
        const auto& state = m_view.state;
        auto text = phase_sign() + " " + std::string(rollout::phase_name(state.phase));
        if (state.paused) text += ", paused";
        if (state.phase_at) text += ", for " + rollout::span_text(m_view.now - *state.phase_at);
        return text;
    }

    static std::string split_remark(const Split& split) {
        if (split.matched) return "only requests that match";
        return split.mirrored ? "requests are mirrored" : "";
    }

    std::string weight_text() const {
        const auto& split = m_view.state.split;
        const int filled = split.canary == 0 ? 0 : std::clamp(split.canary * k_bar_cells / 100, 1, k_bar_cells);
        std::string bar;
        for (int i = 0; i < k_bar_cells; ++i) bar += i < filled ? sign("\u2588", "#") : sign("\u2591", ".");
        auto text = bar + " " + std::to_string(split.canary) + " %";
        if (const auto remark = split_remark(split); !remark.empty()) text += ", " + remark;
        if (m_view.routed && !(*m_view.routed == split)) text += ", but " + std::to_string(m_view.routed->canary) + " % are routed";
        return text;
    }

    /// "5 10 [25] 50 100"; of very many those around the present one.
    std::string steps_text() const {
        constexpr std::size_t most_before = 4, most_after = 6;
        if (m_view.spec.analysis.strategy != rollout::Strategy::canary) return {};
        const auto weights = rollout::schedule_of(m_view.spec, rollout::Compat::none).weights;
        const auto found = std::ranges::find(weights, m_view.state.split.canary);
        const auto here = static_cast<std::size_t>(found == weights.end() ? 0 : found - weights.begin());
        std::string text;
        for (std::size_t i = 0; i < weights.size(); ++i) {
            if (i + most_before < here || i > here + most_after) {
                if (!text.ends_with("...")) text += text.empty() ? "..." : " ...";
                continue;
            }
            const auto number = std::to_string(weights[i]);
            text += (text.empty() ? "" : " ") + (found != weights.end() && i == here ? "[" + number + "]" : number);
        }
        return text;
    }

    std::string image_text() const {
        if (!m_view.run || m_view.run->to_image.empty()) return {};
        const auto& run = *m_view.run;
        if (run.from_image.empty()) return run.to_image;
        return run.from_image + " " + std::string(arrow(m_style.glyphs)) + " " + run.to_image;
    }

    std::string run_text() const {
        const auto& state = m_view.state;
        if (state.run == 0) return {};
        auto text = std::to_string(state.run) + ", tick " + std::to_string(state.tick);
        if (state.started_at) text += ", started " + ago(*state.started_at);
        return text;
    }

    std::string ago(base::Time time) const { return rollout::span_text(m_view.now - time) + " ago"; }

    // The tree.

    Node tree() const {
        const auto& state = m_view.state;
        Node root{"Canary " + m_view.name, Cell(phase_sign() + " " + std::string(rollout::phase_name(state.phase)), phase_color(state)), {""}};
        const auto& spec = m_view.spec;
        root.children.push_back(workload(m_view.primary, spec.target.kind, spec.primary_name(), "primary"));
        root.children.push_back(workload(m_view.target, spec.target.kind, spec.target.name, "canary"));
        if (!spec.service.name.empty()) add_services(root);
        if (!m_view.route.empty()) root.children.push_back(route());
        add_checks(root, "Checks", [](const LastCheck& check) { return !check.hook; });
        add_checks(root, "Hooks", [](const LastCheck& check) { return check.hook.has_value(); });
        return root;
    }

    Node workload(const std::optional<WorkloadCounts>& counts, const std::string& kind, const std::string& name, const char* role) const {
        if (!counts) return {kind + " " + name, Cell("unknown", Color::dim), Cell(role, Color::dim)};
        const auto& [real_kind, real_name, wanted, ready, image, reason] = *counts;
        Node node{real_kind + " " + real_name};
        const auto ratio = std::to_string(ready) + "/" + std::to_string(wanted) + " ready";
        if (wanted == 0 && ready == 0) node.status = Cell(sign("\u25CC", ".") + " scaled to zero", Color::dim);
        else if (ready >= wanted && reason.empty()) node.status = Cell(sign("\u2714", "+") + " " + ratio, Color::green);
        else node.status = Cell(sign("\u25CC", ".") + " " + ratio, Color::yellow);
        std::string info(role);
        if (!reason.empty()) info += ": " + reason;
        if (!image.empty()) info += ", " + rollout::short_image(one_line(image));
        node.info = Cell(info);
        return node;
    }

    void add_services(Node& root) const {
        const auto& spec = m_view.spec;
        root.children.push_back({"Service " + spec.apex(), {""}, Cell("apex", Color::dim)});
        if (spec.provider == "replicas") return;  // both sides are behind the apex
        root.children.push_back({"Service " + spec.primary_service(), {""}, Cell("primary", Color::dim)});
        root.children.push_back({"Service " + spec.canary_service(), {""}, Cell("canary", Color::dim)});
    }

    Node route() const {
        const auto& split = m_view.routed ? *m_view.routed : m_view.state.split;
        const int primary = split.matched ? 100 : 100 - split.canary;
        auto info = std::to_string(primary) + " % primary";
        if (const auto remark = split_remark(split); !remark.empty()) info += ", " + remark;
        if (!m_view.routed) info += ", as it is meant to be";
        return {m_view.route, std::to_string(split.canary) + " % canary", Cell(info, m_view.routed ? Color::plain : Color::dim)};
    }

    void add_checks(Node& root, const char* title, bool (*belongs)(const LastCheck&)) const {
        Node group{title};
        std::array<int, 2> tally{};
        std::optional<base::Time> last;
        for (const auto& check : m_checks) {
            if (!belongs(check)) continue;
            group.children.push_back(check_node(check));
            if (!check.result) continue;
            ++tally[check.result->verdict == Verdict::pass ? 0 : 1];
            last = std::max(last.value_or(*check.at), *check.at);
        }
        if (group.children.empty()) return;
        if (last) {
            const auto text = std::to_string(tally[0]) + " passed" + (tally[1] == 0 ? "" : ", " + std::to_string(tally[1]) + " not");
            group.status = Cell(text, tally[1] == 0 ? Color::green : Color::yellow);
            group.info = Cell(ago(*last), Color::dim);
        }
        root.children.push_back(std::move(group));
    }

    Node check_node(const LastCheck& check) const {
        const auto name = check.hook ? std::string(rollout::hook_type_name(*check.hook)) + " " + check.name : check.name;
        if (!check.result) return {sign("\u25CC", ".") + " " + name, Cell("not asked yet", Color::dim), {""}};
        const auto& result = *check.result;
        const auto color = verdict_color(result.verdict);
        Node node{std::string(rollout::verdict_mark(result.verdict, m_style.glyphs)) + " " + name};
        std::string status(rollout::verdict_word(result.verdict));
        if (result.value) {
            status = rollout::number_text(*result.value, result.range);
            if (const auto limit = rollout::limit_text(result.range, m_style.glyphs); !limit.empty()) status += "  (" + limit + ")";
        }
        node.status = Cell(status, color);
        node.info = Cell(result.verdict == Verdict::pass ? "" : result.detail, color);
        return node;
    }

    // From the tree to a table.

    void add_row(const Node& node, const std::string& lead, const std::string& below) {
        const auto& lines = is_ascii() ? k_ascii_lines : k_unicode_lines;
        m_rows.push_back({lead + one_line(node.name), node.status, node.info});
        for (std::size_t i = 0; i < node.children.size(); ++i) {
            const bool is_last = i + 1 == node.children.size();
            add_row(node.children[i], below + std::string(is_last ? lines.last : lines.branch),
                    below + std::string(is_last ? lines.blank : lines.trunk));
        }
    }

    /// The last column is shortened so that no line is wider than the terminal.
    Table body() const {
        std::size_t used = 0;
        for (const std::size_t column : {0U, 1U}) {
            std::size_t widest = 0;
            for (const auto& row : m_rows) widest = std::max(widest, columns_of_text(one_line(row[column].text)));
            used += widest + k_gap;
        }
        const auto room = std::max(m_style.width, used + k_least_info) - used;
        Table table({"NAME", "STATUS", "INFO"});
        for (const auto& row : m_rows) table.add({row[0], row[1], Cell(shortened(one_line(row[2].text), room), row[2].color)});
        return table;
    }

    const CanaryView& m_view;
    const ReportStyle& m_style;
    std::vector<LastCheck> m_checks;
    std::vector<std::array<Cell, 3>> m_rows;
};

}  // namespace

std::string canary_tree(const CanaryView& view, const ReportStyle& style) { return Screen(view, style).text(); }

}  // namespace gitops::cli
