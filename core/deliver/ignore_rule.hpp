// Rules of ignoreDifferences: which fields of which objects do not count when Git and the cluster are compared.
//
// Overview: a rule names objects by globs and fields in three ways: JSON pointers, jq path expressions, and the managers
// whose fields they are. What it names is left out of both sides of a comparison (ignore_places.hpp). A sync still writes
// what Git says, unless RespectIgnoreDifferences=true. Argo CD's form and meaning (argocd.md 1.9).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/doc/fields_reader.hpp"
#include "core/doc/jq_path.hpp"
#include "core/doc/path.hpp"
#include "core/doc/value.hpp"
#include "core/kube/resource.hpp"

namespace gitops::deliver {

struct IgnoreRule {
    std::string group, kind;  ///< globs; an empty one matches only the core group
    std::string name, ns;     ///< exact; empty matches all
    std::vector<doc::Pointer> pointers;
    std::vector<doc::JqPath> expressions;
    std::vector<std::string> managers;  ///< names in metadata.managedFields
    std::string origin;  ///< where it stands, for people: "spec.ignoreDifferences[0]"
};

/// Shared, because every step of a plan keeps those that concern it.
using IgnoreRules = std::vector<std::shared_ptr<const IgnoreRule>>;

bool applies(const IgnoreRule& rule, const kube::ResourceKey& key);
IgnoreRules rules_for(const IgnoreRules& rules, const kube::ResourceKey& key);

/// Reads the items of a list of rules, called `origin` in the file. Error(invalid) with file:line for a pointer or an
/// expression that cannot be read; unknown fields are told in `warnings`.
IgnoreRules read_ignore_rules(std::vector<doc::FieldsReader> items, std::string_view origin, std::vector<std::string>& warnings);

/// Reads jsonPointers, jqPathExpressions and managedFieldsManagers into `rule`.
void read_ignored_fields(doc::FieldsReader& reader, IgnoreRule& rule);

/// test() of jq with Go's regular expressions, which Argo CD's jq has. Flags g and i.
doc::JqMatcher ignore_matcher();

/// What the server fills in or drops by itself on well-known kinds: always ignored, as in Argo CD.
const IgnoreRules& built_in_ignore_rules();

}  // namespace gitops::deliver
