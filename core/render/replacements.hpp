// Replacements: a value read from one object and written into fields of others.
#pragma once

#include <vector>

#include "core/render/collection.hpp"
#include "core/render/files.hpp"
#include "core/render/kustomization.hpp"

namespace gitops::render {

/// Entries that name a file are replaced by the replacements in it.
std::vector<ReplacementEntry> load_replacements(const std::vector<ReplacementEntry>& entries, const Folder& folder);
/// Runs them in order. Error(invalid) when a source is not exactly one object or a field is missing.
void apply_replacements(Collection& objects, const std::vector<ReplacementEntry>& replacements, Matching matching);

}  // namespace gitops::render
