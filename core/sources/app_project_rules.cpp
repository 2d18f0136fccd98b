#include "core/sources/app_project_rules.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>

#include "core/base/error.hpp"
#include "core/base/glob.hpp"
#include "core/base/text.hpp"

namespace gitops::sources {

namespace {

using base::Code;
using base::Error;
using kube::ResourceKey;

constexpr std::string_view k_control_namespace = "argocd";
constexpr std::size_t k_longest_pattern = 4096;
constexpr int k_deepest_braces = 8;

bool matches(std::string_view pattern, std::string_view text) { return base::glob_match(pattern, text, base::GlobMode::name); }

bool is_denial(std::string_view pattern) { return pattern.starts_with('!'); }
std::string_view without_mark(std::string_view pattern) { return is_denial(pattern) ? pattern.substr(1) : pattern; }

std::optional<std::string> class_of(std::string_view pattern, std::size_t& at) {
    const auto end = pattern.find(']', at + 2);
    if (end == std::string_view::npos) return std::nullopt;
    auto inner = pattern.substr(at + 1, end - at - 1);
    std::string text = "[";
    if (inner.front() == '!' || inner.front() == '^') {
        text += '^';
        inner.remove_prefix(1);
    }
    if (inner.empty()) return std::nullopt;
    for (const char c : inner) {
        if (c == '\\' || c == '[' || c == '^' || c == ']') text += '\\';
        text += c;
    }
    at = end;
    return text + "]";
}

/// nullopt for what is no pattern.
std::optional<std::string> regex_of(std::string_view pattern) {
    std::string regex;
    int depth = 0;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        const char c = pattern[at];
        if (c == '*') {
            const auto end = std::min(pattern.find_first_not_of('*', at), pattern.size());
            regex += end - at > 1 ? ".*" : "[^/]*";
            at = end - 1;
        } else if (c == '?') {
            regex += "[^/]";
        } else if (c == '[') {
            const auto text = class_of(pattern, at);
            if (!text) return std::nullopt;
            regex += *text;
        } else if (c == '{') {
            if (++depth > k_deepest_braces) return std::nullopt;
            regex += "(?:";
        } else if (c == '}') {
            if (--depth < 0) return std::nullopt;
            regex += ')';
        } else if (c == ',' && depth > 0) {
            regex += '|';
        } else {
            if (c == '\\' && ++at == pattern.size()) return std::nullopt;
            regex += RE2::QuoteMeta(pattern.substr(at, 1));
        }
    }
    if (depth != 0) return std::nullopt;
    return regex;
}

RE2::Options options() {
    RE2::Options options(RE2::Quiet);
    options.set_dot_nl(true);
    options.set_encoding(RE2::Options::EncodingLatin1);
    return options;
}

bool matches_url(std::string_view pattern, const std::string& url) {
    if (pattern == "*") return true;
    const auto regex = regex_of(pattern);
    if (!regex) return false;
    const RE2 compiled(*regex, options());
    return compiled.ok() && RE2::FullMatch(url, compiled);
}

bool any_matches(std::string_view pattern, const std::vector<std::string>& texts) {
    return std::ranges::any_of(texts, [&](const auto& text) { return matches(pattern, text); });
}

/// The part of a rule that is a denial holds where the pattern behind the mark does not.
bool holds(std::string_view pattern, const std::vector<std::string>& texts) {
    if (texts.empty()) return false;
    return is_denial(pattern) ? !any_matches(without_mark(pattern), texts) : any_matches(pattern, texts);
}

bool denies(const DestinationRule& rule, const DestinationCluster& cluster, const std::vector<std::string>& ns) {
    if (is_denial(rule.name) && !cluster.names.empty() && !holds(rule.name, cluster.names)) return true;
    if (is_denial(rule.server) && !cluster.servers.empty() && !holds(rule.server, cluster.servers) && holds(rule.ns, ns)) return true;
    const bool at_cluster = rule.server.empty() ? holds(rule.name, cluster.names) : holds(rule.server, cluster.servers);
    return is_denial(rule.ns) && !holds(rule.ns, ns) && at_cluster;
}

bool allows(const DestinationRule& rule, const DestinationCluster& cluster, const std::vector<std::string>& ns) {
    if (is_denial(rule.name) || is_denial(rule.server) || is_denial(rule.ns)) return false;
    return (holds(rule.server, cluster.servers) || holds(rule.name, cluster.names)) && holds(rule.ns, ns);
}

std::string text_of(const DestinationRule& rule) {
    std::vector<std::string> parts;
    if (!rule.server.empty()) parts.push_back("server " + rule.server);
    if (!rule.name.empty()) parts.push_back("name " + rule.name);
    parts.push_back("namespace " + (rule.ns.empty() ? "\"\"" : rule.ns));
    return "{" + base::join(parts, ", ") + "}";
}

std::string text_of(const ResourceRule& rule) {
    return "{group " + (rule.group.empty() ? "\"\"" : rule.group) + ", kind " + rule.kind +
           (rule.name.empty() ? "" : ", name " + rule.name) + "}";
}

const ResourceRule* find_rule(const std::vector<ResourceRule>& rules, const ResourceKey& key) {
    const auto found = std::ranges::find_if(rules, [&](const ResourceRule& rule) {
        return matches(rule.kind, key.kind) && matches(rule.group, key.group) && (rule.name.empty() || matches(rule.name, key.name));
    });
    return found == rules.end() ? nullptr : &*found;
}

/// Of a namespace: "/regex/".
bool is_regex(std::string_view pattern) { return pattern.size() > 2 && pattern.starts_with('/') && pattern.ends_with('/'); }

bool is_local_path(std::string_view url) { return url.starts_with('/') || url.starts_with("file://") || url.starts_with('.'); }

}  // namespace

