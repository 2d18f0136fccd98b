// An object's status in short, and what Argo CD's rule for its kind says of it.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/deliver/health/health.hpp"
#include "core/doc/yaml_read.hpp"

namespace gitops::health_cases {

struct Case {
    std::string api_version, kind, rest, health;
};

/// "Ready=True:Reason Synced=False" as the list under status.conditions.
inline std::string conditions(const std::string& text) {
    std::string list;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find(' ', at), text.size());
        const auto one = text.substr(at, end - at);
        const auto equals = one.find('='), colon = one.find(':');
        list += "{type: " + one.substr(0, equals) + ", status: '" + one.substr(equals + 1, colon - equals - 1) + "', reason: " +
                (colon == std::string::npos ? "Some" : one.substr(colon + 1)) + "},";
        at = end + 1;
    }
    return "conditions: [" + list + "]";
}
inline std::string with(const std::string& text, const std::string& more = "") {
    return "status: {" + conditions(text) + (more.empty() ? "" : ", " + more) + "}";
}

/// The cases that are judged otherwise, a line each.
inline std::string wrong(const std::vector<Case>& cases) {
    std::string lines;
    for (const auto& one : cases) {
        const auto health =
            deliver::health_of(doc::read_yaml_one("apiVersion: " + one.api_version + "\nkind: " + one.kind + "\n" + one.rest));
        const std::string got(health ? deliver::health_name(health->status) : "none");
        if (got != one.health) lines += one.kind + " " + one.rest + ": " + got + ", not " + one.health + "\n";
    }
    return lines;
}

}  // namespace gitops::health_cases
