#include "core/templates/fast_template.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/templates/go_print.hpp"

namespace gitops::templates {

namespace {

/// Whether some line of the text has "{{" and later "}}": others are no templates, whatever braces they hold.
bool has_blank(std::string_view text) {
    for (std::size_t open = text.find("{{"); open != std::string_view::npos; open = text.find("{{", open)) {
        const std::size_t end = std::min(text.find('\n', open), text.size());
        if (text.substr(open + 2, end - open - 2).find("}}") != std::string_view::npos) return true;
        open = end;
    }
    return false;
}

}  // namespace

std::string fill_text(std::string_view text, const Datum& parameters) {
    if (!has_blank(text)) return std::string(text);
    std::string out;
    while (true) {
        const std::size_t open = text.find("{{");
        out += text.substr(0, open);
        if (open == std::string_view::npos) return out;
        const std::size_t close = text.find("}}", open + 2);
        if (close == std::string_view::npos)
            throw base::Error(base::Code::invalid, "\"{{\" without \"}}\" in " + go_quote(text.substr(open, 40)));
        const Datum* found = parameters.find(base::trim(text.substr(open + 2, close - open - 2)));
        if (found == nullptr) out += text.substr(open, close + 2 - open);
        else go_text(*found, out);
        text.remove_prefix(close + 2);
    }
}

}  // namespace gitops::templates
