#include "core/deliver/plan.hpp"

namespace gitops::deliver {

bool is_tracked(const Step& step) {
    return !step.hook && step.action != Action::skip && !kube::annotation_of(step.desired, k_tracking_annotation).empty();
}

bool awaits_pruning(const Step& step) {
    return step.action == Action::skip && step.desired.is_null() && step.options.prune && !kube::is_being_deleted(step.live);
}

bool is_in_sync(const Step& step) {
    return step.action == Action::unchanged || (step.action == Action::update && step.overwrites_ignored);
}

DiffTerms terms_of(const Step& step) { return {step.options.client_side, step.additions, step.ignore, step.typed}; }

ObjectDiff diff_of(const Step& step) {
    return step.predicted.is_null() ? diff_object(step.desired, step.live, terms_of(step))
                                    : diff_with(step.predicted, step.desired, step.live, terms_of(step));
}

std::vector<FieldChange> changes_of(const Step& step) {
    return step.predicted.is_null() ? field_changes(step.desired, step.live, terms_of(step))
                                    : field_changes_with(step.predicted, step.desired, step.live, terms_of(step));
}

}  // namespace gitops::deliver
