#include "core/sources/policy.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "core/base/error.hpp"
#include "core/base/glob.hpp"
#include "core/base/text.hpp"

namespace gitops::sources {

namespace {

using base::Code;
using base::Error;

constexpr std::size_t k_longest_line = 2048;
constexpr std::array<std::string_view, 6> k_actions{"get", "create", "update", "delete", "sync", "override"};
constexpr std::array<std::string_view, 3> k_fine_actions{"action/", "update/", "delete/"};

[[noreturn]] void wrong(std::string_view line, const std::string& why) {
    Error error(Code::invalid, "the policy \"" + std::string(line.substr(0, 200)) + "\" " + why);
    error.hint("the form is: p, proj:PROJECT:ROLE, RESOURCE, ACTION, PROJECT/OBJECT, allow|deny");
    throw error;
}

bool matches(const std::string& pattern, const std::string& text) {
    return base::glob_match(pattern, text, base::GlobMode::name);
}

std::string subject_of(std::string_view project, std::string_view role) {
    return "proj:" + std::string(project) + ":" + std::string(role);
}

bool is_alnum(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

}  // namespace

const std::vector<std::string>& policy_resources() {
    static const std::vector<std::string> names{"applications", "applicationsets", "clusters", "exec", "logs", "repositories"};
    return names;
}

bool is_policy_action(std::string_view action) {
    return action == "*" || std::ranges::find(k_actions, action) != k_actions.end() ||
           std::ranges::any_of(k_fine_actions, [&](std::string_view begin) { return action.starts_with(begin); });
}

void require_role_name(std::string_view name) {
    const bool legal = !name.empty() && name.size() <= 253 && is_alnum(name.front()) && is_alnum(name.back()) &&
                       std::ranges::all_of(name, [](char c) { return is_alnum(c) || c == '-' || c == '_'; });
    if (legal) return;
    Error error(Code::invalid, "the role name \"" + std::string(name.substr(0, 80)) + "\" is not valid");
    error.hint("use letters, digits, '-' and '_', with a letter or digit at both ends");
    throw error;
}

PolicyRule read_policy(std::string_view line, std::string_view project, std::string_view role) {
    if (line.size() > k_longest_line) wrong(line, "is too long");
    std::vector<std::string> parts;
    for (const auto part : base::split(line, ',')) parts.emplace_back(base::trim(part));
    if (parts.size() != 6 || parts[0] != "p") wrong(line, "has not the six parts of a policy");
    if (parts[1] != subject_of(project, role))
        wrong(line, "is of a role of this project, so its subject has to be " + subject_of(project, role));
    const auto& resources = policy_resources();
    if (std::ranges::find(resources, parts[2]) == resources.end())
        wrong(line, "names the resource \"" + parts[2] + "\"; a project has " + base::join(resources, ", "));
    if (!is_policy_action(parts[3])) wrong(line, "names the action \"" + parts[3] + "\", which there is not");
    const std::string own = std::string(project) + "/";
    if (!parts[4].starts_with(own) || parts[4].size() == own.size())
        wrong(line, "speaks of \"" + parts[4] + "\"; its object has to begin with " + own);
    if (parts[5] != "allow" && parts[5] != "deny") wrong(line, "ends with \"" + parts[5] + "\", neither allow nor deny");
    return {base::join(parts, ", "), parts[2], parts[3], parts[4], parts[5] == "allow"};
}

std::vector<const Role*> roles_of(const std::vector<Role>& roles, std::string_view project, std::string_view subject) {
    std::vector<const Role*> found;
    for (const auto& role : roles) {
        const bool named = subject == role.name || subject == subject_of(project, role.name);
        if (named || std::ranges::find(role.groups, subject) != role.groups.end()) found.push_back(&role);
    }
    return found;
}

Ruling decide(const std::vector<Role>& roles, std::string_view project, const Request& request) {
    std::optional<std::string> allowed, denied;
    const auto note = [](std::optional<std::string>& first, const std::string& text) {
        if (!first || text < *first) first = text;
    };
    for (const auto* role : roles_of(roles, project, request.subject)) {
        // Whoever has a role may look at its project.
        if (request.resource == "projects" && request.action == "get" && request.object == project)
            note(allowed, "p, " + subject_of(project, role->name) + ", projects, get, " + std::string(project) + ", allow");
        for (const auto& rule : role->rules) {
            if (!matches(rule.resource, request.resource) || !matches(rule.action, request.action) ||
                !matches(rule.object, request.object))
                continue;
            note(rule.allows ? allowed : denied, rule.text);
        }
    }
    if (denied) return {false, *denied};
    if (allowed) return {true, *allowed};
    return {false, ""};
}

}  // namespace gitops::sources
