// config.yaml in the home: what holds for all applications.
#pragma once

#include <memory>
#include <string>

#include "core/app/settings.hpp"
#include "core/base/event.hpp"

namespace gitops::cli {

/// Null when the home has no config.yaml. What it says without effect is told as warnings. Error(denied) when the file
/// cannot be read.
std::shared_ptr<const app::Settings> home_settings(const std::string& home, base::EventSink& events);

}  // namespace gitops::cli
