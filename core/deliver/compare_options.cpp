#include "core/deliver/compare_options.hpp"

#include <algorithm>
#include <array>

#include "core/base/text.hpp"
#include "core/deliver/unknown_entry.hpp"

namespace gitops::deliver {
namespace {

struct Known {
    std::string_view entry;
    void (*set)(CompareOptions&);
};
constexpr std::array k_known = {
    Known{"IgnoreExtraneous", [](CompareOptions& o) { o.ignore_extraneous = true; }},
    Known{"ServerSideDiff=true", [](CompareOptions& o) { o.server_side = true; }},
    Known{"ServerSideDiff=false", [](CompareOptions& o) { o.server_side = false; }},
    Known{"IncludeMutationWebhook=true", [](CompareOptions& o) { o.include_mutation_webhook = true; }},
    Known{"IncludeMutationWebhook=false", [](CompareOptions&) {}},
};

template <class Found, class Unknown>
void read_entries(std::string_view annotation, const Found& found, const Unknown& unknown) {
    for (const auto part : base::split(annotation, ',')) {
        const auto entry = base::trim(part);
        if (entry.empty()) continue;
        const auto known = std::ranges::find(k_known, entry, &Known::entry);
        if (known != k_known.end()) found(*known);
        else unknown(entry);
    }
}

}  // namespace

CompareOptions read_compare_options(std::string_view annotation) {
    CompareOptions options;
    read_entries(annotation, [&](const Known& known) { known.set(options); }, [](std::string_view) {});
    return options;
}

std::vector<std::string> unknown_compare_options(std::string_view annotation) {
    std::vector<std::string> names, warnings;
    for (const auto& known : k_known) names.emplace_back(known.entry);
    read_entries(annotation, [](const Known&) {},
                 [&](std::string_view entry) { warnings.push_back(unknown_entry("compare option", entry, names)); });
    return warnings;
}

}  // namespace gitops::deliver
