#include "core/kube/cluster.hpp"

namespace gitops::kube {

ObjectRef ref_of(const doc::Value& object) {
    return {gvk_of(object), std::string(namespace_of(object)), std::string(name_of(object))};
}

}  // namespace gitops::kube
