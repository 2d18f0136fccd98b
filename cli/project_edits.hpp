// The commands that add one rule to a project or take one out: declared once for each list of rules.
#pragma once

#include "cli/command.hpp"

namespace CLI {
class App;
}

namespace gitops::cli {

enum class RuleEdit { add, remove };
/// PROJECT REPO
Action declare_source_edit(CLI::App& parser, RuleEdit edit);
/// PROJECT CLUSTER NAMESPACE
Action declare_destination_edit(CLI::App& parser, RuleEdit edit);

/// PROJECT GROUP KIND [NAME]: adds to, or removes from, one of the two lists of a scope. The list that is meant without
/// --list is argocd's: allow for the cluster, deny in namespaces.
enum class Verdict { allow, deny };
enum class KindScope { cluster, namespaced };
Action declare_resource_edit(CLI::App& parser, KindScope scope, Verdict verdict);

}  // namespace gitops::cli
