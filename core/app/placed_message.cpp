#include "core/app/placed_message.hpp"

namespace gitops::app {

std::string placed_message(const base::Error& error) {
    const auto& place = error.place();
    if (place.file.empty()) return error.message();
    return error.message() + " (" + place.file + (place.line > 0 ? ":" + std::to_string(place.line) : "") + ")";
}

}  // namespace gitops::app
