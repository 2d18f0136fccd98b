#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/text.hpp"
#include "core/deliver/plan.hpp"
#include "core/deliver/unknown_entry.hpp"

namespace gitops::deliver {
namespace {

using Set = void (*)(SyncOptions&);
void keep(SyncOptions&) {}

/// One spelling of an option; Argo CD compares them letter by letter, so "Prune=False" is none.
struct Known {
    std::string_view entry;
    Set set;
    std::string_view warning;  ///< why it does not do what it says; "" when it does
};

constexpr std::array k_known = {
    Known{"CreateNamespace=true", [](SyncOptions& o) { o.create_namespace = true; }, ""},
    Known{"CreateNamespace=false", [](SyncOptions& o) { o.create_namespace = false; }, ""},
    Known{"Validate=true", [](SyncOptions& o) { o.validate = true; }, ""},
    Known{"Validate=false", [](SyncOptions& o) { o.validate = false; }, ""},
    Known{"PruneLast=true", [](SyncOptions& o) { o.prune_last = true; }, ""},
    Known{"PruneLast=false", keep, ""},
    Known{"ApplyOutOfSyncOnly=true", [](SyncOptions& o) { o.apply_out_of_sync_only = true; }, ""},
    Known{"ApplyOutOfSyncOnly=false", keep, ""},
    Known{"Replace=true", [](SyncOptions& o) { o.replace = true; }, ""},
    Known{"Replace=false", keep, ""},
    Known{"Force=true", [](SyncOptions& o) { o.force = true; }, ""},
    Known{"Force=false", keep, ""},
    Known{"ServerSideApply=true", keep, ""},
    Known{"ServerSideApply=false", keep, "has no effect: gitopsctl always applies on the server side"},
    Known{"ClientSideApplyMigration=false", [](SyncOptions& o) { o.client_side = ClientSideFields::leave; }, ""},
    Known{"ClientSideApplyMigration=true", [](SyncOptions& o) { o.client_side = ClientSideFields::adopt; }, ""},
    Known{"FailOnSharedResource=true", [](SyncOptions& o) { o.fail_on_shared_resource = true; }, ""},
    Known{"FailOnSharedResource=false", keep, ""},
    Known{"RespectIgnoreDifferences=true", [](SyncOptions& o) { o.respect_ignore_differences = true; }, ""},
    Known{"RespectIgnoreDifferences=false", [](SyncOptions& o) { o.respect_ignore_differences = false; }, ""},
    Known{"SkipDryRunOnMissingResource=true", [](SyncOptions& o) { o.skip_missing_kind = true; }, ""},
    Known{"SkipDryRunOnMissingResource=false", [](SyncOptions& o) { o.skip_missing_kind = false; }, ""},
    Known{"PrunePropagationPolicy=foreground", [](SyncOptions& o) { o.propagation = kube::Propagation::foreground; }, ""},
    Known{"PrunePropagationPolicy=background", [](SyncOptions& o) { o.propagation = kube::Propagation::background; }, ""},
    Known{"PrunePropagationPolicy=orphan", [](SyncOptions& o) { o.propagation = kube::Propagation::orphan; }, ""},
    Known{"Prune=true", [](SyncOptions& o) { o.prune = true; o.confirm_prune = false; }, ""},
    Known{"Prune=false", [](SyncOptions& o) { o.prune = false; o.confirm_prune = false; }, ""},
    Known{"Prune=confirm", [](SyncOptions& o) { o.prune = true; o.confirm_prune = true; }, ""},
    Known{"Delete=true", [](SyncOptions& o) { o.keep_on_delete = false; o.confirm_delete = false; }, ""},
    Known{"Delete=false", [](SyncOptions& o) { o.keep_on_delete = true; o.confirm_delete = false; }, ""},
    Known{"Delete=confirm", [](SyncOptions& o) { o.keep_on_delete = false; o.confirm_delete = true; }, ""},
};

std::vector<std::string> known_entries() {
    std::vector<std::string> names;
    for (const auto& known : k_known) names.emplace_back(known.entry);
    return names;
}

}  // namespace

kube::UnknownFields unknown_fields_of(const SyncOptions& options) {
    return options.validate ? kube::UnknownFields::refuse : kube::UnknownFields::drop;
}

SyncOptions read_sync_options(SyncOptions base, const std::vector<std::string>& entries,
                              std::vector<std::string>& warnings) {
    for (const auto& raw : entries) {
        const auto entry = base::trim(raw);
        if (entry.empty()) continue;
        const auto known = std::find_if(k_known.begin(), k_known.end(), [&](const Known& k) { return k.entry == entry; });
        if (known == k_known.end()) {
            warnings.push_back(unknown_entry("sync option", entry, known_entries()));
            continue;
        }
        // Argo CD reads no "Replace=false" on a resource: the application's Replace=true stays (argocd.md 1.8).
        if (entry == "Replace=false" && base.replace)
            warnings.emplace_back("sync option \"Replace=false\" does not undo the application's Replace=true");
        if (!known->warning.empty()) warnings.push_back(fmt::format("sync option \"{}\" {}", entry, known->warning));
        known->set(base);
    }
    return base;
}

}  // namespace gitops::deliver
