// configMapGenerator and secretGenerator, and the hash that names their results.
#pragma once

#include <memory>
#include <string>

#include "core/render/collection.hpp"
#include "core/render/files.hpp"
#include "core/render/kustomization.hpp"

namespace gitops::render {

enum class Generated { config_map, secret };

/// The object one entry asks for. Error(invalid) with the kustomization's line.
std::unique_ptr<Object> generate(const GeneratorEntry& entry, Generated kind, const Folder& folder, const std::string& file);
/// Adds a generated object, or lays it over the one it merges with or replaces.
void absorb(Collection& objects, std::unique_ptr<Object> made);
/// The ten characters that name the content of a ConfigMap or Secret.
std::string content_hash(const doc::Value& object);
/// Gives every object that wants it the suffix "-HASH".
void add_hashes(Collection& objects);

}  // namespace gitops::render
