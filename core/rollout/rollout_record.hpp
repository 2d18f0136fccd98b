// RolloutRecord is what the cluster itself remembers of a rollout: its manifest, state, journal and who is running it. One
// ConfigMap in the rollout's namespace, so that any machine goes on where another was killed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/doc/value.hpp"
#include "core/io/process.hpp"
#include "core/kube/cluster.hpp"
#include "core/rollout/journal.hpp"
#include "core/rollout/state.hpp"

namespace gitops::rollout {

/// Who runs the rollout at this moment.
struct Runner {
    std::string actor;
    io::ProcessId process;
    std::int64_t beat = 0;  ///< grows while the runner lives

    bool operator==(const Runner&) const = default;
};

/// What flags change of a spec.
struct Overrides {
    std::vector<int> stages{};           ///< empty: not given. Any of the first three means the stages dialect.
    std::optional<int> successes{};
    std::optional<int> max_failures{};
    std::string interval{};              ///< as written; "" is not given
    bool sequential = false;
    std::string provider{};

    bool operator==(const Overrides&) const = default;
};
/// The spec with what flags say. Error(invalid) for stages that do not rise and for an interval that is none.
CanarySpec with_overrides(CanarySpec spec, const Overrides& overrides);

/// How a run was asked for, beside its manifest: kept, so that a resumed run means the same.
struct RunSettings {
    Compat compat = Compat::none;
    std::string metrics_url{};    ///< of the default metrics server
    std::string metrics_file{};   ///< absolute path of a file that is played back
    std::string token_env{};      ///< of the metrics server: where its token is, never the token
    std::string token_file{};
    std::string app{};            ///< --git: the application the target comes from
    Overrides overrides{};

    bool operator==(const RunSettings&) const = default;
};

template <class State>
struct RolloutRecord {
    std::string name;
    std::string ns;
    doc::Value manifest;
    RunSettings settings{};
    State state{};
    std::vector<RunRecord> runs{};       ///< oldest first; the last one may be under way
    std::optional<Runner> runner{};
    Command command = Command::none;     ///< asked for, and not served yet
    std::string command_by{};
    std::string resource_version{};      ///< "" when it is not stored yet
};

/// A record whose state is not read yet.
using RawRecord = RolloutRecord<doc::Value>;

/// The same record with another state.
template <class To, class From>
RolloutRecord<To> with_state(RolloutRecord<From> record, To state) {
    return {std::move(record.name),   std::move(record.ns),     std::move(record.manifest), std::move(record.settings),
            std::move(state),         std::move(record.runs),   std::move(record.runner),   record.command,
            std::move(record.command_by), std::move(record.resource_version)};
}

/// What records of one kind of rollout are called.
struct RecordForm {
    std::string_view prefix;    ///< of the ConfigMap's name: "gitopsctl-canary."
    std::string_view label;     ///< it is found by
    std::string_view noun;      ///< for people: "a canary"
    std::string_view manifest;  ///< the key of the manifest
};

kube::ObjectRef record_ref(const RecordForm& form, std::string_view ns, std::string_view name);

/// With resource_version as the version it replaces, when it has one. What does not fit into 700 KiB is left out: the
/// entries of the oldest runs first, then the oldest of the last run.
doc::Value to_config_map(const RawRecord& record, const RecordForm& form);
/// Error(invalid) for a ConfigMap that is no record, with its name.
RawRecord read_record(const doc::Value& object, const RecordForm& form);
/// The error of read_record(), for a state that cannot be read.
[[noreturn]] void refuse_record(const doc::Value& object, const RecordForm& form, std::string_view why);

}  // namespace gitops::rollout
