// sprig's paths and URLs.
#include "core/base/text.hpp"
#include "core/templates/sprig_parts.hpp"

namespace gitops::templates::detail {

namespace {

/// path.Clean.
std::string clean(std::string_view path) {
    if (path.empty()) return ".";
    const bool rooted = path.starts_with('/');
    std::vector<std::string> parts;
    for (const std::string_view part : base::split(path, '/')) {
        if (part.empty() || part == ".") continue;
        if (part != "..") parts.emplace_back(part);
        else if (!parts.empty() && parts.back() != "..") parts.pop_back();
        else if (!rooted) parts.emplace_back("..");
    }
    const std::string joined = base::join(parts, "/");
    if (rooted) return "/" + joined;
    return joined.empty() ? "." : joined;
}

std::string base_of(std::string_view path) {
    if (path.empty()) return ".";
    while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    if (path == "/") return "/";
    return std::string(path.substr(path.rfind('/') + 1));
}

std::string extension(std::string_view path) {
    for (std::size_t i = path.size(); i-- > 0 && path[i] != '/';)
        if (path[i] == '.') return std::string(path.substr(i));
    return {};
}

std::string dir_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return clean(slash == std::string_view::npos ? "" : path.substr(0, slash + 1));
}

Datum parse_url(GoCall& call) {
    std::string_view rest = call.text(0);
    Datum map = Datum::map();
    auto& fields = map.entries();
    for (const char* name : {"scheme", "host", "hostname", "path", "query", "opaque", "fragment", "userinfo"}) fields[name] = "";
    if (const auto at = rest.find('#'); at != std::string_view::npos)
        fields["fragment"] = rest.substr(at + 1), rest = rest.substr(0, at);
    if (const auto at = rest.find('?'); at != std::string_view::npos)
        fields["query"] = rest.substr(at + 1), rest = rest.substr(0, at);
    if (const auto at = rest.find(':'); at != std::string_view::npos && at > 0 &&
            rest.substr(0, at).find('/') == std::string_view::npos) {
        fields["scheme"] = base::lower(rest.substr(0, at));
        rest.remove_prefix(at + 1);
        if (!rest.starts_with('/')) {
            fields["opaque"] = rest;
            return map;
        }
    }
    if (rest.starts_with("//")) {
        const std::size_t slash = std::min(rest.find('/', 2), rest.size());
        std::string_view authority = rest.substr(2, slash - 2);
        rest.remove_prefix(slash);
        if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
            fields["userinfo"] = authority.substr(0, at);
            authority.remove_prefix(at + 1);
        }
        fields["host"] = authority;
        const bool is_ipv6 = authority.starts_with('[');
        const std::size_t colon = is_ipv6 ? authority.find(':', authority.find(']')) : authority.rfind(':');
        std::string_view name = authority.substr(0, colon);
        if (is_ipv6 && name.size() > 1) name = name.substr(1, name.size() - 2);
        fields["hostname"] = name;
    }
    fields["path"] = rest;
    return map;
}

std::string field(const Datum& map, std::string_view name) {
    const Datum* found = map.is_map() ? map.find(name) : nullptr;
    return found != nullptr && found->is_string() ? found->text() : std::string();
}

Datum join_url(GoCall& call) {
    const Datum& map = call.args[0];
    std::string out;
    if (const std::string scheme = field(map, "scheme"); !scheme.empty()) out += scheme + ":";
    if (const std::string opaque = field(map, "opaque"); !opaque.empty()) out += opaque;
    else {
        const std::string host = field(map, "host"), user = field(map, "userinfo"), path = field(map, "path");
        if (!host.empty() || !user.empty()) out += "//" + (user.empty() ? "" : user + "@") + host;
        if (!path.empty() && !path.starts_with('/') && !host.empty()) out += "/";
        out += path;
    }
    if (const std::string query = field(map, "query"); !query.empty()) out += "?" + query;
    if (const std::string fragment = field(map, "fragment"); !fragment.empty()) out += "#" + fragment;
    return out;
}

constexpr SprigRow k_rows[] = {
    {"base osBase", "s", [](GoCall& call) { return Datum(base_of(call.text(0))); }},
    {"dir osDir", "s", [](GoCall& call) { return Datum(dir_of(call.text(0))); }},
    {"clean osClean", "s", [](GoCall& call) { return Datum(clean(call.text(0))); }},
    {"ext osExt", "s", [](GoCall& call) { return Datum(extension(call.text(0))); }},
    {"isAbs osIsAbs", "s", [](GoCall& call) { return Datum(call.text(0).starts_with('/')); }},
    {"urlParse", "s", parse_url},
    {"urlJoin", "m", join_url},
};

}  // namespace

void add_sprig_paths(GoFunctions& functions) { add_rows(functions, k_rows); }

}  // namespace gitops::templates::detail
