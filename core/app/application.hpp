// Application is one registered piece of Git and where it goes, in Argo CD's own form.
//
// The document is the truth: it is stored, printed and edited as Argo CD's YAML, so that a field gitopsctl does not
// use is not lost. The typed members are a reading of it, made in one place.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/doc/path.hpp"
#include "core/doc/value.hpp"
#include "core/render/render.hpp"

namespace gitops::app {

struct Source {
    std::string repo_url;
    std::string path;             ///< directory in the repository, "" for its root
    std::string target_revision;  ///< "" means HEAD
    render::DirectoryOptions directory;
    render::KustomizeOptions kustomize;
};

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

struct SyncPolicy {
    std::optional<Automated> automated;
    std::vector<std::string> sync_options;
    std::optional<Retry> retry;
};

/// One entry of spec.ignoreDifferences; group and kind are globs, empty name and ns match all.
struct IgnoreRule {
    std::string group, kind, name, ns;
    std::vector<doc::Pointer> pointers;
};

struct Application {
    doc::Value document;
    std::string name;
    std::string instance;  ///< keys its rows in state.db: the name, or "name@cluster" away from its own destination
    std::string project = "default";
    Source source;
    Destination destination;
    SyncPolicy sync_policy;
    std::vector<IgnoreRule> ignore_differences;
    int history_limit = 10;
};

/// Reads an `Application` of argoproj.io/v1alpha1. Error(invalid) with file:line for what is wrong and for what this
/// version cannot do (several sources, charts, plugins): it is refused, never ignored. Options without effect are
/// told in `warnings`.
Application read_application(const doc::Value& document, const std::string& file, std::vector<std::string>& warnings);

/// Error(invalid) unless `name` is a DNS-1123 subdomain, as every name in Kubernetes.
void require_name(std::string_view name, std::string_view what);

}  // namespace gitops::app
