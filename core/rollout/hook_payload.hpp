// What a webhook is told.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/rollout/canary.hpp"
#include "core/rollout/ports.hpp"

namespace gitops::rollout {

enum class EventType { normal, warning };

/// Which run a hook is called for: Flagger's payload but the metadata.
struct HookSubject {
    std::string phase;     ///< "Progressing"
    std::string checksum;  ///< see hook_checksum()
};

/// A text that stays the same as long as revision and configuration do: 16 hex digits. Not Flagger's, which is a hash of
/// Go's memory layout; receivers use it to tell runs apart, no more.
/// `tracked` is "configmap/NAME" or "secret/NAME" -> checksum of its data.
std::string hook_checksum(std::string_view revision, const std::map<std::string, std::string>& tracked);

/// {name, namespace, phase, checksum, metadata}: with the hook's own metadata, or none.
std::string hook_body(const CanarySpec& spec, const Webhook& hook, const HookSubject& subject);
/// The same for a hook of type event: metadata has eventMessage, eventType and timestamp (ms since 1970) beside its own.
std::string event_body(const CanarySpec& spec, const Webhook& hook, const HookSubject& subject, std::string_view message,
                       EventType type, base::Time at);

/// `hook` as a call with that body.
HookCall call_of(const Webhook& hook, std::string body);

}  // namespace gitops::rollout
