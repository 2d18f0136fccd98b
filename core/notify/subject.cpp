#include "core/notify/subject.hpp"

#include <algorithm>
#include <cctype>

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace gitops::notify {

namespace {

using base::Code;
using base::Error;
using doc::Value;

struct RepoUrl {
    std::string host;  ///< with its port
    std::string path;
};

/// "https://user@host/path", "ssh://host:22/path", "git@host:path" or a path.
RepoUrl parse_url(std::string_view url) {
    const auto without_user = [](std::string_view host) { return std::string(host.substr(host.rfind('@') + 1)); };
    if (const auto scheme = url.find("://"); scheme != url.npos) {
        const auto rest = url.substr(scheme + 3);
        const auto slash = std::min(rest.find('/'), rest.size());
        return {without_user(rest.substr(0, slash)), std::string(rest.substr(slash))};
    }
    const auto colon = url.find(':');
    if (colon == url.npos || url.find('/') < colon) return {"", std::string(url)};
    return {without_user(url.substr(0, colon)), std::string(url.substr(colon + 1))};
}

std::string text_of(const Value& value, std::string_view what) {
    if (!value.is_string()) throw Error(Code::invalid, std::string(what) + " must be a text");
    return std::string(value.text());
}

Value commit_value(const Subject& subject, const std::string& sha) {
    if (!subject.commit_of) throw Error(Code::not_found, "no commit is known here");
    const auto commit = subject.commit_of(sha);
    auto tags = Value::list();
    for (const auto& tag : commit.tags) tags.push_back(tag);
    return Value::map({{"Message", commit.message}, {"Author", commit.author}, {"Date", base::to_rfc3339(commit.date)}, {"Tags", tags}});
}

/// "" when the operation has no such item, as in Argo CD.
std::string info_item(const Value& app, std::string_view name) {
    for (const Value* operation : {app.path("operation"), app.path("status", "operationState", "operation")}) {
        const Value* items = operation != nullptr ? operation->find("info") : nullptr;
        if (items == nullptr) continue;
        for (const auto& item : items->items())
            if (item.text_at("name") == name) return std::string(item.text_at("value"));
    }
    return "";
}

std::string query_escaped(std::string_view text) {
    constexpr std::string_view k_hex = "0123456789ABCDEF";
    std::string escaped;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 || std::string_view("-_.~").find(c) != std::string_view::npos) escaped += c;
        else if (c == ' ') escaped += '+';
        else escaped += {'%', k_hex[byte >> 4], k_hex[byte & 15]};
    }
    return escaped;
}

}  // namespace

std::string full_name_of_repo(std::string_view url) {
    auto path = parse_url(url).path;
    if (path.ends_with(".git")) path.resize(path.size() - 4);
    std::vector<std::string> parts;
    for (const auto part : base::split(path, '/'))
        if (!part.empty()) parts.emplace_back(part);
    return parts.size() < 2 ? path : parts[0] + "/" + parts[1];
}

std::string https_url_of_repo(std::string_view url) {
    const auto parsed = parse_url(url);
    const bool joins = parsed.path.empty() || parsed.path.front() == '/';
    return "https://" + parsed.host + (joins ? "" : "/") + parsed.path;
}

SubjectFunctions functions_of(const Subject& subject) {
    using Arguments = std::span<const Value>;
    return {
        {"repo.GetCommitMetadata", {1, 1, [&](Arguments given) { return commit_value(subject, text_of(given[0], "a commit")); }}},
        {"repo.FullNameByRepoURL", {1, 1, [](Arguments given) { return Value(full_name_of_repo(text_of(given[0], "a URL"))); }}},
        {"repo.RepoURLToHTTPS", {1, 1, [](Arguments given) { return Value(https_url_of_repo(text_of(given[0], "a URL"))); }}},
        {"repo.QueryEscape", {1, 1, [](Arguments given) { return Value(query_escaped(text_of(given[0], "what is escaped"))); }}},
        {"sync.GetInfoItem",
         {1, 2, [&](Arguments given) { return Value(info_item(given.size() == 2 ? given[0] : subject.app, text_of(given.back(), "a name"))); }}},
    };
}

}  // namespace gitops::notify
