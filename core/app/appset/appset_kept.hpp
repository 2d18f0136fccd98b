// What a set leaves alone in the Applications that it made.
#pragma once

#include <string>

#include "core/doc/value.hpp"
#include "core/sources/application_set.hpp"

namespace gitops::app {

/// The generated document with what the registered one has and the set does not decide: the listed labels and annotations
/// (the registered value wins, also over the template's), the ignored fields, and status and operation.
doc::Value with_kept(const sources::ApplicationSet& set, const std::string& name, doc::Value after, const doc::Value& before);

}  // namespace gitops::app
