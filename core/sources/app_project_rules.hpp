// What a project permits. Each question is answered with the reason of a refusal, or nullopt when it is permitted. A rule
// with a leading '!' only takes away and beats every other one; the order of rules means nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/kube/catalog.hpp"
#include "core/kube/resource.hpp"
#include "core/sources/app_project.hpp"

namespace gitops::sources {

/// The cluster an application goes to, by all names and addresses that a rule may use for it.
struct DestinationCluster {
    std::vector<std::string> names;
    std::vector<std::string> servers;
};

/// Globs in which '*' stops at '/' ("**" does not), on URLs as normal_repo_url() makes them; "*" alone is every one.
std::optional<std::string> source_refusal(const AppProject& project, std::string_view repo_url);

/// Globs in which '/' is nothing special. Some rule has to allow the cluster, by its server or by its name, together with
/// the namespace, and none may deny them: "!name" denies in every namespace, "!server" where the namespace of its rule
/// matches, "!namespace" where the server of its rule matches (its name, for a rule without a server).
std::optional<std::string> destination_refusal(const AppProject& project, const DestinationCluster& cluster, std::string_view ns);

/// Whitelist minus blacklist. No whitelist permits nothing of the whole cluster, but everything in a namespace.
std::optional<std::string> kind_refusal(const AppProject& project, const kube::ResourceKey& key, kube::Scope scope);

/// Whether an application may have this object: its kind and, in a namespace, that too. `key.ns` tells the scope.
std::optional<std::string> object_refusal(const AppProject& project, const DestinationCluster& cluster, const kube::ResourceKey& key);

/// Where Application objects of the project may live: with the project itself, else in spec.sourceNamespaces (globs, or
/// "/regex/"). A project that names no namespace and no list does not care. "" is the project's own.
std::optional<std::string> home_refusal(const AppProject& project, std::string_view application_namespace);

/// False for a "/regex/" that RE2 cannot read, as with a look-ahead: it meets nothing.
bool is_namespace_pattern(std::string_view pattern);

/// Objects that are nobody's and should not be: not what every namespace has by itself, nor what the project ignores.
bool may_be_orphan(const AppProject& project, const kube::ResourceKey& key);

/// One spelling for all that mean the same repository: lower case (but for a local path), without ".git" and trailing
/// '/', "git@host:path" and "ssh://git@host/path" as "git@host/path".
std::string normal_repo_url(std::string_view url);

/// Error(invalid) for a pattern that is none, as "[a" or "{a".
void require_source_pattern(std::string_view pattern);

}  // namespace gitops::sources
