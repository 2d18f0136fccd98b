// ConfigMaps and Secrets that a target uses: a change in one of them is a new revision, and the primary has copies of its own.
#pragma once

#include <vector>

#include "core/rollout/workload.hpp"

namespace gitops::rollout {

enum class ConfigKind { config_map, secret };

struct ConfigRef {
    ConfigKind kind = ConfigKind::config_map;
    std::string name;
    bool is_optional = false;  ///< everywhere it is used

    /// "configmap/web", "secret/web": Flagger's key in status.trackedConfigs.
    std::string key() const;
    kube::ObjectRef object(const std::string& ns) const;
    bool operator==(const ConfigRef&) const = default;
};

/// What the pods of a target refer to in volumes, projected volumes, and env and envFrom of containers and init containers;
/// by key, each once. Empty for a Service.
std::vector<ConfigRef> tracked_refs(const doc::Value& target);

/// Sixteen hex digits of the SHA-256 of .data as Go writes it in JSON, which is Flagger's checksum. Where there is binaryData it
/// counts too, but not under Compat::flagger.
std::string config_checksum(const doc::Value& config, Compat compat);

/// The checksums of those of `refs` that are tracked; `live` has the ones that exist. Left out are Secrets of types that belong
/// to the cluster (only Opaque, basic-auth, ssh-auth and tls are tracked) and objects annotated flagger.app/config-tracking:
/// disabled. A missing optional one is skipped. Error(not_found) naming every other one that is missing.
ConfigSums config_checksums(const CanarySpec& spec, const std::vector<ConfigRef>& refs, const std::vector<doc::Value>& live,
                            Compat compat);

/// The name of the primary's copy.
ConfigRef primary_copy(const ConfigRef& ref);
/// The copies for the primary that have to be written. `live` holds the originals and the copies that exist. A copy that another
/// Canary owns is shared: it keeps its owners, and ours is added without being its controller.
std::vector<doc::Value> primary_configs(const CanarySpec& spec, const std::vector<ConfigRef>& refs, const ConfigSums& tracked,
                                        const std::vector<doc::Value>& live, const ObjectRules& rules);

}  // namespace gitops::rollout
