#include "core/rollout/canary_record.hpp"

#include "core/base/error.hpp"

namespace gitops::rollout {

namespace {

constexpr RecordForm k_form{"gitopsctl-canary.", k_canary_record_label, "a canary", "canary"};

}  // namespace

std::string canary_record_name(std::string_view canary) { return std::string(k_form.prefix) + std::string(canary); }

kube::ObjectRef canary_record_ref(std::string_view ns, std::string_view canary) { return record_ref(k_form, ns, canary); }

doc::Value to_config_map(const CanaryRecord& record) { return to_config_map(with_state(record, to_value(record.state)), k_form); }

CanaryRecord read_canary_record(const doc::Value& object) {
    auto raw = read_record(object, k_form);
    try {
        auto state = read_state(raw.state);
        return with_state(std::move(raw), std::move(state));
    } catch (const base::Error& error) {
        refuse_record(object, k_form, error.message());
    }
}

}  // namespace gitops::rollout