std::string normal_repo_url(std::string_view url) {
    url = base::trim(url);
    std::string normal = is_local_path(url) ? std::string(url) : base::lower(url);
    const bool ssh = normal.starts_with("ssh://");
    if (ssh) normal.erase(0, 6);
    if (ssh || normal.find("://") == std::string::npos) {
        const auto at = normal.find('@');
        const auto colon = at == std::string::npos ? at : normal.find(':', at);
        const bool is_port = ssh && colon != std::string::npos && colon + 1 < normal.size() &&
                             std::isdigit(static_cast<unsigned char>(normal[colon + 1])) != 0;
        if (colon != std::string::npos && colon < normal.find('/') && !is_port) normal[colon] = '/';
    }
    while (normal.size() > 1 && normal.ends_with('/')) normal.pop_back();
    if (normal.ends_with(".git")) normal.erase(normal.size() - 4);
    return normal;
}

void require_source_pattern(std::string_view pattern) {
    const auto regex = pattern.size() <= k_longest_pattern ? regex_of(without_mark(pattern)) : std::nullopt;
    if (regex && RE2(*regex, options()).ok()) return;
    throw Error(Code::invalid, "\"" + std::string(pattern.substr(0, 80)) + "\" is no pattern");
}

std::optional<std::string> source_refusal(const AppProject& project, std::string_view repo_url) {
    const auto url = normal_repo_url(repo_url);
    bool allowed = false;
    for (const auto& rule : project.source_repos) {
        if (!matches_url(rule == "*" ? rule : normal_repo_url(without_mark(rule)), url)) continue;
        if (is_denial(rule)) return "repository " + std::string(repo_url) + " is denied by its source rule \"" + rule + "\"";
        allowed = true;
    }
    if (allowed) return std::nullopt;
    return "repository " + std::string(repo_url) + " is none of its sourceRepos";
}

std::optional<std::string> destination_refusal(const AppProject& project, const DestinationCluster& cluster, std::string_view ns) {
    const std::vector<std::string> namespaces{std::string(ns)};
    const std::string where = "namespace " + namespaces.front() + " of cluster " +
                              (cluster.names.empty() ? base::join(cluster.servers, ", ") : cluster.names.front());
    bool allowed = false;
    for (const auto& rule : project.destinations) {
        if (denies(rule, cluster, namespaces)) return where + " is denied by its destination rule " + text_of(rule);
        allowed = allowed || allows(rule, cluster, namespaces);
    }
    if (allowed) return std::nullopt;
    return where + " is none of its destinations";
}

std::optional<std::string> kind_refusal(const AppProject& project, const ResourceKey& key, kube::Scope scope) {
    const bool namespaced = scope == kube::Scope::namespaced;
    const std::string what = "kind " + (key.group.empty() ? "" : key.group + "/") + key.kind;
    const std::string list = namespaced ? "namespaceResource" : "clusterResource";
    if (const auto* rule = find_rule(namespaced ? project.namespaced_denied : project.cluster_denied, key))
        return what + " is denied by its " + list + "Blacklist " + text_of(*rule);
    if (namespaced && !project.namespaced_allowed) return std::nullopt;
    const auto& allowed = namespaced ? *project.namespaced_allowed : project.cluster_allowed;
    if (find_rule(allowed, key) != nullptr) return std::nullopt;
    return what + (allowed.empty() ? " is not permitted: its " + list + "Whitelist is empty" : " is not in its " + list + "Whitelist");
}

std::optional<std::string> object_refusal(const AppProject& project, const DestinationCluster& cluster, const ResourceKey& key) {
    if (auto refused = kind_refusal(project, key, key.ns.empty() ? kube::Scope::cluster : kube::Scope::namespaced)) return refused;
    return key.ns.empty() ? std::nullopt : destination_refusal(project, cluster, key.ns);
}

bool is_namespace_pattern(std::string_view pattern) {
    return !is_regex(pattern) || RE2(pattern.substr(1, pattern.size() - 2), RE2::Quiet).ok();
}

std::optional<std::string> home_refusal(const AppProject& project, std::string_view application_namespace) {
    const auto own = kube::namespace_of(project.document);
    if (application_namespace.empty() || application_namespace == own) return std::nullopt;
    if (own.empty() && (project.source_namespaces.empty() || application_namespace == k_control_namespace)) return std::nullopt;
    for (const auto& pattern : project.source_namespaces) {
        if (is_regex(pattern) ? RE2::PartialMatch(std::string(application_namespace), RE2(pattern.substr(1, pattern.size() - 2), RE2::Quiet))
                     : matches(pattern, application_namespace))
            return std::nullopt;
    }
    return "its applications may not live in namespace " + std::string(application_namespace) + " (sourceNamespaces)";
}

bool may_be_orphan(const AppProject& project, const ResourceKey& key) {
    if (key.group.empty()) {
        if (key.ns == "default" && key.kind == "Service" && key.name == "kubernetes") return false;
        if (key.kind == "ServiceAccount" && key.name == "default") return false;
        if (key.kind == "ConfigMap" && key.name == "kube-root-ca.crt") return false;
    }
    if (!project.orphaned) return true;
    return std::ranges::none_of(project.orphaned->ignore, [&](const ResourceRule& rule) {
        return (rule.kind.empty() || matches(rule.kind, key.kind)) && matches(rule.group, key.group) &&
               (rule.name.empty() || matches(rule.name, key.name));
    });
}

}  // namespace gitops::sources
