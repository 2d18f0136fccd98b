// An Error as one line of text, for whole comparisons.
#pragma once

#include <string>

#include "core/base/error.hpp"

/// What `work` says when it throws: "file:line:column: message | note"; "nothing" when it does not.
template <class Work>
std::string said(Work work) {
    try {
        work();
    } catch (const gitops::base::Error& error) {
        std::string text = error.place().file;
        if (error.place().line != 0) text += ":" + std::to_string(error.place().line);
        if (error.place().column != 0) text += ":" + std::to_string(error.place().column);
        if (!text.empty()) text += ": ";
        text += error.message();
        for (const std::string& note : error.notes()) text += " | " + note;
        return text;
    }
    return "nothing";
}
