#include "core/rollout/bluegreen/bluegreen_record.hpp"

#include "core/base/error.hpp"

namespace gitops::rollout {

namespace {

constexpr RecordForm k_form{"gitopsctl-bluegreen.", k_bluegreen_record_label, "a blue-green switch", "blueGreen"};

}  // namespace

kube::ObjectRef bluegreen_record_ref(std::string_view ns, std::string_view name) { return record_ref(k_form, ns, name); }

doc::Value to_config_map(const BlueGreenRecord& record) { return to_config_map(with_state(record, to_value(record.state)), k_form); }

BlueGreenRecord read_bluegreen_record(const doc::Value& object) {
    auto raw = read_record(object, k_form);
    try {
        auto state = read_bluegreen_state(raw.state);
        return with_state(std::move(raw), std::move(state));
    } catch (const base::Error& error) {
        refuse_record(object, k_form, error.message());
    }
}

}  // namespace gitops::rollout
