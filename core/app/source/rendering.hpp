// From an application's sources to its manifests: revisions are resolved, trees opened, charts pulled, and everything
// rendered as Argo CD's repo server does.
#pragma once

#include <string>
#include <vector>

#include "core/app/application.hpp"
#include "core/app/services.hpp"
#include "core/base/source.hpp"
#include "core/render/render.hpp"

namespace gitops::app {

struct RenderRequest {
    std::string revision;   ///< instead of the application's own, one per source; "" keeps that (or the pinned one)
    std::string local_dir;  ///< render this directory on disk instead of the source
    Fetch fetch = Fetch::remote;
};

struct RenderedSources {
    render::Rendered rendered;  ///< of all sources; files_read are those of each in its own tree
    std::vector<base::Revision> revisions;  ///< one per source; of a chart its version; none with local_dir

    /// One revision for all: that of the only source, else the list.
    base::Revision revision() const;
};

/// Objects of several sources, or given twice in one, are the last one with a warning. Error(not_found|invalid|...)
/// with a note that says which source, when there are several.
RenderedSources render_sources(const Services& services, const Application& application, const RenderRequest& request);

/// The revision an application with one Git source should run: pinned, or resolved from its target.
base::Revision target_revision(const Services& services, const Application& application, io::GitRepo& repo,
                               const std::string& override_revision);
/// What an application with one Git source renders from `tree`, its own overrides included.
render::Rendered render_application(const Services& services, const Application& application, const base::FileTree& tree);

/// Error(invalid) unless the application comes from one place in Git, for `what` ("a revert", ...) to be committed there.
void require_git_source(const Application& application, std::string_view what, std::string_view hint);

}  // namespace gitops::app
