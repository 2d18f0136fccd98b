// Argo CD's build environment: what $ARGOCD_APP_NAME and its sisters stand for in the options of a source.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gitops::render {

using Environment = std::vector<std::pair<std::string, std::string>>;

/// `text` with $NAME and ${NAME} replaced, and "$$" by "$". A name that is not in the environment becomes "", as in
/// Argo CD: the environment of this process is never looked at.
std::string substitute(std::string_view text, const Environment& environment);

}  // namespace gitops::render
