#include "core/backend/watch_token.hpp"

#include <charconv>

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace gitops::backend {

namespace {

std::string key_of(const kube::Gvk& kind) { return kind.group.empty() ? kind.kind : kind.kind + "." + kind.group; }

}  // namespace

std::optional<Version> parse_version(std::string_view text) {
    Version version = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(version) : std::nullopt;
}

WatchToken WatchToken::parse(std::string_view text) {
    WatchToken token;
    if (text.empty()) return token;
    token.m_all = parse_version(text);
    if (token.m_all) return token;
    for (std::string_view part : base::split(text, ',')) {
        const auto equals = part.find('=');
        const auto version = equals == part.npos ? std::nullopt : parse_version(part.substr(equals + 1));
        if (!version || equals == 0)
            throw base::Error(base::Code::invalid, "\"" + std::string(text) + "\" is no place in a cluster's history");
        token.m_kinds[std::string(part.substr(0, equals))] = *version;
    }
    return token;
}

std::optional<Version> WatchToken::find(const kube::Gvk& kind) const {
    const auto found = m_kinds.find(key_of(kind));
    return found == m_kinds.end() ? m_all : std::optional(found->second);
}

void WatchToken::set(const kube::Gvk& kind, Version version) { m_kinds[key_of(kind)] = version; }

std::string WatchToken::text() const {
    std::string text;
    for (const auto& [kind, version] : m_kinds) {
        if (!text.empty()) text += ',';
        text += kind + "=" + std::to_string(version);
    }
    return text;
}

}  // namespace gitops::backend
