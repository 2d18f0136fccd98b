// A canary with one provider's route, as a cluster would keep it: what is made or set lives on.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/rollout/traffic/traffic.hpp"
#include "rollout_objects.hpp"

namespace gitops::rollout {

class TrafficLab {
  public:
    explicit TrafficLab(CanarySpec spec, Compat compat = Compat::none) : m_spec(std::move(spec)) { rules.compat = compat; }

    ObjectRules rules{};
    std::vector<doc::Value> live{};

    /// The number of documents written.
    std::size_t make() { return keep(make_routes(m_spec, live, rules)); }
    std::size_t set(const Split& split) { return keep(set_weights(m_spec, live, split, rules)); }
    /// "25", "0 mirrored", "100 matched", or "unknown".
    std::string read() const {
        const auto split = read_weights(m_spec, live, rules.compat);
        if (!split) return "unknown";
        return std::to_string(split->canary) + (split->mirrored ? " mirrored" : "") + (split->matched ? " matched" : "");
    }
    doc::Value& object(std::string_view kind, std::string_view name = "web") {
        const auto found = std::ranges::find_if(live, [&](const doc::Value& object) { return kube::kind_of(object) == kind && kube::name_of(object) == name; });
        if (found == live.end()) throw base::Error(base::Code::internal, "the test has no such object");
        return *found;
    }
    /// spec of the object at the name of the apex.
    std::string spec_of(std::string_view kind, std::string_view name = "web") { return yaml(*object(kind, name).find("spec")); }
    const CanarySpec& spec() const { return m_spec; }

  private:
    std::size_t keep(const std::vector<doc::Value>& documents) {
        for (const auto& document : documents) {
            const auto* now = find_live(live, kube::ref_of(document));
            if (now == nullptr) live.push_back(living(document, "1"));
            else live[static_cast<std::size_t>(now - live.data())] = living(document, std::to_string(std::stoi(std::string(kube::resource_version_of(document))) + 1));
        }
        return documents.size();
    }

    CanarySpec m_spec;
};

inline const char* const k_match_of_insiders =
    "    iterations: 3\n    match:\n    - headers: {x-canary: {exact: insider}}\n    - headers: {cookie: {regex: \"^(.*?;)?(canary=always)(;.*)?$\"}}\n";

}  // namespace gitops::rollout
