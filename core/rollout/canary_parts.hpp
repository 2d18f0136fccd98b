// The parts of a Canary that are lists of their own, read field by field.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/doc/fields_reader.hpp"
#include "core/rollout/canary.hpp"

namespace gitops::rollout {

std::optional<HookType> hook_type_of(std::string_view name);
std::vector<std::string> hook_type_names();
std::optional<MetricKind> metric_kind_of(std::string_view name);
std::vector<std::string> metric_kind_names();

/// What was read, with the names nobody asked for kept in `unknown`.
MetricCheck read_metric(doc::FieldsReader reader, Dialect dialect, std::vector<std::string>& unknown);
Webhook read_webhook(doc::FieldsReader reader, std::vector<std::string>& unknown);
Analysis read_analysis(doc::FieldsReader reader, Dialect dialect, std::vector<std::string>& unknown);

/// The names of `reader` that nobody asked for, at the end of `unknown`.
void keep_unknown(const doc::FieldsReader& reader, std::vector<std::string>& unknown);
/// Error(invalid) with near names for a word that is none of `known`.
[[noreturn]] void refuse_word(const doc::FieldsReader& reader, std::string_view key, std::string_view word,
                              const std::vector<std::string>& known);

}  // namespace gitops::rollout
