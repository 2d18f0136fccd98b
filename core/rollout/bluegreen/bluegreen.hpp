// BlueGreenSpec is how traffic is switched between two Deployments behind one Service: kind BlueGreen of
// gitopsctl.io/v1. Which side is active is never written down: it is the one whose Pods the Service selects now.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/doc/value.hpp"
#include "core/rollout/bluegreen/bluegreen_state.hpp"
#include "core/rollout/canary.hpp"

namespace gitops::rollout {

/// What is watched once the new side has the traffic.
struct Monitoring {
    base::Duration duration{0};         ///< 0: not watched
    base::Duration interval{30'000};    ///< between two looks
    int max_failures = 0;               ///< looks that may fail; one more takes the traffic back
    Budget budget{5, 5};                ///< looks in a row without an answer
    bool sequential = false;
    std::vector<MetricCheck> metrics{};
    std::vector<Webhook> webhooks{};    ///< of type rollout, rollback, event or post-rollout
};

struct BlueGreenSpec {
    std::string name;
    std::string ns;
    std::string service;
    std::string blue, green;           ///< Deployments
    std::string preview_service{};     ///< made, and kept selecting the idle side; "" for none
    std::string provider{};            ///< whose built-in queries are asked: "kubernetes", "istio", ...
    std::string metrics_server{};      ///< URL; "" means what the command was given
    base::Duration progress_deadline{600'000};
    std::vector<Webhook> smoke{};      ///< of type pre-rollout; confirm-promotion holds the switch while it refuses
    Monitoring monitor{};
    std::optional<base::Duration> scale_down_delay{};  ///< nullopt: the old side keeps running
    doc::Value document;
    std::vector<std::string> unknown{};  ///< fields that nothing here reads, with near names

    const std::string& deployment(Color color) const { return color == Color::blue ? blue : green; }
};

/// True for a manifest that read_bluegreen() reads.
bool is_bluegreen(const doc::Value& manifest);
/// Error(invalid) with the place of the field for another kind, a missing field or a wrong type. An empty namespace in the
/// manifest becomes `default_namespace`.
BlueGreenSpec read_bluegreen(const doc::Value& manifest, const std::string& file, const std::string& default_namespace = "default");

/// The spec as checks ask for it: a Canary whose target is the Deployment of `tested`, with the smoke tests as its
/// pre-rollout hooks.
CanarySpec checks_of(const BlueGreenSpec& spec, Color tested);

}  // namespace gitops::rollout
