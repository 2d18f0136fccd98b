#include "core/deliver/unknown_entry.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace gitops::deliver {

std::string unknown_entry(std::string_view what, std::string_view entry, const std::vector<std::string>& names) {
    auto text = fmt::format("unknown {} \"{}\" does nothing", what, entry);
    std::vector<std::string> quoted;
    for (const auto& name : base::near_names(entry, names)) quoted.push_back(fmt::format("\"{}\"", name));
    if (!quoted.empty()) text += fmt::format("; did you mean {}?", base::join(quoted, " or "));
    return text;
}

}  // namespace gitops::deliver
