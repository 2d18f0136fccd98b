// Tables of measurements over time; declared in replay.hpp.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <map>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/json.hpp"
#include "core/rollout/played_value.hpp"
#include "core/rollout/replay/replay.hpp"

namespace gitops::rollout {

namespace {

using base::Code;
using base::Duration;
using base::Error;
using doc::Value;

constexpr std::string_view k_time = "time";
constexpr std::size_t k_most_columns = 1000;
constexpr std::size_t k_most_cells = 4'000'000;
constexpr double k_longest_seconds = 1e9;
constexpr std::size_t k_shown = 60;  ///< bytes of a cell in a message

enum class Axis { since_start, clock };

struct Stamp {
    Axis axis;
    std::int64_t millis;
};

std::optional<Stamp> stamp_of(std::string_view text) {
    text = base::trim(text);
    if (const auto time = base::parse_rfc3339(text)) return Stamp{Axis::clock, time->time_since_epoch().count()};
    double seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error == std::errc() && end == text.data() + text.size()) {
        if (!(seconds >= 0 && seconds <= k_longest_seconds)) return std::nullopt;
        return Stamp{Axis::since_start, std::llround(seconds * 1000)};
    }
    try {
        const Duration span = base::parse_duration(text);
        return span < Duration(0) ? std::nullopt : std::optional(Stamp{Axis::since_start, span.count()});
    } catch (const Error&) {
        return std::nullopt;
    }
}

struct Table {
    std::string file;
    std::vector<std::string> metrics{};
    std::map<std::string, std::size_t, std::less<>> column{};  ///< of a metric
    std::optional<Axis> axis{};
    std::vector<std::int64_t> times{};
    std::vector<std::vector<PlayedValue>> rows{};  ///< one value per metric

    Error wrong(int line, std::string_view message) const {
        Error error(Code::invalid, message);
        error.at({file, line, 0});
        return error;
    }

    void start_row(std::string_view time, int line) {
        const auto stamp = stamp_of(time);
        if (!stamp) {
            auto error = wrong(line, "\"" + std::string(time.substr(0, k_shown)) + "\" is no time");
            throw error.hint("write seconds or a duration since the start of the run (90, 1m30s), or RFC 3339");
        }
        if (axis && *axis != stamp->axis) throw wrong(line, "times since the start and times of the clock are mixed");
        if (!times.empty() && stamp->millis < times.back()) throw wrong(line, "the time goes back");
        if ((rows.size() + 1) * (metrics.size() + 1) > k_most_cells)
            throw wrong(line, "the table has more than " + std::to_string(k_most_cells) + " cells");
        axis = stamp->axis;
        times.push_back(stamp->millis);
        rows.emplace_back(metrics.size(), PlayedValue{Reading::Kind::no_data, 0, line});
    }

    void fill(std::size_t metric, std::optional<PlayedValue> value, std::string_view shown, int line) {
        if (!value) {
            auto error = wrong(line, "\"" + std::string(shown.substr(0, k_shown)) + "\" is no value of " + metrics[metric]);
            throw error.hint("a cell is a number, empty for no data, NaN or unreachable");
        }
        value->line = line;
        rows.back()[metric] = *value;
    }
};

class TableMetrics final : public MetricsProvider {
  public:
    explicit TableMetrics(Table table) : m_table(std::move(table)) {}

    Reading read(const MetricRequest& request, std::stop_token stop) override {
        if (stop.stop_requested()) throw Error(Code::cancelled, "stopped");
        const auto column = m_table.column.find(request.name);
        if (column == m_table.column.end()) return unknown_metric(request.name, m_table.metrics, m_table.file);
        const bool by_clock = m_table.axis == Axis::clock;
        const std::int64_t now = by_clock ? request.moment.at.time_since_epoch().count() : request.moment.since_start.count();
        const auto next = std::ranges::upper_bound(m_table.times, now);
        if (next == m_table.times.begin()) return {Reading::Kind::no_data, 0, m_table.file + " begins later"};
        const auto row = static_cast<std::size_t>(next - m_table.times.begin()) - 1;
        return reading_of(m_table.rows[row][column->second], m_table.file);
    }

  private:
    Table m_table;
};

void add_metric(Table& table, std::string_view name, int line) {
    const std::string metric(base::trim(name));
    if (metric.empty()) throw table.wrong(line, "a column has no name");
    if (table.column.contains(metric))
        throw table.wrong(line, "two columns are named " + metric.substr(0, k_shown));
    if (table.metrics.size() == k_most_columns)
        throw table.wrong(line, "the table has more than " + std::to_string(k_most_columns) + " columns");
    table.column.emplace(metric, table.metrics.size());
    table.metrics.push_back(metric);
}

/// Cells of RFC 4180, one record after the other.
class CsvReader {
  public:
    explicit CsvReader(std::string_view text) : m_text(text) {
        if (m_text.starts_with("\xEF\xBB\xBF")) m_text.remove_prefix(3);
    }

