// A cluster in memory with a clock moved by hand, and short questions to it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/embedded/local_cluster.hpp"

namespace gitops::test {

struct Embedded {
    std::shared_ptr<base::ManualClock> clock =
        std::make_shared<base::ManualClock>(base::Time(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)));
    embedded::LocalCluster cluster{":memory:", clock};

    void pass(int millis) { clock->advance(base::Duration(millis)); }
    doc::Value apply(std::string_view yaml);
    doc::Value get(std::string_view kind, std::string_view name);
    std::vector<doc::Value> list(std::string_view kind);
    void scale(std::string_view kind, std::string_view name, int replicas);
    void remove(std::string_view kind, std::string_view name);

    /// "Pending 2/3 updated, 1 available": a Deployment's figures, updated/wanted.
    std::string rollout(std::string_view name);
    /// "web-0 running, web-1 starting": Pods by name.
    std::string pods();
    /// The same by image, names left out, counted: "2 running web:1, 1 crashing web:2".
    std::string pods_by_image();
    /// "Progressing False ProgressDeadlineExceeded: message", "" when there is none.
    std::string condition(std::string_view kind, std::string_view name, std::string_view type);
    /// Reasons and messages of the Events about one object, one per line.
    std::string events(std::string_view name);
};

/// A Deployment in namespace default with more lines for its spec.
std::string deployment(std::string_view name, int replicas, std::string_view image, std::string_view spec = {});
/// Names of generated objects with their hash and suffix taken out: "web-HASH-SUFFIX".
std::string without_hashes(std::string text);

}  // namespace gitops::test
