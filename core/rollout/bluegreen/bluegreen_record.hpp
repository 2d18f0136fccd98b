// BlueGreenRecord is what the cluster itself remembers of a blue-green pair: the ConfigMap "gitopsctl-bluegreen.NAME".
#pragma once

#include <string>
#include <string_view>

#include "core/rollout/bluegreen/bluegreen_state.hpp"
#include "core/rollout/record_store.hpp"
#include "core/rollout/rollout_record.hpp"

namespace gitops::rollout {

inline constexpr std::string_view k_bluegreen_record_label = "gitopsctl.io/bluegreen-record";
/// The manager of what is changed for a switch. Unlike a canary's, its fields stay Git's to say.
inline constexpr std::string_view k_bluegreen_manager = "gitopsctl-bluegreen";

using BlueGreenRecord = RolloutRecord<BlueGreenState>;

kube::ObjectRef bluegreen_record_ref(std::string_view ns, std::string_view name);
/// See to_config_map() and read_record() of rollout_record.hpp.
doc::Value to_config_map(const BlueGreenRecord& record);
BlueGreenRecord read_bluegreen_record(const doc::Value& object);

template <>
struct RecordKind<BlueGreenRecord> {
    static constexpr std::string_view k_noun = "blue-green";
    static constexpr std::string_view k_command = "bluegreen";
    static constexpr std::string_view k_manager = k_bluegreen_manager;
    static kube::ObjectRef ref(const std::string& ns, const std::string& name) { return bluegreen_record_ref(ns, name); }
    static BlueGreenRecord read(const doc::Value& object) { return read_bluegreen_record(object); }
};

using BlueGreenStore = RecordStore<BlueGreenRecord>;

}  // namespace gitops::rollout
