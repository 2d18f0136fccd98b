#include "core/base/source.hpp"
#include "core/base/text.hpp"

namespace gitops::base {

std::optional<std::string> normalise_path(std::string_view path) {
    if (path.starts_with('/') || path.find('\0') != std::string_view::npos) return std::nullopt;
    std::string result;
    result.reserve(path.size());
    for (const std::string_view part : split(path, '/')) {
        if (part.empty() || part == ".") continue;
        if (part == "..") {
            if (result.empty()) return std::nullopt;
            result.resize(parent_path(result).size());
            continue;
        }
        if (!result.empty()) result += '/';
        result += part;
    }
    return result;
}

std::optional<std::string> join_path(std::string_view base, std::string_view path) {
    if (path.starts_with('/')) return std::nullopt;
    std::string joined(base);
    if (!joined.empty()) joined += '/';
    joined += path;
    return normalise_path(joined);
}

std::string_view parent_path(std::string_view path) {
    const auto slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

}  // namespace gitops::base
