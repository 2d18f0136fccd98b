#include "core/sources/policy.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <string>

#include "core/base/error.hpp"

using namespace gitops;
using sources::Role;

namespace {

Role role(const std::string& name, const std::vector<std::string>& lines, std::vector<std::string> groups = {}) {
    Role role;
    role.name = name;
    for (const auto& line : lines) role.rules.push_back(sources::read_policy("p, proj:team:" + name + ", " + line, "team", name));
    role.groups = std::move(groups);
    return role;
}

/// "yes: LINE", "no: LINE", "no"
std::string told(const std::vector<Role>& roles, const sources::Request& request) {
    const auto ruling = sources::decide(roles, "team", request);
    return std::string(ruling.allowed ? "yes" : "no") + (ruling.rule.empty() ? "" : ": " + ruling.rule);
}

std::string refusal(const std::string& line) {
    try {
        sources::read_policy(line, "team", "dev");
    } catch (const base::Error& error) {
        return error.message();
    }
    return "accepted";
}

const std::vector<Role> k_roles{role("dev", {"applications, get, team/*, allow", "applications, sync, team/dev-*, allow",
                                             "applications, action/*, team/*, allow", "applications, delete, team/*, deny"},
                                     {"developers"}),
                                role("admin", {"applications, *, team/*, allow", "applications, delete, team/prod, deny"}, {"sre"}),
                                role("ci", {"applications, sync, team/*, allow"}, {"developers"})};

}  // namespace

TEST_CASE("a deny beats every allow, and what nobody allows is denied", "[policy]") {
    CHECK(told(k_roles, {"dev", "applications", "get", "team/web"}) == "yes: p, proj:team:dev, applications, get, team/*, allow");
    CHECK(told(k_roles, {"proj:team:dev", "applications", "sync", "team/dev-web"}) ==
          "yes: p, proj:team:dev, applications, sync, team/dev-*, allow");
    CHECK(told(k_roles, {"dev", "applications", "sync", "team/prod"}) == "no");
    CHECK(told(k_roles, {"dev", "applications", "delete", "team/web"}) == "no: p, proj:team:dev, applications, delete, team/*, deny");
    CHECK(told(k_roles, {"dev", "applications", "action/apps/Deployment/restart", "team/web"}) ==
          "yes: p, proj:team:dev, applications, action/*, team/*, allow");
    CHECK(told(k_roles, {"admin", "applications", "delete", "team/web"}) == "yes: p, proj:team:admin, applications, *, team/*, allow");
    CHECK(told(k_roles, {"admin", "applications", "delete", "team/prod"}) ==
          "no: p, proj:team:admin, applications, delete, team/prod, deny");
    CHECK(told(k_roles, {"admin", "logs", "get", "team/web"}) == "no");
    CHECK(told(k_roles, {"admin", "applications", "get", "other/web"}) == "no");
    CHECK(told(k_roles, {"nobody", "applications", "get", "team/web"}) == "no");
    CHECK(told(k_roles, {"dev", "projects", "get", "team"}) == "yes: p, proj:team:dev, projects, get, team, allow");
}

TEST_CASE("a group has every role it is named in, their denials too", "[policy]") {
    CHECK(told(k_roles, {"developers", "applications", "sync", "team/prod"}) == "yes: p, proj:team:ci, applications, sync, team/*, allow");
    CHECK(told(k_roles, {"developers", "applications", "delete", "team/web"}) ==
          "no: p, proj:team:dev, applications, delete, team/*, deny");
    CHECK(told(k_roles, {"sre", "applications", "override", "team/web"}) == "yes: p, proj:team:admin, applications, *, team/*, allow");
}

TEST_CASE("the order of policies and roles is irrelevant", "[policy]") {
    std::mt19937 random(11);
    auto roles = k_roles;
    const sources::Request requests[] = {{"developers", "applications", "delete", "team/dev-a"},
                                         {"developers", "applications", "sync", "team/dev-a"},
                                         {"sre", "applications", "delete", "team/prod"}};
    std::vector<std::string> expected;
    for (const auto& request : requests) expected.push_back(told(roles, request));
    for (int i = 0; i < 20; ++i) {
        std::ranges::shuffle(roles, random);
        for (auto& one : roles) std::ranges::shuffle(one.rules, random);
        std::vector<std::string> now;
        for (const auto& request : requests) now.push_back(told(roles, request));
        CHECK(now == expected);
    }
}

TEST_CASE("lines that are no policy of this role are refused", "[policy]") {
    const auto p = [](const std::string& rest) { return refusal("p, proj:team:dev, " + rest); };
    CHECK(p("applications, get, team/*, allow") == "accepted");
    CHECK(refusal("p,proj:team:dev,logs,get,team/ns/*,deny") == "accepted");
    CHECK(p("applications, update/apps/Deployment/*/web, team/*, allow") == "accepted");
    CHECK(refusal("g, anna, proj:team:dev") == "the policy \"g, anna, proj:team:dev\" has not the six parts of a policy");
    CHECK(p("secrets, get, team/*, allow") ==
          "the policy \"p, proj:team:dev, secrets, get, team/*, allow\" names the resource \"secrets\"; a project has applications, "
          "applicationsets, clusters, exec, logs, repositories");
    CHECK(p("applications, fly, team/*, allow") ==
          "the policy \"p, proj:team:dev, applications, fly, team/*, allow\" names the action \"fly\", which there is not");
    CHECK(p("applications, get, */*, allow") ==
          "the policy \"p, proj:team:dev, applications, get, */*, allow\" speaks of \"*/*\"; its object has to begin with team/");
    CHECK(p("applications, get, team/*, maybe") ==
          "the policy \"p, proj:team:dev, applications, get, team/*, maybe\" ends with \"maybe\", neither allow nor deny");
}
