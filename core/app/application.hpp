// Application is one registered piece of Git and where it goes, in Argo CD's own form.
//
// The document is the truth: it is stored, printed and edited as Argo CD's YAML, so that a field gitopsctl does not
// use is not lost. The typed members are a reading of it, made in one place.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/app/source/application_source.hpp"
#include "core/base/clock.hpp"
#include "core/deliver/ignore_rule.hpp"
#include "core/doc/value.hpp"

namespace gitops::app {

struct Destination {
    std::string cluster;  ///< name of a registered cluster; "" means the current one
    std::string ns;
};

/// spec.syncPolicy.automated. Present and `enabled` absent means on, as in Argo CD.
struct Automated {
    bool enabled = true;
    bool prune = false;
    bool self_heal = false;
    bool allow_empty = false;
};

/// spec.syncPolicy.retry: wait duration * factor^n, at most max_duration, before attempt n+1.
struct Retry {
    int limit = 0;  ///< retries after the first attempt; negative: without end
    base::Duration duration{5000};
    double factor = 2.0;
    base::Duration max_duration{180'000};
    bool refresh = false;  ///< resolve the revision again before each attempt
    base::Duration wait_before(int retry) const;  ///< retry counted from 1
};

/// spec.syncPolicy.managedNamespaceMetadata: what the namespace that CreateNamespace makes is to carry.
struct NamespaceMetadata {
    std::vector<std::pair<std::string, std::string>> labels, annotations;
    bool empty() const { return labels.empty() && annotations.empty(); }
};

struct SyncPolicy {
    std::optional<Automated> automated;
    std::vector<std::string> sync_options;
    std::optional<Retry> retry;
    NamespaceMetadata namespace_metadata;
};

inline constexpr std::string_view k_refresh_annotation = "argocd.argoproj.io/refresh";

/// The annotation by which somebody asks for one look at the remote; hard: without anything that was kept.
enum class Refresh { no, normal, hard };


struct Application {
    doc::Value document;
    std::string name;
    std::string instance;  ///< keys its rows in state.db: the name, or "name@cluster" away from its own destination
    std::string project = "default";
    Source source;                ///< the only one, or the first
    std::vector<Source> sources;  ///< all of them, in their order
    bool is_multi_source = false; ///< written as spec.sources: revisions are lists, see revision_text.hpp
    Destination destination;
    SyncPolicy sync_policy;
    deliver::IgnoreRules ignore_differences;
    int history_limit = 10;
    std::vector<std::pair<std::string, std::string>> info;  ///< shown to people, without effect
    Refresh refresh = Refresh::no;
    bool skip_reconcile = false;              ///< reconcile and controller leave it alone
    std::vector<std::string> generate_paths;  ///< manifest-generate-paths: nothing else changes what it renders
};

/// Reads an `Application` of argoproj.io/v1alpha1. Error(invalid) with file:line for what is wrong and for what this
/// version cannot do (plugins, jsonnet, hydrators): it is refused, never ignored. Options without effect are told in
/// `warnings`.
Application read_application(const doc::Value& document, const std::string& file, std::vector<std::string>& warnings);

/// Error(invalid) unless `name` is a DNS-1123 subdomain, as every name in Kubernetes.
void require_name(std::string_view name, std::string_view what);

}  // namespace gitops::app
