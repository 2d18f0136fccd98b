// Name references: fields that hold the name another object had get the name it has now.
#pragma once

#include "core/render/collection.hpp"
#include "core/render/field_tables.hpp"

namespace gitops::render {

/// Error(invalid) when a field could mean several objects whose names differ.
void fix_name_references(Collection& objects, const std::vector<NameReference>& references);

}  // namespace gitops::render
