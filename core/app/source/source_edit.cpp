#include "core/app/source/source_edit.hpp"

#include <algorithm>

namespace gitops::app {

std::string EditedTree::read(std::string_view path) const {
    const auto found = m_files.find(std::string(path));
    return found != m_files.end() ? found->second : m_tree.read(path);
}

bool is_kustomization(std::string_view path) {
    const auto name = base::base_name(path);
    return name == "kustomization.yaml" || name == "kustomization.yml" || name == "Kustomization";
}

std::vector<std::string> editable_files(const render::Rendered& rendered) {
    auto files = rendered.files_read;
    std::erase_if(files, [](const std::string& path) { return !path.ends_with(".yaml") && !path.ends_with(".yml") && !is_kustomization(path); });
    std::ranges::stable_sort(files, [](const std::string& a, const std::string& b) { return is_kustomization(a) > is_kustomization(b); });
    return files;
}

const doc::Value* find_rendered(const render::Rendered& rendered, const kube::ResourceKey& key) {
    for (const auto& manifest : rendered.manifests)
        if (kube::key_of(manifest.object) == key) return &manifest.object;
    return nullptr;
}

std::vector<kube::ResourceKey> changed_keys(const render::Rendered& before, const render::Rendered& after) {
    std::map<kube::ResourceKey, const doc::Value*> old;
    for (const auto& manifest : before.manifests) old[kube::key_of(manifest.object)] = &manifest.object;
    std::vector<kube::ResourceKey> changed;
    for (const auto& manifest : after.manifests) {
        const auto key = kube::key_of(manifest.object);
        const auto found = old.find(key);
        if (found == old.end() || !(*found->second == manifest.object)) changed.push_back(key);
        if (found != old.end()) old.erase(found);
    }
    for (const auto& [key, object] : old) changed.push_back(key);
    return changed;
}

}  // namespace gitops::app
