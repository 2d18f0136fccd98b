// What was rendered before, for applications whose manifest-generate-paths say which files matter: a commit that
// touches none of them needs no new rendering.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/app/application.hpp"
#include "core/base/source.hpp"
#include "core/render/render.hpp"

namespace gitops::app {

/// Names everything that the rendering of source `index` depends on. "" when that is not known: without the annotation,
/// for a tree that does not name its content, and for a chart repository.
std::string cache_key(const Application& application, std::size_t index, const base::FileTree& tree,
                      const std::vector<base::Revision>& revisions);

/// Keeps the most recent renderings of a process; safe to use from many threads.
class RenderCache {
  public:
    explicit RenderCache(std::size_t most = 1000) : m_most(most) {}
    std::optional<render::Rendered> find(const std::string& key);
    void put(const std::string& key, const render::Rendered& rendered);

  private:
    struct Kept {
        std::string key;
        render::Rendered rendered;
    };
    std::size_t m_most;
    std::mutex m_mutex;
    std::list<Kept> m_kept;  ///< the most recent first
    std::map<std::string, std::list<Kept>::iterator> m_by_key;
};

}  // namespace gitops::app
