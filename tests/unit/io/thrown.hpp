#pragma once

#include <string>

#include "core/base/error.hpp"

namespace gitops::test {

/// The error that `action` throws.
template <class Action>
base::Error thrown(const Action& action) {
    try {
        action();
    } catch (const base::Error& error) {
        return error;
    }
    return {base::Code::internal, "nothing was thrown"};
}

/// Every text of an error, for "does the token appear anywhere".
inline std::string all_text(const base::Error& error) {
    std::string text = error.message() + "\n" + error.hint_text() + "\n" + error.place().file;
    for (const std::string& note : error.notes()) text += "\n" + note;
    for (const std::string& name : error.suggestions()) text += "\n" + name;
    return text;
}

}  // namespace gitops::test
