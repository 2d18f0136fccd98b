// What an ApplicationSet says and nobody reads.
#pragma once

#include <string>
#include <vector>

#include "core/doc/value.hpp"

namespace gitops::sources {

/// Tells of fields of spec.generators and spec.template that Argo CD's definition of an ApplicationSet does not have, with
/// near names, and of those that another one beats. Of spec.template.spec the reader of the Applications tells.
void warn_unread_fields(const doc::Value& document, std::vector<std::string>& warnings);

}  // namespace gitops::sources
