#include "core/rollout/hook_payload.hpp"

#include "core/base/digest.hpp"
#include "core/doc/json.hpp"

namespace gitops::rollout {

namespace {

using doc::Value;

constexpr std::size_t k_checksum_digits = 16;

std::string body_of(const CanarySpec& spec, const HookSubject& subject, Value metadata) {
    Value payload = Value::map({{"name", spec.name},
                                {"namespace", spec.ns},
                                {"phase", subject.phase},
                                {"checksum", subject.checksum}});
    if (metadata.is_map() && !metadata.empty()) payload.set("metadata", std::move(metadata));
    return doc::write_json(payload);
}

}  // namespace

std::string hook_checksum(std::string_view revision, const std::map<std::string, std::string>& tracked) {
    Value configs = Value::map();
    for (const auto& [name, checksum] : tracked) configs.set(name, checksum);
    const std::string text = doc::write_json(Value::map({{"revision", revision}, {"configs", std::move(configs)}}));
    return base::sha256_hex(text).substr(0, k_checksum_digits);
}

std::string hook_body(const CanarySpec& spec, const Webhook& hook, const HookSubject& subject) {
    return body_of(spec, subject, hook.metadata);
}

std::string event_body(const CanarySpec& spec, const Webhook& hook, const HookSubject& subject, std::string_view message,
                       EventType type, base::Time at) {
    Value metadata = hook.metadata.is_map() ? hook.metadata : Value::map();
    metadata.set("eventMessage", message);
    metadata.set("eventType", type == EventType::normal ? "Normal" : "Warning");
    metadata.set("timestamp", std::to_string(at.time_since_epoch().count()));
    return body_of(spec, subject, std::move(metadata));
}

HookCall call_of(const Webhook& hook, std::string body) {
    HookCall call;
    call.name = hook.name;
    call.url = hook.url;
    call.command = hook.command;
    call.body = std::move(body);
    call.timeout = hook.timeout;
    call.retries = hook.retries;
    call.skip_tls_verify = hook.skip_tls_verify;
    return call;
}

}  // namespace gitops::rollout
