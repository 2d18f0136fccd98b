#include "core/deliver/compare_options.hpp"
#include "core/deliver/plan.hpp"

namespace gitops::deliver {

bool is_tracked(const Step& step) {
    return !step.hook && step.action != Action::skip && !kube::annotation_of(step.desired, k_tracking_annotation).empty();
}

bool awaits_pruning(const Step& step) {
    return step.action == Action::skip && step.desired.is_null() && step.options.prune && !kube::is_being_deleted(step.live) && !is_spared(step);
}

bool is_spared(const Step& step) {
    return step.desired.is_null() && read_compare_options(kube::annotation_of(step.live, k_compare_options_annotation)).ignore_extraneous;
}

bool holds_others(const Step& step) {
    return step.key.kind == "CustomResourceDefinition" || (step.key.kind == "Namespace" && step.key.group.empty());
}

std::string_view method_name(WriteMethod method) {
    switch (method) {
        case WriteMethod::apply: return "apply";
        case WriteMethod::replace: return "replace";
        case WriteMethod::recreate: return "recreate";
    }
    return "";
}

WriteMethod method_of(const Step& step) {
    if (!step.options.replace || step.live.is_null()) return WriteMethod::apply;
    return step.options.force && !holds_others(step) ? WriteMethod::recreate : WriteMethod::replace;
}

bool is_in_sync(const Step& step) {
    return step.action == Action::unchanged || (step.action == Action::update && step.overwrites_ignored);
}

DiffTerms terms_of(const Step& step) { return {step.options.client_side, step.additions, step.ignore, step.typed, step.masked}; }

ObjectDiff diff_of(const Step& step) {
    return step.predicted.is_null() ? diff_object(step.desired, step.live, terms_of(step))
                                    : diff_with(step.predicted, step.desired, step.live, terms_of(step));
}

std::vector<FieldChange> changes_of(const Step& step) {
    return step.predicted.is_null() ? field_changes(step.desired, step.live, terms_of(step))
                                    : field_changes_with(step.predicted, step.desired, step.live, terms_of(step));
}

}  // namespace gitops::deliver
