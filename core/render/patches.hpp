// Patches: strategic merge and JSON 6902, for one object by its id or for all that a target selects.
#pragma once

#include <string>
#include <vector>

#include "core/render/collection.hpp"
#include "core/render/files.hpp"
#include "core/render/kustomization.hpp"
#include "core/render/merge_schema.hpp"

namespace gitops::render {

/// What a patch application needs to know of its surroundings.
struct PatchContext {
    const Folder& folder;
    MergeSchema& schema;
    std::string file;  ///< the file that asks for the patch, for messages
    Matching matching = Matching::lenient;
};

/// One entry of `patches`: read first, so that a broken one is reported before anything changes.
class PreparedPatch {
  public:
    PreparedPatch(const PatchEntry& entry, const PatchContext& context);
    void apply(Collection& objects, const PatchContext& context) const;

  private:
    void apply_merges(Collection& objects, const PatchContext& context) const;

    PatchEntry m_entry;
    std::string m_source;                   ///< the patch as messages name it
    std::vector<doc::Value> m_merges;       ///< strategic merge patches
    doc::Value m_operations;                ///< JSON patch operations, null when there are none
};

/// patchesStrategicMerge: file names or texts.
std::vector<doc::Value> load_strategic_merges(const std::vector<std::string>& sources, const PatchContext& context);
void apply_strategic_merges(Collection& objects, const std::vector<doc::Value>& patches, const PatchContext& context);

/// patchesJson6902: the target must give a name.
class PreparedJsonPatch {
  public:
    PreparedJsonPatch(const PatchEntry& entry, const PatchContext& context);
    void apply(Collection& objects, Matching matching) const;

  private:
    SelectorFields m_target;
    doc::Value m_operations;
};

}  // namespace gitops::render
