#include "core/sources/app_project.hpp"

#include <algorithm>
#include <set>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/fields_reader.hpp"
#include "core/kube/resource.hpp"
#include "core/sources/app_project_rules.hpp"

namespace gitops::sources {

namespace {

using base::Code;
using base::Error;
using doc::FieldsReader;
using doc::Value;

struct Warnings {
    std::vector<std::string>& texts;
    EqualEntries equal_entries;

    void push_back(std::string text) { texts.push_back(std::move(text)); }
};

constexpr std::size_t k_most_rules = 10'000;
constexpr base::Duration k_longest_window = std::chrono::hours(366 * 24);
constexpr std::size_t k_longest_description = 255;

void warn_unknown(const FieldsReader& reader, Warnings& warnings) {
    for (const auto& name : reader.unknown()) warnings.push_back("unknown field " + name + " has no effect");
}

void require_few(const FieldsReader& reader, std::string_view key, std::size_t count) {
    if (count > k_most_rules) throw reader.error(key, "more than " + std::to_string(k_most_rules) + " entries");
}

/// "!*" would deny everything, which is meant by nobody.
void require_no_total_denial(const FieldsReader& reader, std::string_view key, const std::string& pattern) {
    if (pattern != "!*") return;
    Error error = reader.error(key, "\"!*\" denies everything");
    error.hint("leave the rule out: what no rule allows is denied");
    throw error;
}

/// Argo CD's server refuses equal entries: one of them was meant otherwise, or is left behind when the other is taken away.
class Once {
  public:
    explicit Once(Warnings& warnings) : m_warnings(warnings) {}

    /// `list` is named in the error when the caller does not.
    void require(const std::string& entry, std::string_view list = {}) {
        if (m_seen.insert(entry).second) return;
        const std::string where = list.empty() ? "" : std::string(list) + ": ";
        const std::string message = where + "\"" + entry.substr(0, 200) + "\" is there twice";
        if (m_warnings.equal_entries == EqualEntries::refuse) throw Error(Code::invalid, message);
        m_warnings.push_back(message);
    }

