#include "cli/output/error_view.hpp"

#include "cli/output/columns.hpp"
#include "cli/output/terminal.hpp"

namespace gitops::cli {

namespace {

using base::Place;
using doc::Value;

std::string place_text(const Place& place) {
    std::string text = place.file.empty() ? "line " : place.file;
    if (place.line > 0) {
        if (!place.file.empty()) text += ":";
        text += std::to_string(place.line);
        if (place.column > 0) text += ":" + std::to_string(place.column);
    }
    return text;
}

std::string quoted_list(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
        text += '"' + names[i] + '"';
    }
    return text;
}

/// Control characters out; the lines of a message are kept and indented.
std::string clean(std::string_view text) {
    std::string result;
    while (true) {
        const auto end = text.find('\n');
        result += one_line(text.substr(0, end));
        if (end == std::string_view::npos || end + 1 == text.size()) return result;
        result += "\n    ";
        text.remove_prefix(end + 1);
    }
}

Value text_or_null(const std::string& text) { return text.empty() ? Value() : Value(text); }

Value text_list(const std::vector<std::string>& texts) { return Value::list({texts.begin(), texts.end()}); }

Value place_value(const Place& place) {
    if (place.file.empty() && place.line == 0) return {};
    return Value::map({{"file", text_or_null(place.file)},
                       {"line", place.line > 0 ? Value(place.line) : Value()},
                       {"column", place.column > 0 ? Value(place.column) : Value()}});
}

}  // namespace

std::string error_text(const base::Error& error, Paint paint) {
    const auto colored = [&](Color color, std::string_view word) {
        return paint == Paint::yes ? painted(color, word) : std::string(word);
    };
    std::string text = colored(Color::red, "error:") + " " + clean(error.message()) + "\n";
    const Place& place = error.place();
    if (!place.file.empty() || place.line > 0) text += "  at " + clean(place_text(place)) + "\n";
    for (const std::string& note : error.notes()) text += "  " + clean(note) + "\n";
    if (!error.suggestions().empty()) text += "  did you mean " + clean(quoted_list(error.suggestions())) + "?\n";
    if (!error.hint_text().empty()) text += "  " + colored(Color::cyan, "hint:") + " " + clean(error.hint_text()) + "\n";
    return text;
}

Value error_value(const base::Error& error) {
    return Value::map({{"code", base::code_name(error.code())},
                       {"message", error.message()},
                       {"place", place_value(error.place())},
                       {"notes", text_list(error.notes())},
                       {"suggestions", text_list(error.suggestions())},
                       {"hint", text_or_null(error.hint_text())}});
}

void print_error(const base::Error& error) noexcept {
    try {
        write_stderr(error_text(error, stderr_takes_color() ? Paint::yes : Paint::no));
    } catch (...) {
        write_stderr("error: out of memory\n");
    }
}

}  // namespace gitops::cli
