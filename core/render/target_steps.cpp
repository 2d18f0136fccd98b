// The transformers that a kustomization's own fields ask for, in kustomize's fixed order.
#include "core/base/error.hpp"
#include "core/render/patches.hpp"
#include "core/render/replacements.hpp"
#include "core/render/target.hpp"
#include "core/render/transformers.hpp"

namespace gitops::render {

void Target::add_patch_steps(std::vector<Step>& steps) {
    const auto& k = m_kustomization;
    PatchContext context{m_folder, m_state.schema, k.file, m_state.matching};
    if (!k.patches_strategic_merge.empty()) {
        auto patches = load_strategic_merges(k.patches_strategic_merge, context);
        if (patches.empty()) throw base::Error(base::Code::invalid, "patch appears to be empty").at({k.file, 0, 0});
        steps.push_back({"PatchStrategicMergeTransformer",
                         [=](Collection& objects) { apply_strategic_merges(objects, patches, context); },
                         {}});
    }
    for (const auto& entry : k.patches) {
        PreparedPatch patch(entry, context);
        steps.push_back({"PatchTransformer", [=](Collection& objects) { patch.apply(objects, context); }, {}});
    }
}

std::vector<Step> Target::own_steps(const TransformerConfig& config) {
    const Kustomization& k = m_kustomization;
    std::vector<Step> steps;
    auto add = [&](const char* kind, std::function<void(Collection&)> run) { steps.push_back({kind, std::move(run), {}}); };
    add_patch_steps(steps);
    if (!k.ns.empty()) {
        NamespaceChange change;
        change.ns = k.ns;
        change.specs = config.ns;
        add("NamespaceTransformer", [=](Collection& objects) { set_namespace(objects, change); });
    }
    if (!k.name_prefix.empty())
        add("PrefixTransformer", [&k, specs = config.name_prefix](Collection& objects) {
            add_affix(objects, Affix::prefix, k.name_prefix, specs);
        });
    if (!k.name_suffix.empty())
        add("SuffixTransformer", [&k, specs = config.name_suffix](Collection& objects) {
            add_affix(objects, Affix::suffix, k.name_suffix, specs);
        });
    for (const auto& label : k.labels)
        add("LabelTransformer", [&label, specs = label_specs(label, config)](Collection& objects) {
            set_entries(objects, label.pairs, specs);
        });
    if (!k.labels.empty() || !k.common_labels.empty())
        add("LabelTransformer", [&k, specs = config.common_labels](Collection& objects) {
            set_entries(objects, k.common_labels, specs);
        });
    if (!k.common_annotations.empty())
        add("AnnotationsTransformer", [&k, specs = config.common_annotations](Collection& objects) {
            set_entries(objects, k.common_annotations, specs);
        });
    for (const auto& entry : k.patches_json6902) {
        PreparedJsonPatch patch(entry, {m_folder, m_state.schema, k.file, m_state.matching});
        add("PatchJson6902Transformer", [=, matching = m_state.matching](Collection& objects) { patch.apply(objects, matching); });
    }
    for (const auto& replica : k.replicas)
        add("ReplicaCountTransformer", [&replica, specs = config.replicas](Collection& objects) {
            set_replicas(objects, replica, specs);
        });
    for (const auto& image : k.images)
        add("ImageTagTransformer",
            [&image, specs = config.images](Collection& objects) { set_images(objects, image, specs); });
    if (!k.replacements.empty()) {
        auto replacements = load_replacements(k.replacements, m_folder);
        add("ReplacementTransformer", [=, matching = m_state.matching](Collection& objects) { apply_replacements(objects, replacements, matching); });
    }
    return steps;
}

}  // namespace gitops::render