    /// The next record that is neither blank nor a comment (#); false at the end.
    bool next(std::vector<std::string>& cells, const Table& table) {
        while (m_at < m_text.size()) {
            const auto end = std::min(m_text.find('\n', m_at), m_text.size());
            const auto line = base::trim(m_text.substr(m_at, end - m_at));
            if (!line.empty() && line.front() != '#') break;
            m_at = std::min(end + 1, m_text.size());
            ++m_line;
        }
        if (m_at == m_text.size()) return false;
        m_record_line = m_line;
        cells.clear();
        do cells.push_back(cell(table));
        while (take(','));
        if (take('\r') && m_at < m_text.size() && m_text[m_at] != '\n') throw table.wrong(m_line, "a lone carriage return");
        if (m_at < m_text.size() && !take('\n')) throw table.wrong(m_line, "expected a comma after the closing quote");
        ++m_line;
        return true;
    }
    int line() const { return m_record_line; }  ///< where the record begins

  private:
    bool take(char c) {
        if (m_at >= m_text.size() || m_text[m_at] != c) return false;
        ++m_at;
        return true;
    }

    std::string cell(const Table& table) {
        if (!take('"')) {
            const auto end = std::min(m_text.find_first_of(",\r\n", m_at), m_text.size());
            std::string plain(m_text.substr(m_at, end - m_at));
            m_at = end;
            return plain;
        }
        std::string quoted;
        while (m_at < m_text.size()) {
            const char c = m_text[m_at++];
            if (c == '"' && !take('"')) return quoted;
            if (c == '\n') ++m_line;
            quoted += c;
        }
        throw table.wrong(m_record_line, "a quote is never closed");
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    int m_line = 1;
    int m_record_line = 1;
};

Table read_csv(std::string_view text, const std::string& file) {
    Table table{file};
    CsvReader reader(text);
    std::vector<std::string> cells;
    if (!reader.next(cells, table)) throw table.wrong(0, "the table is empty");
    std::optional<std::size_t> time_column;
    std::vector<std::size_t> metric_of;  ///< of a column
    for (std::size_t i = 0; i < cells.size(); ++i) {
        metric_of.push_back(table.metrics.size());
        if (base::trim(cells[i]) != k_time) add_metric(table, cells[i], reader.line());
        else if (time_column) throw table.wrong(reader.line(), "two columns are named time");
        else time_column = i;
    }
    if (!time_column) throw table.wrong(reader.line(), "there is no column named time").hint("the first line names the columns");
    const std::size_t columns = cells.size();
    while (reader.next(cells, table)) {
        if (cells.size() != columns)
            throw table.wrong(reader.line(),
                              "expected " + base::count_of(columns, "cell") + ", found " + std::to_string(cells.size()));
        table.start_row(cells[*time_column], reader.line());
        for (std::size_t i = 0; i < columns; ++i)
            if (i != *time_column) table.fill(metric_of[i], played_text(cells[i]), cells[i], reader.line());
    }
    return table;
}

Table read_json_table(std::string_view text, const std::string& file) {
    Table table{file};
    const Value document = doc::read_json(text, file);
    if (!document.is_list()) throw table.wrong(1, "expected a list of maps").hint("[{\"time\": 0, \"accuracy\": 99.1}, ...]");
    for (const Value& row : document.items())
        for (const auto& entry : row.entries())
            if (entry.name() != k_time && !table.column.contains(base::trim(entry.name())))
                add_metric(table, entry.name(), static_cast<int>(row.line()));
    for (const Value& row : document.items()) {
        const int line = static_cast<int>(row.line());
        const Value* time = row.find(k_time);
        if (time == nullptr || !(time->is_number() || time->is_string())) throw table.wrong(line, "a row has no time");
        table.start_row(time->text(), line);
        for (const auto& entry : row.entries()) {
            if (entry.name() == k_time) continue;
            const Value& cell = entry.value;
            const auto shown = cell.is_scalar() ? cell.text() : doc::kind_name(cell.kind());
            table.fill(table.column.find(base::trim(entry.name()))->second, played_node(cell), shown, static_cast<int>(cell.line()));
        }
    }
    return table;
}

}  // namespace

std::unique_ptr<MetricsProvider> play_back(std::string_view text, const std::string& file) {
    const auto start = base::trim(text.substr(0, 4096));
    const bool is_json = start.starts_with('[') || start.starts_with('{');
    return std::make_unique<TableMetrics>(is_json ? read_json_table(text, file) : read_csv(text, file));
}

}  // namespace gitops::rollout
