// Rules for custom resources, written as data: what most operators report can be told by a few words per kind.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "core/deliver/health/health.hpp"
#include "core/doc/value.hpp"

namespace gitops::deliver {

/// `when` is one or more terms joined by '&', all of which must hold. '|' separates alternatives, '!' in front of a term
/// turns it round.
///
/// Conditions (entries of status.conditions):
///   Ready=True            one of this type has this status; Ready alone: there is one; *=False: one of any type
///   -Stopped=False        of any type but these
///   Ready!=True           there is one, and its status is another
///   Ready=False:Creating  the reason, too; :!Creating any reason but this one
///   Ready%busy            its message is this text
///   Ready~=True           it speaks of another generation than the object's; Ready+=True: of exactly this one
/// Fields, by dotted path from the object:
///   ?status.error         the key is there and not null
///   .status.error         ... and not empty
///   .status.phase=A|B     it is a scalar, spelled so; .status.phase^=A|B: it begins so
///   .a==.b  .a!=.b        both are equal, or both absent; both are there and differ
///   .a<.b   .a>3          as numbers, an absent one being 0
///   label x/y=A           a label of the object; annotation x/y=A likewise
/// Lists and maps of things:
///   [status.nodes].ready=false,.role=A   one item satisfies all these field terms (paths from the item)
/// And:
///   behind                metadata.generation is ahead of status.observedGeneration, which must be there
///   stale                 status.observedGeneration is there and another than metadata.generation
///   unobserved            it is another, or not there
///   else                  always
/// A '@' in front of `when` makes a walk: the conditions are gone through in their order, each meeting the whole run of
/// neighbouring '@' clauses, so what stands first in the object decides; the first term is then about that condition.
struct Clause {
    std::string_view when;
    HealthStatus status;
    std::string_view message = {};  ///< for when neither a condition nor the status has words for it
};

/// The first clause that holds, with the message of the condition that decided or of the status; nullopt when none does.
std::optional<Health> judge_by(const doc::Value& object, std::span<const Clause> clauses);

/// Health of a custom resource: by its kind's rule, or by the conditions convention (Ready, Available, ...), for which
/// somebody must have written a status. nullopt where neither says anything.
std::optional<Health> custom_health(const doc::Value& object);

}  // namespace gitops::deliver
