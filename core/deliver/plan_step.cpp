#include "core/deliver/plan.hpp"

namespace gitops::deliver {

bool is_tracked(const Step& step) {
    return step.action != Action::skip && !kube::annotation_of(step.desired, k_tracking_annotation).empty();
}

bool awaits_pruning(const Step& step) {
    return step.action == Action::skip && step.desired.is_null() && step.options.prune && !kube::is_being_deleted(step.live);
}

ObjectDiff diff_of(const Step& step) {
    const auto fields = step.options.client_side;
    return step.predicted.is_null() ? diff_object(step.desired, step.live, fields)
                                    : diff_with(step.predicted, step.desired, step.live, fields);
}

std::vector<FieldChange> changes_of(const Step& step) {
    const auto fields = step.options.client_side;
    return step.predicted.is_null() ? field_changes(step.desired, step.live, fields)
                                    : field_changes_with(step.predicted, step.desired, step.live, fields);
}

}  // namespace gitops::deliver
