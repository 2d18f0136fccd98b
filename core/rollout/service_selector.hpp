// Which of two workloads a Service sends its traffic to, and what its selector has to be to send it to the other.
#pragma once

#include <optional>

#include "core/doc/value.hpp"
#include "core/kube/cluster.hpp"
#include "core/rollout/bluegreen/bluegreen_state.hpp"

namespace gitops::rollout {

/// The labels of the Pods of both sides, and the selector of the Service between them: maps of texts.
struct Selection {
    doc::Value blue;
    doc::Value green;
    doc::Value selector;

    const doc::Value& labels(Color color) const { return color == Color::blue ? blue : green; }
};

/// From live objects: two Deployments and a Service. Error(invalid) for a Service without selector.
Selection selection_of(const doc::Value& blue, const doc::Value& green, const doc::Value& service);

/// The side that the selector selects. Error(invalid) when it selects neither or both, with the labels that would tell them
/// apart.
Color routed_to(const Selection& selection);

/// The selector that selects `color` and not the other side. Keys that both sides share keep their value; of the others,
/// those of the present selector get the value of `color`, and go where it lacks them. Error(invalid) when the labels of
/// the two cannot be told apart.
doc::Value selector_for(const Selection& selection, Color color);

/// The change that makes `service` have `selector`, if it still is at its version. nullopt when it has it.
std::optional<kube::Patch> selector_patch(const doc::Value& service, const doc::Value& selector);

}  // namespace gitops::rollout
