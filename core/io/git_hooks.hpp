// Hooks of a file:// remote that may decline a push. For this folder only.
#pragma once

struct git_repository;

namespace gitops::io {

struct RemoteUrl;

/// Error(denied) when `target`, the repository behind `remote`, has an executable hook that may decline what is
/// pushed: no hook is ever run here, and a push that passes it by would break the owner's rules.
void require_no_deciding_hook(git_repository* target, const RemoteUrl& remote);

}  // namespace gitops::io
