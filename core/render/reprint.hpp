// What becomes of texts when kustomize prints an object and reads it again, which it does before the real printing:
// its first printer is not always understood by its own reader.
#pragma once

#include "core/doc/value.hpp"

namespace gitops::render {

/// Gives `object` the content it has after that trip: folded texts gain line breaks, an empty place in a flow
/// collection becomes a text. Error(invalid) for a block of lines that starts with a tab. Nothing is copied where
/// nothing changes.
void settle_reprint(doc::Value& object);

/// `value` after a trip through Go's values and JSON, which items of lists make.
doc::Value with_go_values(const doc::Value& value);

/// Removes every key "<<", quoted or not, as kustomize does with all it reads.
void drop_merge_keys(doc::Value& value);

}  // namespace gitops::render
