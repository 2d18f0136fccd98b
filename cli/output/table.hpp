// A table as kubectl prints it: titles in capitals, columns three blanks apart, nothing behind the last one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/output/terminal.hpp"

namespace gitops::cli {

struct Cell {
    Cell(std::string_view cell_text, Color cell_color = Color::plain) : text(cell_text), color(cell_color) {}
    Cell(const std::string& cell_text, Color cell_color = Color::plain) : text(cell_text), color(cell_color) {}
    Cell(const char* cell_text, Color cell_color = Color::plain) : text(cell_text), color(cell_color) {}

    std::string text;  ///< shown on one line, without control characters
    Color color;
};

enum class Paint { no, yes };

class Table {
  public:
    /// Without titles it is a list of aligned columns.
    explicit Table(std::vector<std::string> titles = {}) : m_titles(std::move(titles)) {}

    /// A row may be shorter than the titles.
    void add(std::vector<Cell> row) { m_rows.push_back(std::move(row)); }
    /// For rows made elsewhere.
    void add_plain(const std::vector<std::string>& row) { m_rows.emplace_back(row.begin(), row.end()); }

    bool empty() const { return m_rows.empty(); }
    std::string text(Paint paint = Paint::no) const;
    void print(Terminal& terminal) const;

  private:
    std::vector<std::string> m_titles;
    std::vector<std::vector<Cell>> m_rows;
};

/// The color a status or health word is shown in: "Synced" green, "OutOfSync" yellow, "Degraded" red, ...
Color status_color(std::string_view word);
/// The word as a cell in its color.
Cell status_cell(std::string_view word);

}  // namespace gitops::cli
