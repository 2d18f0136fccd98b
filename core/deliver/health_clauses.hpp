// Rules for custom resources, written as data: what most operators report can be told by a few words per kind.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "core/deliver/health.hpp"
#include "core/doc/value.hpp"

namespace gitops::deliver {

/// `when` is one or more terms joined by '&', all of which must hold; values are alternatives joined by '|':
///   Ready=True           a condition of this type has this status; Ready=False:Creating also asks for the reason,
///                        Ready alone for nothing more; Ready|Available=True is true of either type
///   .status.phase=A|B    the scalar at this path is one of these texts; .status.error alone: something is there
///   behind               metadata.generation is ahead of status.observedGeneration
///   else                 always
/// A '!' in front of a term turns it round.
struct Clause {
    std::string_view when;
    HealthStatus status;
};

/// The first clause that holds, with the message of the condition that decided or of the status; nullopt when none does.
std::optional<Health> judge_by(const doc::Value& object, std::span<const Clause> clauses);

/// Health of a custom resource: by its kind's clauses, or by the conditions convention (Ready, Available, ...). nullopt
/// while nobody has written a status, and where neither says anything.
std::optional<Health> custom_health(const doc::Value& object);

}  // namespace gitops::deliver
