#include "core/deliver/plan.hpp"

namespace gitops::deliver {

bool is_tracked(const Step& step) {
    return step.action != Action::skip && !kube::annotation_of(step.desired, k_tracking_annotation).empty();
}

bool awaits_pruning(const Step& step) {
    return step.action == Action::skip && step.desired.is_null() && step.options.prune;
}

}  // namespace gitops::deliver
