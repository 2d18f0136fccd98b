// Roles of a project and what they may do, evaluated as Argo CD's Casbin model does: a deny beats every allow, whatever
// their order, and what nobody allows is denied.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gitops::sources {

/// "p, proj:PROJECT:ROLE, RESOURCE, ACTION, PROJECT/OBJECT, allow|deny". Resource, action and object are globs in which
/// '/' is nothing special.
struct PolicyRule {
    std::string text;  ///< with one blank after each comma
    std::string resource, action, object;
    bool allows = false;
};

struct Role {
    std::string name;
    std::string description;
    std::vector<PolicyRule> rules;
    std::vector<std::string> groups;
};

/// Error(invalid) that says which part is wrong: a policy of a role speaks of that role and of its project alone.
PolicyRule read_policy(std::string_view line, std::string_view project, std::string_view role);
/// Error(invalid) unless it is letters, digits, '-' and '_', beginning and ending with a letter or digit.
void require_role_name(std::string_view name);

struct Request {
    std::string subject;  ///< "ROLE", "proj:PROJECT:ROLE" or the name of a group
    std::string resource;
    std::string action;
    std::string object;  ///< "PROJECT/APPLICATION"
};

struct Ruling {
    bool allowed = false;
    std::string rule;  ///< the line that decided; "" when none speaks of it
};

/// Of several lines that decide the same the first by text is named.
Ruling decide(const std::vector<Role>& roles, std::string_view project, const Request& request);
/// The roles that `subject` names or is a group of.
std::vector<const Role*> roles_of(const std::vector<Role>& roles, std::string_view project, std::string_view subject);

/// What Argo CD knows: "applications", ...; "get", ...
const std::vector<std::string>& policy_resources();
bool is_policy_action(std::string_view action);

}  // namespace gitops::sources
