// What all objects that a rollout makes have in common: their names, their owner, their labels and annotations.
//
// Overview of what is made: workload (the primary and its scale), config_tracking (copies of ConfigMaps and Secrets),
// services (apex, primary, canary), autoscaling, traffic (the routes of a provider). All of it is pure: live objects in,
// documents out. A document is a whole object. One that carries metadata.resourceVersion replaces that version of the
// live object it was made from, any other one is created; what is already as it should be is not returned.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/doc/value.hpp"
#include "core/kube/cluster.hpp"
#include "core/rollout/canary.hpp"

namespace gitops::rollout {

/// What the objects are made by, beside the spec.
struct ObjectRules {
    std::string owner_uid{};  ///< of the Canary in the cluster; "" makes objects that nobody owns
    Compat compat = Compat::none;
    /// Prefixes of labels that a primary takes over from its target, Flagger's include-label-prefix; "*" is all.
    std::vector<std::string> label_prefixes{};
    std::string ingress_prefix{"nginx.ingress.kubernetes.io"};  ///< of the nginx provider's annotations
};

inline constexpr std::string_view k_primary_suffix = "-primary";
inline constexpr std::string_view k_own_prefix = "gitopsctl.io/";
/// On everything that was made for a canary: its name. Left out where it is too long for a label.
inline constexpr std::string_view k_canary_label = "gitopsctl.io/canary";

using Texts = std::map<std::string, std::string>;
/// The texts of a map; what is no text is left out, null is empty.
Texts texts_of(const doc::Value* map);
doc::Value to_value(const Texts& texts);

/// An object with its identity, our mark and, where an owner is known, the controller reference to the Canary.
doc::Value new_object(const CanarySpec& spec, const ObjectRules& rules, std::string_view api_version, std::string_view kind,
                      const std::string& name);
/// The reference to the Canary as it stands in metadata.ownerReferences.
doc::Value owner_reference(const CanarySpec& spec, const ObjectRules& rules);
/// It carries our mark, or the Canary is its controller.
bool is_made_for(const doc::Value& object, const CanarySpec& spec);
/// The object in `live` that `ref` points at, of whatever version; nullptr when there is none.
const doc::Value* find_live(const std::vector<doc::Value>& live, const kube::ObjectRef& ref);

struct Metadata {
    Texts labels{};
    Texts annotations{};
};
/// spec.service.`part` {labels, annotations}: part is apex, primary or canary.
Metadata declared_metadata(const CanarySpec& spec, std::string_view part);
/// Keeps Flux from undoing what is made here, by its two annotations.
void keep_from_flux(Texts& annotations);
/// Sets the labels and annotations of `object`. Others that stand there are kept; under Compat::flagger they go, unless
/// spec.service.unmanagedMetadata lists them.
void put_metadata(doc::Value& object, const Metadata& wanted, const CanarySpec& spec, const ObjectRules& rules);

/// Labels of a target that a primary may have: those with a listed prefix, never Flux's.
Texts allowed_labels(const doc::Value& object, const ObjectRules& rules);
/// Annotations of a target that make sense on another object too: neither those that say who applied it nor Flux's.
/// Under Compat::flagger only Flux's are left out.
Texts portable_annotations(const doc::Value& object, const ObjectRules& rules);

/// `documents` without those that are already so in `live`.
std::vector<doc::Value> changed_only(std::vector<doc::Value> documents, const std::vector<doc::Value>& live);
/// Everything that stands in `wanted` stands in `live` too; lists have to be as long. What a server added to maps does not count.
bool covers(const doc::Value& live, const doc::Value& wanted);

}  // namespace gitops::rollout
