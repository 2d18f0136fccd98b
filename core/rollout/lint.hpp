// lint() reads a Canary with a reviewer's eyes: what is legal and yet surely not meant, what Flagger would do with it
// that nobody expects, and where this program decides otherwise.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/doc/value.hpp"
#include "core/rollout/canary.hpp"

namespace gitops::rollout {

enum class Severity { error, warning, info };
std::string_view severity_name(Severity severity);  ///< "error", "warning", "info"

struct Finding {
    Severity severity = Severity::warning;
    std::string field;    ///< dotted, from the manifest's root: "spec.analysis.metrics[0].interval"
    std::string message;  ///< what happens
    std::string hint{};   ///< what to do about it; "" when nothing needs to be done
    int line = 0;         ///< of the field, or of the nearest one around it; 0 when not known
};

/// Everything that was found: errors first, then warnings, then information, each in the order of the manifest's parts.
/// An error is what cannot work, or what an API server with Flagger's definitions would refuse.
std::vector<Finding> lint(const CanarySpec& spec);

doc::Value to_value(const Finding& finding);  ///< {severity, field, message, hint|null, line|null}

}  // namespace gitops::rollout
