// AppProject says what the applications of a team may do: which repositories they come from, where they go, what they
// are made of, who may act on them and when.
//
// Overview of core/sources: documents of Argo CD other than Application, read and evaluated purely. Of a project this
// file is the reading, app_project_rules.hpp what it permits, policy.hpp its roles, sync_window.hpp (on cron.hpp and
// time_zone.hpp) its hours. Every evaluation is a function of the document and of what it is asked; the order of rules
// never matters.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/doc/value.hpp"
#include "core/sources/policy.hpp"
#include "core/sources/sync_window.hpp"

namespace gitops::sources {

inline constexpr std::string_view k_default_project = "default";

/// One entry of spec.destinations: globs, each possibly with a leading '!'. An empty one is absent.
struct DestinationRule {
    std::string server, name, ns;
};

/// Kinds by globs; `name` is a glob for objects, "" for all of them.
struct ResourceRule {
    std::string group, kind, name;
};

struct OrphanedResources {
    bool warn = true;
    std::vector<ResourceRule> ignore;
};

struct AppProject {
    doc::Value document;
    std::string name;
    std::string description;
    std::vector<std::string> source_repos;
    std::vector<DestinationRule> destinations;
    std::vector<ResourceRule> cluster_allowed;                  ///< empty: nothing cluster-scoped
    std::vector<ResourceRule> cluster_denied;
    std::optional<std::vector<ResourceRule>> namespaced_allowed;  ///< absent: everything; empty: nothing
    std::vector<ResourceRule> namespaced_denied;
    std::vector<Role> roles;
    std::vector<SyncWindow> windows;
    std::optional<OrphanedResources> orphaned;
    std::vector<std::string> source_namespaces;
    /// What the project demands and this version cannot do: an application of it can be neither compared nor synced.
    std::optional<std::string> unmet;
};

/// What equal entries of a list are: an error, as for Argo CD's server, or a warning where the project is registered already.
enum class EqualEntries { refuse, warn };

/// Reads an `AppProject` of argoproj.io/v1alpha1; "[]" and an absent list are told apart. Error(invalid) with file:line
/// for rules that could never mean what they say ("!*", a role's policy of another project, a cron line nobody can
/// read). Fields without effect are told in `warnings`.
AppProject read_project(const doc::Value& document, const std::string& file, std::vector<std::string>& warnings,
                        EqualEntries equal_entries = EqualEntries::refuse);

/// The project every application belongs to that names none: it permits everything.
doc::Value default_project_document();
/// A project that permits nothing yet.
doc::Value new_project_document(std::string_view name);

}  // namespace gitops::sources
