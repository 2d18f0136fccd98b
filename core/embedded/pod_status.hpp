// The status of a simulated Pod: what a kubelet would write in each phase of a container's life.
#pragma once

#include <optional>
#include <string>

#include "core/embedded/faults.hpp"
#include "core/doc/value.hpp"

namespace gitops::embedded {

/// starting: the image is there, the container is being made. running: ready. working: running, but to an end (Jobs).
/// crashing: CrashLoopBackOff. pull_error, pull_waiting: ErrImagePull, ImagePullBackOff. succeeded, failed: over.
enum class PodPhase { starting, running, working, crashing, pull_error, pull_waiting, succeeded, failed };

/// The phase a Pod's status tells of.
PodPhase phase_of(const doc::Value& pod);
bool is_over(PodPhase phase);

/// What a new status is made from.
struct PodScene {
    PodPhase phase = PodPhase::starting;
    base::Time since{};              ///< when this attempt began
    base::Time at{};                 ///< the instant the status is of
    std::optional<Struck> struck;    ///< the misbehaving container
    std::int64_t restarts = 0;       ///< of the struck container
    base::Duration back_off{0};      ///< until its next restart
};
doc::Value pod_status(const doc::Value& pod, const PodScene& scene);

bool is_ready(const doc::Value& pod);
/// When it became ready, whole seconds; nullopt when it is not.
std::optional<base::Time> ready_since(const doc::Value& pod);
/// "container web: CrashLoopBackOff (image web:2.0)" of a Pod that cannot work; nullopt of one that can.
std::optional<std::string> trouble_of(const doc::Value& pod);

/// Crash loops: the kubelet waits 10 s before a restart, twice as long each time, at most 5 minutes.
struct BackOff {
    std::int64_t restarts = 1;
    base::Duration wait{0};   ///< the present pause as a whole
    base::Duration until{0};  ///< when it ends, counted from the first crash
};
BackOff back_off_after(base::Duration since_first_crash);

}  // namespace gitops::embedded
