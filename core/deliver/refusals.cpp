#include "core/deliver/refusals.hpp"

#include <algorithm>
#include <string_view>

#include "core/base/text.hpp"

namespace gitops::deliver {
namespace {

/// In lower case, with who says so.
constexpr std::string_view k_immutable_words[] = {
    "immutable",                                     // most fields, claims, volumes, rules of custom resources
    "forbidden: updates to",                         // StatefulSet; StorageClass parameters; PodDisruptionBudget before 1.15
    "may not change once set",                       // Service clusterIPs, ipFamilies, loadBalancerClass
    "may not be changed",                            // PriorityClass value, RuntimeClass handler
    "cannot be changed",                             // webhooks and operators
    "can not be changed",                            //
    "clusterip can not be unset",                    // Service
    "pod updates may not change fields other than",  // Pod
    "cannot change roleref",                         // RoleBinding, ClusterRoleBinding
    "field can not be modified once set",            // PersistentVolumeClaim volumeName of old servers
    "field cannot change",                           // the embedded cluster
};

}  // namespace

bool is_immutable_field(const base::Error& error) {
    if (error.code() != base::Code::invalid) return false;
    const auto text = base::lower(error.message());
    return std::ranges::any_of(k_immutable_words, [&](auto words) { return text.find(words) != std::string::npos; });
}

}  // namespace gitops::deliver
