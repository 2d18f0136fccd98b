// Lists of a collection, page by page.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/backend/api_client.hpp"
#include "core/kube/catalog.hpp"

namespace gitops::backend {

struct Collection {
    kube::KindInfo kind;
    std::string path;
    std::string label_selector;  ///< "" for everything
};

/// Everything in it, by namespace and name, each with its apiVersion and kind; nullopt when there is no such path. When
/// the server forgets the version of the first page meanwhile (410), reading starts again, once without pages.
std::optional<std::vector<doc::Value>> list_all(ApiClient& client, const Collection& collection, int page);

/// The version of the collection now; nullopt when there is no such path.
std::optional<std::string> version_now(ApiClient& client, const kube::KindInfo& kind, const std::string& path,
                                       std::stop_token stop);

}  // namespace gitops::backend
