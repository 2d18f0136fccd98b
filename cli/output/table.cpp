#include "cli/output/table.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "cli/output/columns.hpp"

namespace gitops::cli {

namespace {

constexpr std::size_t k_gap = 3;

constexpr std::array<std::pair<std::string_view, Color>, 24> k_status_colors{{
    {"Synced", Color::green},     {"Healthy", Color::green},     {"Succeeded", Color::green},   {"Running", Color::cyan},
    {"Syncing", Color::cyan},     {"Progressing", Color::cyan},  {"Pending", Color::cyan},      {"Suspended", Color::yellow},
    {"OutOfSync", Color::yellow}, {"Missing", Color::yellow},    {"Degraded", Color::red},      {"Failed", Color::red},
    {"Error", Color::red},        {"Unknown", Color::dim},       {"create", Color::green},      {"update", Color::yellow},
    {"prune", Color::red},        {"delete", Color::red},        {"missing", Color::yellow},    {"extra", Color::red},
    {"modified", Color::yellow},  {"unchanged", Color::dim},     {"skip", Color::dim},          {"failed", Color::red},
}};

using Row = std::vector<Cell>;

void append_row(std::string& out, const Row& row, const std::vector<std::size_t>& widths, Paint paint) {
    std::size_t pending = 0;  // blanks are written only when something follows them
    for (std::size_t i = 0; i < row.size(); ++i) {
        const std::string& text = row[i].text;
        if (!text.empty()) {
            out.append(pending, ' ');
            pending = 0;
            out += paint == Paint::yes ? painted(row[i].color, text) : text;
        }
        pending += widths[i] - columns_of_text(text) + k_gap;
    }
    out += '\n';
}

}  // namespace

std::string Table::text(Paint paint) const {
    std::vector<Row> rows;
    rows.reserve(m_rows.size() + 1);
    if (!m_titles.empty()) rows.emplace_back(m_titles.begin(), m_titles.end());
    rows.insert(rows.end(), m_rows.begin(), m_rows.end());

    std::vector<std::size_t> widths;
    for (Row& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) {
            row[i].text = one_line(row[i].text);
            widths[i] = std::max(widths[i], columns_of_text(row[i].text));
        }
    }
    std::string out;
    for (const Row& row : rows) append_row(out, row, widths, paint);
    return out;
}

void Table::print(Terminal& terminal) const { terminal.print(text(terminal.has_color() ? Paint::yes : Paint::no)); }

Color status_color(std::string_view word) {
    const auto* found = std::find_if(k_status_colors.begin(), k_status_colors.end(),
                                     [&](const auto& known) { return known.first == word; });
    return found == k_status_colors.end() ? Color::plain : found->second;
}

Cell status_cell(std::string_view word) { return Cell(word, status_color(word)); }

}  // namespace gitops::cli
