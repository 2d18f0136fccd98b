// The part of Go's text/template that queries are written in.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/base/error.hpp"

namespace gitops::rollout {

struct QueryWords {
    std::map<std::string, std::string> functions{};  ///< name, namespace, target, ...
    std::map<std::string, std::string> variables{};  ///< {{ variables.KEY }}
};

/// `text` with its actions filled in: functions, variables.KEY, `index variables "KEY"`, literals, comments, and the
/// trim markers {{- and -}}. Error(invalid) for anything else and for a key that is not there; `first_line` is the
/// place of the text's first line, which the error's place counts from.
std::string fill_template(std::string_view text, const QueryWords& words, const base::Place& first_line = {});

/// Runs of white space as one blank, none at the ends.
std::string on_one_line(std::string_view text);

}  // namespace gitops::rollout
