// What a use case needs from outside, handed in by the composition root.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/app/state_db.hpp"
#include "core/base/clock.hpp"
#include "core/base/event.hpp"
#include "core/io/git.hpp"
#include "core/kube/cluster.hpp"

namespace gitops::app {

struct Services {
    StateDb& state;
    base::Clock& clock;
    base::EventSink& events;
    std::function<std::unique_ptr<io::GitRepo>(const std::string& url)> open_repo;
    std::function<std::shared_ptr<kube::Cluster>(const std::string& name)> open_cluster;
    std::string actor;  ///< who is asking: "anna@host"
    std::map<std::string, std::string> git_environment;  ///< GIT_AUTHOR_* and GIT_COMMITTER_* of the caller
    int jobs = 1;
};

}  // namespace gitops::app
