// One kustomization at work: reads its operands, runs its generators, components, transformers and validators.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/render/accumulator.hpp"
#include "core/render/bounds.hpp"
#include "core/render/files.hpp"
#include "core/render/kustomization.hpp"
#include "core/render/merge_schema.hpp"

namespace gitops::render {

/// What all kustomizations of one build share.
struct BuildState {
    Files& files;
    MergeSchema schema;
    bool schema_chosen = false;  ///< the first `openapi` met wins
    std::vector<std::string> warnings;
    Matching matching = Matching::lenient;
    Charts* charts = nullptr;
    Budget objects{k_max_objects};
    Budget kustomizations{k_max_kustomizations};
    std::map<std::pair<const Files*, std::string>, ParsedKustomization> parsed;  ///< by the folder's path
};

/// One transformer, ready to run. `kind` is the builtin's name for buildMetadata.
struct Step {
    std::string kind;
    std::function<void(Collection&)> run;
    std::optional<Origin> origin;  ///< where it was configured, when it is none of the kustomization's own fields
};

class Target {
  public:
    /// Loads the kustomization in `folder`. Error(not_found) when there is none.
    Target(BuildState& state, const Folder& folder);
    /// The same for a kustomization already at hand.
    Target(BuildState& state, const Folder& folder, Kustomization kustomization);

    Kustomization& kustomization() { return m_kustomization; }
    const Folder& folder() const { return m_folder; }
    BuildState& state() const { return m_state; }
    /// Where the kustomization lies as seen from the root one, when origins are tracked.
    void track_origin(const std::string& path) { m_origin = path; }
    void use_schema();

    /// Adds everything this kustomization makes; a component also changes what is there already.
    void accumulate(Accumulator& into);

  private:
    void add_resources(Accumulator& into, const std::vector<std::string>& names);
    void add_file(Accumulator& into, const std::string& name);
    void add_web_file(Accumulator& into, const std::string& name);
    void add_directory(Accumulator& into, const std::string& name);
    void add_components(Accumulator& into);
    void add_config(Accumulator& into);
    void learn_crds();
    using ParseTables = TransformerConfig(std::string_view text, const std::string& file);
    TransformerConfig merged_tables(const std::vector<std::string>& names, ParseTables* parse) const;
    void run_generators(Accumulator& into);
    void run_transformers(Accumulator& into);
    void run_validators(Accumulator& into);
    std::vector<Step> own_steps(const TransformerConfig& config);
    void add_patch_steps(std::vector<Step>& steps);
    void run_step(Accumulator& into, const Step& step);
    Collection plugin_configs(const std::vector<std::string>& sources);
    Target child(const Folder& folder, const std::string& name) const;
    /// The origin of what the file `name` of this kustomization holds.
    Origin origin_of(const std::string& name) const;
    std::optional<Origin> configured_by(const std::string& kind) const;

    BuildState& m_state;
    const Folder& m_folder;
    Kustomization m_kustomization;
    std::optional<std::string> m_origin;
    std::string m_helm_ns;       ///< of the kustomizations above, for charts that name none
    std::string m_repo, m_ref;  ///< of the remote repository it lies in
};

}  // namespace gitops::render
