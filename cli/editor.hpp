#pragma once

#include <functional>
#include <string>

namespace gitops::cli {

/// Lets the user edit `text` in $KUBE_EDITOR, $VISUAL, $EDITOR or vi, and hands the result to `use`. The temporary file
/// can be read by the user alone and is gone afterwards, unless `use` throws: then it is kept and the error names it.
/// Error(unavailable) when the editor cannot be run or fails.
void edit_text(const std::string& text, const std::function<void(const std::string&)>& use);

}  // namespace gitops::cli
