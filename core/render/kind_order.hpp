// The order in which kustomize prints kinds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/kube/resource.hpp"
#include "core/render/collection.hpp"

namespace gitops::render {

/// sortOptions of a kustomization.
struct SortOptions {
    enum class Order { fifo, legacy };
    Order order = Order::fifo;
    bool has_legacy_lists = false;
    std::vector<std::string> order_first, order_last;
};

/// Negative for kinds that come first, positive for those that come last, 0 for all others.
int legacy_rank(std::string_view kind);
/// "group_version_kind" with ~G, ~V, ~K for what is empty.
std::string gvk_sort_text(const kube::Gvk& gvk);
/// Error(invalid) for lists given with another order than legacy.
void sort_objects(Collection& objects, const SortOptions& options);

}  // namespace gitops::render
