// What differs between an object in Git and the live one, and what an apply would make of it.
//
// Overview: the predicted object is the live one after a server-side apply of the desired one with our manager. A
// difference is a difference between live and predicted: so defaults, server-filled fields and fields Git does not
// mention never show, a field that left Git does, and quantities or numbers written differently are equal.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/deliver/ignore_rule.hpp"
#include "core/deliver/known_types.hpp"
#include "core/doc/value.hpp"
#include "core/kube/secrets.hpp"

namespace gitops::deliver {

/// The manager of everything gitopsctl applies.
inline constexpr std::string_view k_manager = "gitopsctl";

struct FieldChange {
    std::string path;                    ///< "spec.template.spec.containers[name=web].image"
    std::vector<std::string> steps;      ///< the same in FieldsV1 spelling: "f:spec", ..., see kube::append_path()
    std::optional<doc::Value> desired;   ///< absent: Git no longer has it
    std::optional<doc::Value> live;      ///< absent: the cluster lacks it
    std::optional<std::string> manager;  ///< who set the live value, when the cluster knows
    std::optional<base::Time> changed_at;
};

/// Whether fields set by client-side applies (kubectl apply) become ours before the first apply, so that what Git no
/// longer has is removed (sync option ClientSideApplyMigration, on by default).
enum class ClientSideFields { adopt, leave };

/// What a cluster's dry run adds that neither Git nor the live object has: a default of that cluster, or (compare option
/// IncludeMutationWebhook=true) a change like any other.
enum class Additions { are_defaults, are_changes };

/// How two objects are compared.
struct DiffTerms {
    ClientSideFields fields = ClientSideFields::adopt;
    Additions additions = Additions::are_defaults;
    IgnoreRules ignore{};  ///< those for this object
    std::shared_ptr<const TypedFields> typed{};  ///< of a custom resource; null for none
    kube::AnnotationKeys masked{};  ///< annotations of Secrets that are shown masked, as their data is
};

struct ObjectDiff {
    bool modified = false;
    doc::Value live;       ///< normalised: without managedFields, status, server-filled metadata, and what is ignored
    doc::Value predicted;  ///< normalised in the same way
};

/// Where they differ, as FieldChange::path.
struct DifferingPaths {
    std::vector<std::string> counted;
    std::vector<std::string> ignored;   ///< differences that ignoreDifferences takes out
    std::vector<std::string> troubles;  ///< rules that could not be followed, in sentences
};

/// Both given; for a missing side there is nothing to compare.
ObjectDiff diff_object(const doc::Value& desired, const doc::Value& live, const DiffTerms& terms = {});
DifferingPaths differing_paths(const doc::Value& desired, const doc::Value& live, const DiffTerms& terms = {});
/// Field by field, with owners. Values of Secrets are masked.
std::vector<FieldChange> field_changes(const doc::Value& desired, const doc::Value& live, const DiffTerms& terms = {});

/// The same three with the cluster's own prediction: `predicted` is what a dry run of applying `desired` answered, so
/// what that version or a webhook makes of a value, and of custom resources, is exact. An object whose fields are to be
/// adopted is predicted here all the same: a dry run cannot take over first.
ObjectDiff diff_with(const doc::Value& predicted, const doc::Value& desired, const doc::Value& live, const DiffTerms& terms = {});
DifferingPaths differing_paths_with(const doc::Value& predicted, const doc::Value& desired, const doc::Value& live,
                                    const DiffTerms& terms = {});
std::vector<FieldChange> field_changes_with(const doc::Value& predicted, const doc::Value& desired, const doc::Value& live,
                                            const DiffTerms& terms = {});

}  // namespace gitops::deliver
