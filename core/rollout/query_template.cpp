#include "core/rollout/query_template.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "core/base/text.hpp"

namespace gitops::rollout {

namespace {

using base::Code;
using base::Error;

constexpr std::string_view k_open = "{{", k_close = "}}";
constexpr std::string_view k_blanks = " \t\r\n";
constexpr std::size_t k_longest_query = 1U << 20;  ///< bytes, filled in
constexpr std::size_t k_shown = 80;                ///< bytes of an action in a message

bool is_blank(char c) { return k_blanks.find(c) != k_blanks.npos; }
bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
bool is_name(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_word); }

std::string_view trimmed_end(std::string_view text) {
    const auto last = text.find_last_not_of(k_blanks);
    return last == text.npos ? std::string_view() : text.substr(0, last + 1);
}

std::vector<std::string> keys_of(const std::map<std::string, std::string>& map) {
    std::vector<std::string> keys;
    for (const auto& [key, text] : map) keys.push_back(key);
    return keys;
}

/// What a Go string literal means; nullopt when `text` is not one.
std::optional<std::string> literal(std::string_view text) {
    if (text.size() < 2 || (text.front() != '"' && text.front() != '`') || text.back() != text.front()) return std::nullopt;
    const bool is_raw = text.front() == '`';
    text = text.substr(1, text.size() - 2);
    std::string meant;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"' && !is_raw) return std::nullopt;
        if (text[i] == '`' && is_raw) return std::nullopt;
        if (text[i] != '\\' || is_raw) {
            meant += text[i];
            continue;
        }
        if (++i == text.size()) return std::nullopt;
        switch (text[i]) {
            case 'n': meant += '\n'; break;
            case 't': meant += '\t'; break;
            case '"':
            case '\\': meant += text[i]; break;
            default: return std::nullopt;
        }
    }
    return meant;
}

class Filler {
  public:
    Filler(std::string_view text, const QueryWords& words, const base::Place& first_line)
        : m_text(text), m_words(words), m_first_line(first_line) {}

    std::string run() {
        bool trims_start = false;
        while (true) {
            const auto open = m_text.find(k_open, m_at);
            std::string_view plain = m_text.substr(m_at, open == m_text.npos ? m_text.npos : open - m_at);
            if (trims_start) plain.remove_prefix(std::min(plain.find_first_not_of(k_blanks), plain.size()));
            if (open == m_text.npos) {
                add(plain);
                return std::move(m_out);
            }
            m_action_at = open;
            m_at = open + k_open.size();
            const bool trims_end = m_at + 1 < m_text.size() && m_text[m_at] == '-' && is_blank(m_text[m_at + 1]);
            if (trims_end) m_at += 2;
            add(trims_end ? trimmed_end(plain) : plain);
            std::string_view action = take_action();
            trims_start = action.size() >= 2 && action.back() == '-' && is_blank(action[action.size() - 2]);
            if (trims_start) action.remove_suffix(1);
            action = base::trim(action);
            if (!is_comment(action)) add(value_of(action));
        }
    }

  private:
    void add(std::string_view more) {
        if (more.size() > k_longest_query - m_out.size()) throw wrong("the query is longer than a megabyte");
        m_out += more;
    }

    static bool is_comment(std::string_view action) {
        return action.size() >= 4 && action.starts_with("/*") && action.ends_with("*/");
    }

    /// What stands between the braces; quoted text and comments may hold braces themselves.
    std::string_view take_action() {
        const std::size_t from = m_at;
        const auto start = std::min(m_text.find_first_not_of(k_blanks, from), m_text.size());
        if (m_text.substr(start).starts_with("/*")) m_at = std::min(m_text.find("*/", start), m_text.size());
        char quote = '\0';
        for (; m_at < m_text.size(); ++m_at) {
            const char c = m_text[m_at];
            if (quote == '"' && c == '\\') ++m_at;
            else if (quote != '\0') quote = c == quote ? '\0' : quote;
            else if (c == '"' || c == '`') quote = c;
            else if (m_text.substr(m_at).starts_with(k_close)) {
                m_at += k_close.size();
                return m_text.substr(from, m_at - k_close.size() - from);
            }
        }
        throw wrong("{{ is never closed by }}");
    }

    std::string value_of(std::string_view action) const {
        if (auto text = literal(action)) return *text;
        const auto function = m_words.functions.find(std::string(action));
        if (function != m_words.functions.end()) return function->second;
        constexpr std::string_view k_member = "variables.", k_index = "index ";
        if (action.starts_with(k_member)) {
            const auto key = action.substr(k_member.size());
            if (is_name(key)) return variable(key);
        }
        if (action.starts_with(k_index)) {
            const auto rest = base::trim(action.substr(k_index.size()));
            constexpr std::string_view k_map = "variables ";
            if (const auto key = rest.starts_with(k_map) ? literal(base::trim(rest.substr(k_map.size()))) : std::nullopt)
                return variable(*key);
        }
        throw unknown(action);
    }

    std::string variable(std::string_view key) const {
        if (const auto found = m_words.variables.find(std::string(key)); found != m_words.variables.end()) return found->second;
        Error error = wrong("there is no variable \"" + std::string(key.substr(0, k_shown)) + "\"");
        error.suggest(base::near_names(key, keys_of(m_words.variables)));
        error.hint("set it under templateVariables of the metric");
        throw error;
    }

    Error unknown(std::string_view action) const {
        const std::string shown(action.substr(0, k_shown));
        if (action.empty()) return wrong("{{ }} says nothing");
        Error error = wrong("{{ " + shown + " }} cannot be filled in");
        auto names = keys_of(m_words.functions);
        error.suggest(base::near_names(action, names));
        names.emplace_back("variables.KEY");
        if (action.starts_with(".Variables.") || action.starts_with(".variables."))
            error.hint("write {{ variables" + shown.substr(10) + " }}: there is no dot before variables");
        else error.hint("known are " + base::join(names, ", ") + "; pipes and other functions are not");
        return error;
    }

    Error wrong(std::string_view message) const {
        Error error(Code::invalid, message);
        const auto lines = std::count(m_text.begin(), m_text.begin() + static_cast<std::ptrdiff_t>(m_action_at), '\n');
        const int line = m_first_line.line == 0 ? 0 : m_first_line.line + static_cast<int>(lines);
        if (!m_first_line.file.empty()) error.at({m_first_line.file, line, 0});
        return error;
    }

    std::string_view m_text;
    const QueryWords& m_words;
    const base::Place& m_first_line;
    std::size_t m_at = 0;
    std::size_t m_action_at = 0;
    std::string m_out;
};

}  // namespace

std::string fill_template(std::string_view text, const QueryWords& words, const base::Place& first_line) {
    return Filler(text, words, first_line).run();
}

std::string on_one_line(std::string_view text) {
    std::string line;
    for (const char c : text) {
        const bool blank = is_blank(c) || c == '\v' || c == '\f';
        if (blank && (line.empty() || line.back() == ' ')) continue;
        line += blank ? ' ' : c;
    }
    if (line.ends_with(' ')) line.pop_back();
    return line;
}

}  // namespace gitops::rollout
