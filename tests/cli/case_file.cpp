#include "tests/cli/case_file.hpp"

#include <algorithm>
#include <stdexcept>

namespace gitops::test {

namespace {

constexpr std::string_view k_fixture = "--- file ";
constexpr std::string_view k_fixture_end = "--- end";
constexpr std::string_view k_need = "@ needs ";
constexpr std::string_view k_no_line_break = "<no line break>";

class Parser {
  public:
    explicit Parser(std::string_view text) : m_lines(lines_of(text)) {}

    std::vector<Block> run() {
        while (m_at < m_lines.size()) block();
        return std::move(m_blocks);
    }

  private:
    [[noreturn]] void fail(std::size_t at, std::string_view sentence) const {
        throw std::runtime_error("line " + std::to_string(at + 1) + ": " + std::string(sentence));
    }

    Step& last_step() {
        if (m_blocks.empty() || !std::holds_alternative<Step>(m_blocks.back())) fail(m_at, "no command stands above this answer");
        return std::get<Step>(m_blocks.back());
    }

    void block() {
        const std::string& line = m_lines[m_at];
        if (line.empty() || line.starts_with('#')) {
            m_blocks.emplace_back(Remark{line});
        } else if (line.starts_with(k_fixture)) {
            return fixture(line.substr(k_fixture.size()));
        } else if (line.starts_with(k_need)) {
            m_blocks.emplace_back(Need{line.substr(k_need.size())});
        } else if (line.starts_with("$ ")) {
            return step();
        } else if (line == ">" || line.starts_with("> ")) {
            last_step().expected.out.push_back(line.substr(std::min<std::size_t>(2, line.size())));
        } else if (line == "!" || line.starts_with("! ")) {
            last_step().expected.err.push_back(line.substr(std::min<std::size_t>(2, line.size())));
        } else if (line.starts_with("? ")) {
            last_step().expected.status = std::stoi(line.substr(2));
        } else {
            fail(m_at, "expected a line beginning with #, $, >, !, ?, '@ needs' or '--- file': " + line);
        }
        ++m_at;
    }

    void fixture(const std::string& name) {
        const std::size_t start = m_at++;
        Fixture result{name, {}};
        while (m_at < m_lines.size() && m_lines[m_at] != k_fixture_end) result.text += m_lines[m_at++] + "\n";
        if (m_at++ == m_lines.size()) fail(start, "this file has no '--- end'");
        m_blocks.emplace_back(std::move(result));
    }

    void step() {
        Step result{static_cast<int>(m_at) + 1, m_lines[m_at].substr(2), {}};
        while (m_lines[m_at++].ends_with('\\') && m_at < m_lines.size()) result.command += "\n" + m_lines[m_at];
        m_blocks.emplace_back(std::move(result));
    }

    std::vector<std::string> m_lines;
    std::size_t m_at = 0;
    std::vector<Block> m_blocks;
};

std::string marked(char mark, const std::string& line) {
    return line.empty() ? std::string(1, mark) + "\n" : std::string(1, mark) + " " + line + "\n";
}

struct Writer {
    std::string operator()(const Remark& remark) const { return remark.line + "\n"; }
    std::string operator()(const Need& need) const { return std::string(k_need) + need.tool + "\n"; }
    std::string operator()(const Fixture& fixture) const {
        return std::string(k_fixture) + fixture.name + "\n" + fixture.text + std::string(k_fixture_end) + "\n";
    }
    std::string operator()(const Step& step) const { return "$ " + step.command + "\n" + answer(step.expected); }

    static std::string answer(const Answer& answer) {
        std::string text;
        for (const std::string& line : answer.out) text += marked('>', line);
        for (const std::string& line : answer.err) text += marked('!', line);
        if (answer.status != 0) text += "? " + std::to_string(answer.status) + "\n";
        return text;
    }
};

}  // namespace

std::vector<Block> parse_case(std::string_view text) { return Parser(text).run(); }

std::string write_case(const std::vector<Block>& blocks) {
    std::string text;
    for (const Block& block : blocks) text += std::visit(Writer{}, block);
    return text;
}

std::vector<std::string> lines_of(std::string_view output) {
    std::vector<std::string> lines;
    while (!output.empty()) {
        const auto end = output.find('\n');
        lines.emplace_back(output.substr(0, end));
        if (end == std::string_view::npos) {
            lines.back() += k_no_line_break;
            break;
        }
        output.remove_prefix(end + 1);
    }
    return lines;
}

std::string difference(const Answer& expected, const Answer& found) {
    const auto before = lines_of(Writer::answer(expected));
    const auto after = lines_of(Writer::answer(found));
    const std::size_t shorter = std::min(before.size(), after.size());
    std::size_t head = 0;
    while (head < shorter && before[head] == after[head]) ++head;
    std::size_t tail = 0;
    while (tail < shorter - head && before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) ++tail;
    std::string text;
    for (std::size_t i = 0; i < head; ++i) text += "    " + before[i] + "\n";
    for (std::size_t i = head; i < before.size() - tail; ++i) text += "  - " + before[i] + "\n";
    for (std::size_t i = head; i < after.size() - tail; ++i) text += "  + " + after[i] + "\n";
    for (std::size_t i = before.size() - tail; i < before.size(); ++i) text += "    " + before[i] + "\n";
    return text;
}

}  // namespace gitops::test
