#include "core/app/source/render_cache.hpp"

#include "core/base/digest.hpp"
#include "core/doc/json.hpp"

namespace gitops::app {

namespace {

/// The folder or file that the pattern can only match in: "config/*.yaml" is all of "config".
std::string fixed_part(const std::string& pattern) {
    const auto wild = pattern.find_first_of("*?[{");
    if (wild == std::string::npos) return pattern;
    const auto slash = pattern.rfind('/', wild);
    return slash == std::string::npos ? std::string() : pattern.substr(0, slash);
}

}  // namespace

std::string cache_key(const Application& application, std::size_t index, const base::FileTree& tree,
                      const std::vector<base::Revision>& revisions) {
    if (application.generate_paths.empty()) return {};
    const Source& source = application.sources.at(index);
    if (source.is_chart()) return {};
    const doc::Value* spec = application.document.find("spec");
    std::string text = application.name + "\n" + std::to_string(index) + "\n" + (spec == nullptr ? "" : doc::write_json(*spec)) + "\n";
    for (const auto& path : application.generate_paths) {
        const bool from_root = path.starts_with('/');
        const auto joined = base::join_path(from_root ? "" : source.path, fixed_part(from_root ? path.substr(1) : path));
        if (!joined) return {};
        if (!tree.kind(*joined)) continue;
        const auto id = tree.content_id(*joined);
        if (!id) return {};
        text += *joined + " " + *id + "\n";
    }
    for (std::size_t i = 0; i < revisions.size(); ++i)
        if (i != index) text += revisions[i].sha + "\n";
    return base::sha256_hex(text);
}

std::optional<render::Rendered> RenderCache::find(const std::string& key) {
    const std::scoped_lock guard(m_mutex);
    const auto found = m_by_key.find(key);
    if (found == m_by_key.end()) return std::nullopt;
    m_kept.splice(m_kept.begin(), m_kept, found->second);
    return found->second->rendered;
}

void RenderCache::put(const std::string& key, const render::Rendered& rendered) {
    const std::scoped_lock guard(m_mutex);
    if (m_by_key.contains(key)) return;
    m_kept.push_front({key, rendered});
    m_by_key[key] = m_kept.begin();
    if (m_kept.size() <= m_most) return;
    m_by_key.erase(m_kept.back().key);
    m_kept.pop_back();
}

}  // namespace gitops::app
