#pragma once

#include <string>

namespace gitops::cli {

/// Lets the user edit `text` in $KUBE_EDITOR, $VISUAL, $EDITOR or vi, and returns the result. The temporary file can
/// be read by the user alone and is gone afterwards. Error(unavailable) when the editor cannot be run or fails.
std::string edit_text(const std::string& text);

}  // namespace gitops::cli
