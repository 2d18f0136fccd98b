// Users' own rules of health.
#pragma once

#include <string>
#include <vector>

#include "core/deliver/health/health_book.hpp"

namespace gitops::cli {

class Env;

/// The scripts of `folder` ("" for none), then those of the configuration, then those of the home's
/// resource_customizations, then the built-in rules. Makes nothing. Error(not_found) when `folder` is not there.
deliver::HealthBook health_book(Env& env, const std::string& folder = {}, std::vector<deliver::HealthScript> configured = {});

}  // namespace gitops::cli
