// CanaryStore keeps the record of one canary; see record_store.hpp.
#pragma once

#include "core/rollout/canary_record.hpp"
#include "core/rollout/record_store.hpp"

namespace gitops::rollout {

template <>
struct RecordKind<CanaryRecord> {
    static constexpr std::string_view k_noun = "canary";
    static constexpr std::string_view k_command = "canary";
    static constexpr std::string_view k_manager = k_canary_manager;
    static kube::ObjectRef ref(const std::string& ns, const std::string& name) { return canary_record_ref(ns, name); }
    static CanaryRecord read(const doc::Value& object) { return read_canary_record(object); }
};

using CanaryStore = RecordStore<CanaryRecord>;

}  // namespace gitops::rollout