  private:
    Warnings& m_warnings;
    std::set<std::string> m_seen;
};

/// The texts of a list, no two of them equal, each handed to `check`, whose errors get the line of the entry.
template <class Check>
std::vector<std::string> checked_texts(FieldsReader& reader, std::string_view key, const std::string& file, Warnings& warnings,
                                       const Check& check) {
    const Value* list = reader.raw(key);
    auto texts = reader.texts(key);
    require_few(reader, key, texts.size());
    Once once(warnings);
    for (std::size_t i = 0; i < texts.size(); ++i) {
        try {
            check(texts[i]);
            once.require(texts[i], key);
        } catch (Error& error) {
            error.at({file, static_cast<int>(list->items()[i].line()), 0});
            throw;
        }
    }
    return texts;
}

std::vector<DestinationRule> read_destinations(FieldsReader& spec, Warnings& warnings) {
    std::vector<DestinationRule> rules;
    Once once(warnings);
    for (auto& reader : spec.children("destinations")) {
        DestinationRule rule{reader.text("server"), reader.text("name"), reader.text("namespace")};
        for (const auto& [key, pattern] : {std::pair{"server", &rule.server}, {"name", &rule.name}, {"namespace", &rule.ns}})
            require_no_total_denial(reader, key, *pattern);
        if (rule.server.empty() && rule.name.empty()) throw reader.error("server", "a destination has a server or a name");
        if (!rule.server.empty() && !rule.name.empty())
            warnings.push_back("spec.destinations[" + std::to_string(rules.size()) +
                               "] has a server and a name: clusters that meet either of them are permitted");
        try {
            once.require((rule.server.empty() ? "name " + rule.name : "server " + rule.server) + ", namespace " + rule.ns);
        } catch (const Error& error) {
            throw reader.error(rule.server.empty() ? "name" : "server", error.message());
        }
        warn_unknown(reader, warnings);
        rules.push_back(std::move(rule));
    }
    require_few(spec, "destinations", rules.size());
    return rules;
}

std::vector<ResourceRule> read_resources(FieldsReader& spec, std::string_view key, Warnings& warnings) {
    std::vector<ResourceRule> rules;
    for (auto& reader : spec.children(key)) {
        rules.push_back({reader.text("group"), reader.text("kind"), reader.text("name")});
        warn_unknown(reader, warnings);
    }
    require_few(spec, key, rules.size());
    return rules;
}

Role read_role(FieldsReader& reader, const std::string& project, const std::string& file, Warnings& warnings) {
    Role role;
    role.name = reader.text("name");
    try {
        require_role_name(role.name);
    } catch (const Error& problem) {
        Error error = reader.error("name", problem.message());
        error.hint(problem.hint_text());
        throw error;
    }
    role.description = reader.text("description");
    checked_texts(reader, "policies", file, warnings, [&](const std::string& line) { role.rules.push_back(read_policy(line, project, role.name)); });
    role.groups = checked_texts(reader, "groups", file, warnings, [&](const std::string& group) {
        if (group.empty() || group.find_first_of(",\r\n\t") != std::string::npos)
            throw Error(Code::invalid, "the group \"" + group.substr(0, 80) + "\" of role " + role.name + " is no name");
    });
    if (const Value* tokens = reader.raw("jwtTokens"); tokens != nullptr && !tokens->empty())
        warnings.push_back("jwtTokens of role " + role.name + " have no effect: there is no server here that would take them");
    warn_unknown(reader, warnings);
    return role;
}

std::vector<Role> read_roles(FieldsReader& spec, const std::string& project, const std::string& file, Warnings& warnings) {
    std::vector<Role> roles;
    std::set<std::string> names;
    for (auto& reader : spec.children("roles")) {
        roles.push_back(read_role(reader, project, file, warnings));
        if (!names.insert(roles.back().name).second) throw reader.error("name", "role " + roles.back().name + " is there already");
    }
    require_few(spec, "roles", roles.size());
    return roles;
}

base::Duration read_length(FieldsReader& reader, const std::string& text) {
    // A bare number is seconds elsewhere in Argo CD's documents, here it is an error there.
    const bool bare = text.empty() || text.find_first_not_of("+-.0123456789") == std::string::npos;
    try {
        const auto duration = bare ? base::Duration(0) : base::parse_duration(text);
        if (duration > base::Duration(0) && duration <= k_longest_window) return duration;
    } catch (const Error&) {
        // told below, with its place
    }
    Error error = reader.error("duration", "\"" + text.substr(0, 80) + "\" is no length of a window");
    error.hint("write it like 90m, 8h or 1h30m; more than nothing and at most 8784h");
    throw error;
}

SyncWindow read_window(FieldsReader& reader, Warnings& warnings) {
    SyncWindow window;
    const auto kind = reader.text("kind");
    if (kind != "allow" && kind != "deny") throw reader.error("kind", "expected allow or deny, found \"" + kind.substr(0, 80) + "\"");
    window.kind = kind == "allow" ? WindowKind::allow : WindowKind::deny;
    window.schedule_text = reader.text("schedule");
    try {
        window.schedule = base::Cron(window.schedule_text);
    } catch (const Error& problem) {
        Error error = reader.error("schedule", problem.message());
        error.hint(problem.hint_text());
        throw error;
    }
    window.duration_text = reader.text("duration");
    window.duration = read_length(reader, window.duration_text);
    window.zone = reader.text("timeZone");
    if (!window.zone.empty() && !base::is_zone_name(window.zone))
        throw reader.error("timeZone", "\"" + window.zone.substr(0, 80) + "\" is no name of a time zone, as Europe/Berlin is");
    window.applications = reader.texts("applications");
    window.namespaces = reader.texts("namespaces");
    window.clusters = reader.texts("clusters");
    if (window.applications.empty() && window.namespaces.empty() && window.clusters.empty())
        throw reader.error("applications", "a window needs applications, namespaces or clusters");
    window.manual_sync = reader.flag("manualSync", false);
    window.needs_all_lists = reader.flag("andOperator", false);
    window.overrun = reader.flag("syncOverrun", false);
    window.description = reader.text("description");
    if (window.description.size() > k_longest_description) throw reader.error("description", "longer than 255 characters");
    warn_unknown(reader, warnings);
    return window;
}

/// What makes two windows the same for Argo CD: not their description, nor what somebody may do by hand in them.
std::string identity_of(const SyncWindow& window) {
    std::string text = window.kind == WindowKind::allow ? "allow" : "deny";
    for (const auto* part : {&window.schedule_text, &window.duration_text, &window.zone}) text += " " + *part;
    for (const auto* list : {&window.applications, &window.namespaces, &window.clusters})
        text += " [" + base::join(*list, ", ") + "]";
    return text + (window.needs_all_lists ? " andOperator" : "");
}

std::vector<SyncWindow> read_windows(FieldsReader& spec, Warnings& warnings) {
    std::vector<SyncWindow> windows;
    Once once(warnings);
    for (auto& reader : spec.children("syncWindows")) {
        windows.push_back(read_window(reader, warnings));
        try {
            once.require(identity_of(windows.back()));
        } catch (const Error& error) {
            throw reader.error("schedule", "the window " + error.message());
        }
    }
    return windows;
}

/// They have no effect, but what Argo CD's server would refuse is told while somebody looks.
void check_service_accounts(FieldsReader& spec, Warnings& warnings) {
    auto readers = spec.children("destinationServiceAccounts");
    Once once(warnings);
    for (auto& reader : readers) {
        const std::string server = reader.text("server"), ns = reader.text("namespace");
        const std::string account = reader.text("defaultServiceAccount");
        for (const auto& [key, pattern] : {std::pair{"server", &server}, {"namespace", &ns}})
            if (pattern->find('!') != std::string::npos) {
                Error error = reader.error(key, "\"" + pattern->substr(0, 80) + "\" is no pattern: '!' means nothing here");
                throw error.hint("name what is meant; the first entry that matches counts");
            }
        if (base::trim(account).empty() || account.find_first_of("!*[]{}\\/") != std::string::npos)
            throw reader.error("defaultServiceAccount", "\"" + account.substr(0, 80) + "\" is no name of a service account")
                .hint("write NAME or NAMESPACE:NAME");
        try {
            once.require("server " + server + ", namespace " + ns);
        } catch (const Error& error) {
            throw reader.error("server", error.message());
        }
        warn_unknown(reader, warnings);
    }
    if (!readers.empty())
        warnings.push_back("spec.destinationServiceAccounts has no effect: objects are applied as the user of the cluster's credentials");
}

std::optional<OrphanedResources> read_orphaned(FieldsReader reader, Warnings& warnings) {
    if (!reader.present()) return std::nullopt;
    OrphanedResources orphaned;
    orphaned.warn = reader.flag("warn", true);
    orphaned.ignore = read_resources(reader, "ignore", warnings);
    warn_unknown(reader, warnings);
    return orphaned;
}

/// Demands that are not checked yet must not be taken as met.
std::optional<std::string> read_unmet(FieldsReader& spec, Warnings& warnings) {
    std::vector<std::string> demands;
    if (!spec.children("signatureKeys").empty()) demands.emplace_back("signed commits (spec.signatureKeys)");
    FieldsReader integrity = spec.child("sourceIntegrity");
    FieldsReader git = integrity.child("git");
    bool signatures = false;
    for (auto& policy : git.children("policies")) {
        FieldsReader gpg = policy.child("gpg");
        signatures |= gpg.text("mode") != "none";
    }
    warn_unknown(integrity, warnings);
    if (signatures) demands.emplace_back("signed commits (spec.sourceIntegrity)");
    if (spec.flag("permitOnlyProjectScopedClusters", false))
        demands.emplace_back("clusters of its own (spec.permitOnlyProjectScopedClusters)");
    check_service_accounts(spec, warnings);
    if (demands.empty()) return std::nullopt;
    return "it demands " + demands.front() + ", which this version of gitopsctl cannot check";
}

}  // namespace

AppProject read_project(const Value& document, const std::string& file, std::vector<std::string>& told, EqualEntries equal_entries) {
    Warnings warnings{told, equal_entries};
    FieldsReader root(&document, "", file);
    if (kube::group_of(root.text("apiVersion")) != "argoproj.io" || root.text("kind") != "AppProject")
        throw root.error("kind", "expected an AppProject of argoproj.io/v1alpha1, found \"" + std::string(document.text_at("kind")) + "\"");
    kube::require_identity(document, file);
    AppProject project;
    project.document = document;
    project.name = root.child("metadata").text("name");
    FieldsReader spec = root.child("spec");
    project.description = spec.text("description");
    if (project.description.size() > k_longest_description) throw spec.error("description", "longer than 255 characters");
    project.source_repos = checked_texts(spec, "sourceRepos", file, warnings, [&](const std::string& pattern) {
        require_no_total_denial(spec, "sourceRepos", pattern);
        require_source_pattern(pattern);
    });
    project.destinations = read_destinations(spec, warnings);
    project.cluster_allowed = read_resources(spec, "clusterResourceWhitelist", warnings);
    project.cluster_denied = read_resources(spec, "clusterResourceBlacklist", warnings);
    if (spec.raw("namespaceResourceWhitelist") != nullptr)
        project.namespaced_allowed = read_resources(spec, "namespaceResourceWhitelist", warnings);
    project.namespaced_denied = read_resources(spec, "namespaceResourceBlacklist", warnings);
    project.roles = read_roles(spec, project.name, file, warnings);
    project.windows = read_windows(spec, warnings);
    project.orphaned = read_orphaned(spec.child("orphanedResources"), warnings);
    project.source_namespaces = checked_texts(spec, "sourceNamespaces", file, warnings, [&](const std::string& pattern) {
        if (is_namespace_pattern(pattern)) return;
        warnings.push_back("spec.sourceNamespaces: \"" + pattern.substr(0, 80) +
                           "\" is no regular expression of RE2: it permits no namespace");
    });
    project.unmet = read_unmet(spec, warnings);
    warn_unknown(spec, warnings);
    return project;
}

Value new_project_document(std::string_view name) {
    Value document = Value::map();
    document.set("apiVersion", "argoproj.io/v1alpha1");
    document.set("kind", "AppProject");
    Value metadata = Value::map();
    metadata.set("name", name);
    document.set("metadata", metadata);
    document.set("spec", Value::map());
    return document;
}

Value default_project_document() {
    Value document = new_project_document(k_default_project);
    Value repos = Value::list();
    repos.push_back("*");
    Value destination = Value::map();
    destination.set("server", "*");
    destination.set("namespace", "*");
    Value destinations = Value::list();
    destinations.push_back(destination);
    Value kind = Value::map();
    kind.set("group", "*");
    kind.set("kind", "*");
    Value kinds = Value::list();
    kinds.push_back(kind);
    Value& spec = document.at("spec");
    spec.set("sourceRepos", repos);
    spec.set("destinations", destinations);
    spec.set("clusterResourceWhitelist", kinds);
    return document;
}

}  // namespace gitops::sources
