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
#include "core/doc/value.hpp"

namespace gitops::deliver {

/// The manager of everything gitopsctl applies.
inline constexpr std::string_view k_manager = "gitopsctl";

struct FieldChange {
    std::string path;                    ///< "spec.template.spec.containers[name=web].image"
    std::optional<doc::Value> desired;   ///< absent: Git no longer has it
    std::optional<doc::Value> live;      ///< absent: the cluster lacks it
    std::optional<std::string> manager;  ///< who set the live value, when the cluster knows
    std::optional<base::Time> changed_at;
};

struct ObjectDiff {
    bool modified = false;
    doc::Value live;       ///< normalised: without managedFields, status and server-filled metadata
    doc::Value predicted;  ///< normalised in the same way
};

/// Both given; for a missing side there is nothing to compare.
ObjectDiff diff_object(const doc::Value& desired, const doc::Value& live);
/// Where they differ, as FieldChange::path; empty when not modified.
std::vector<std::string> differing_paths(const doc::Value& desired, const doc::Value& live);
/// Field by field, with owners. Values of Secrets are masked.
std::vector<FieldChange> field_changes(const doc::Value& desired, const doc::Value& live);

}  // namespace gitops::deliver
