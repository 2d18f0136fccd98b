#include "core/backend/api_lists.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/kube/resource.hpp"

namespace gitops::backend {

using base::Code;
using base::Error;
using doc::Value;

namespace {

constexpr int k_most_pages = 100'000;  ///< a server that goes on for longer never means to end
constexpr int k_tries = 3;

struct Pages {
    enum class End { complete, no_such_path, forgotten };
    std::vector<Value> objects;
    End end = End::complete;
};

std::string subject_of(const kube::KindInfo& kind) {
    return kind.gvk.group.empty() ? kind.resource : kind.resource + "." + kind.gvk.group;
}

std::string query_of(const Collection& collection, int page, std::string_view next) {
    std::string query;
    const auto add = [&](std::string_view key, std::string_view value) {
        query += fmt::format("{}{}={}", query.empty() ? '?' : '&', key, url_encode(value));
    };
    if (!collection.label_selector.empty()) add("labelSelector", collection.label_selector);
    if (page > 0) add("limit", std::to_string(page));
    if (!next.empty()) add("continue", next);
    return query;
}

/// Items of a list come without what its head has said for all of them.
Value completed(const Value& item, const Value& api_version, const Value& kind) {
    std::vector<doc::Entry> entries{{"apiVersion", api_version}, {"kind", kind}};
    entries.reserve(item.size() + 2);
    for (const doc::Entry& entry : item.entries())
        if (entry.name() != "apiVersion" && entry.name() != "kind") entries.push_back(entry);
    return Value::map_of_distinct(std::move(entries));
}

Pages read_pages(ApiClient& client, const Collection& collection, int page) {
    Pages pages;
    const Value api_version(collection.kind.gvk.api_version()), kind(collection.kind.gvk.kind);
    std::string next;
    for (int read = 0; read < k_most_pages; ++read) {
        ApiRequest request;
        request.path = collection.path + query_of(collection, page, next);
        const ApiResponse response = client.call(request);
        if (response.status == 404) return {{}, Pages::End::no_such_path};
        if (response.status == 410 && !next.empty()) return {{}, Pages::End::forgotten};
        if (response.status < 200 || response.status > 299)
            throw error_of(response.status, response.body, "").note("while listing " + subject_of(collection.kind));
        if (const Value* items = response.body.find("items"))
            for (const Value& item : items->items())
                if (item.is_map()) pages.objects.push_back(completed(item, api_version, kind));
        const Value* more = response.body.path("metadata", "continue");
        std::string token(more == nullptr ? "" : more->text());
        if (token.empty()) return pages;
        if (token == next) break;
        next = std::move(token);
    }
    throw Error(Code::unavailable, subject_of(collection.kind) + ": the server's list does not come to an end");
}

}  // namespace

std::optional<std::vector<Value>> list_all(ApiClient& client, const Collection& collection, int page) {
    Pages pages;
    for (int tried = 0; tried < k_tries; ++tried) {
        pages = read_pages(client, collection, tried == 0 ? page : 0);
        if (pages.end != Pages::End::forgotten) break;
    }
    if (pages.end == Pages::End::no_such_path) return std::nullopt;
    if (pages.end == Pages::End::forgotten)
        throw Error(Code::unavailable, subject_of(collection.kind) + ": changes faster than the server can list it");
    const auto is_before = [](const Value& a, const Value& b) {
        const int by_namespace = kube::namespace_of(a).compare(kube::namespace_of(b));
        return by_namespace != 0 ? by_namespace < 0 : kube::name_of(a) < kube::name_of(b);
    };
    if (!std::is_sorted(pages.objects.begin(), pages.objects.end(), is_before))
        std::stable_sort(pages.objects.begin(), pages.objects.end(), is_before);
    return std::move(pages.objects);
}

std::optional<std::string> version_now(ApiClient& client, const kube::KindInfo& kind, const std::string& path,
                                       std::stop_token stop) {
    ApiRequest request;
    request.path = path + "?limit=1";
    const ApiResponse response = client.call(request, std::move(stop));
    if (response.status == 404) return std::nullopt;
    if (response.status < 200 || response.status > 299)
        throw error_of(response.status, response.body, "").note("while starting to watch " + subject_of(kind));
    const Value* version = response.body.path("metadata", "resourceVersion");
    return std::string(version == nullptr ? "" : version->text());
}

}  // namespace gitops::backend
