#include "core/deliver/compare_options.hpp"

#include "core/base/text.hpp"

namespace gitops::deliver {

CompareOptions read_compare_options(std::string_view annotation) {
    CompareOptions options;
    for (const auto part : base::split(annotation, ',')) {
        const auto entry = base::trim(part);
        if (entry == "IgnoreExtraneous") options.ignore_extraneous = true;
        if (entry == "ServerSideDiff=true") options.server_side = true;
        if (entry == "ServerSideDiff=false") options.server_side = false;
        if (entry == "IncludeMutationWebhook=true") options.include_mutation_webhook = true;
    }
    return options;
}

}  // namespace gitops::deliver
