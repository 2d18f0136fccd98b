// CanarySpec is how a new version is taken to traffic, read from either of two dialects which are never guessed:
// `flagger.app/v1beta1` Canary means what Flagger means by it, `gitopsctl.io/v1` Canary counts successes per stage.
//
// Overview of the room: canary reads the spec; schedule says what will happen; step decides, purely, from spec, state
// and observation; objects and traffic make the Kubernetes objects a decision needs; metric_query, replay and
// analysis are about measurements; journal and plot tell what was decided and why; runner ties one tick together.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/doc/value.hpp"

namespace gitops::rollout {

enum class Dialect { flagger, stages };
std::string_view dialect_name(Dialect dialect);  ///< "flagger", "stages"

enum class Strategy { canary, blue_green, ab_testing };
std::string_view strategy_name(Strategy strategy);  ///< "canary", "blue-green", "ab-testing"

/// Whether Flagger's defects are kept: a list that stalls, a run that a restored spec leaves on its way, ... The rules
/// that change outcomes by design are kept in either case. See lint().
enum class Compat { none, flagger };

struct TargetRef {
    std::string api_version;  ///< "apps/v1"
    std::string kind;         ///< Deployment, DaemonSet or Service
    std::string name;
};

/// A bound that holds when equal. Without bounds everything passes.
struct Range {
    std::optional<double> min;
    std::optional<double> max;
};

struct TemplateRef {
    std::string name;
    std::string ns;  ///< "" is the canary's
};

/// How evidence is weighed when analysis.method is sequential; see analysis.hpp.
enum class MetricKind {
    threshold,   ///< one value against a range: every check of Flagger
    proportion,  ///< good of total, with a floor
    ratio,       ///< the canary's error rate against the baseline's
    latency,     ///< requests within a histogram bucket of all, with a floor: a quantile without interpolation
    paired,      ///< mirrored answers: canary alone right, baseline alone right
};

struct MetricCheck {
    std::string name;
    std::string interval;                ///< window of the query, as written; "" is the dialect's default
    Range range;
    std::string query{};                 ///< inline PromQL; "" for built-in names and templates
    std::optional<TemplateRef> reference{};
    std::map<std::string, std::string> variables{};
    MetricKind kind = MetricKind::threshold;
    std::map<std::string, std::string> queries{};  ///< of the sequential kinds: good, total, baselineGood, ...
    std::map<std::string, double> settings{};      ///< of the sequential kinds: floor, margin, ratio, alpha, beta
};

enum class HookType {
    confirm_rollout, pre_rollout, rollout, confirm_traffic_increase, confirm_promotion, post_rollout, rollback, event
};
std::string_view hook_type_name(HookType type);  ///< "confirm-rollout", ...

struct Webhook {
    std::string name;
    HookType type = HookType::rollout;
    std::string url{};                   ///< "" when it is a command
    std::vector<std::string> command{};  ///< `cmd:` as a list, or split at blanks; with `shell: true` {"sh", "-c", text}
    base::Duration timeout{10'000};
    int retries = 0;
    bool skip_tls_verify = false;
    bool mute_alert = false;
    doc::Value metadata{};  ///< a map of strings, or null
};

/// spec.service: the Services and the route that are made.
struct ServiceSpec {
    std::string name;         ///< the apex; "" in the manifest means the target's name
    int port = 0;
    std::string port_name{"http"};
    doc::Value target_port{};  ///< number or name; null is `port`
    std::string app_protocol{};
    bool port_discovery = false;
    bool headless = false;
    /// The whole of spec.service, for what only one traffic provider reads: gateways, hosts, gatewayRefs, match,
    /// rewrite, headers, retries, timeout, corsPolicy, trafficPolicy, apex, primary and canary metadata, ...
    doc::Value document{};
};

/// What the checks of one tick may cost before the run ends, beside values that are out of range.
struct Budget {
    int no_data = 0;      ///< in a row; 0: counts as a failed check, as Flagger does
    int unreachable = 0;  ///< in a row; the same
};

struct Analysis {
    base::Duration interval{60'000};
    Strategy strategy = Strategy::canary;
    // Flagger's dialect
    int threshold = 1;   ///< failed ticks until the roll-back, cumulative over the run
    int iterations = 0;
    int max_weight = 0;  ///< 0: not given
    int step_weight = 0;
    std::vector<int> step_weights{};
    int step_weight_promotion = 0;
    bool mirror = false;
    int mirror_weight = 100;
    // The stages dialect
    std::vector<int> stages{};
    int successes = 1;     ///< in a row, per stage
    int max_failures = 0;  ///< more than so many roll back
    // Both
    int primary_ready_threshold = 100;  ///< percent of updated replicas that must be available
    int canary_ready_threshold = 100;
    bool sequential = false;  ///< method: sequential
    Budget budget{};
    doc::Value match{};             ///< list of conditions for A/B, or null
    doc::Value session_affinity{};  ///< or null
    std::vector<MetricCheck> metrics{};
    std::vector<Webhook> webhooks{};
};

struct CanarySpec {
    Dialect dialect = Dialect::flagger;
    std::string name;
    std::string ns;
    std::string provider;        ///< "istio", "kubernetes", "gatewayapi:v1", "replicas", ...: see traffic.hpp
    std::string metrics_server;  ///< URL; "" means what the command was given
    TargetRef target;
    std::optional<TargetRef> autoscaler{};
    std::optional<TargetRef> ingress{};
    std::optional<TargetRef> route{};
    base::Duration progress_deadline{600'000};
    bool skip_analysis = false;
    bool suspend = false;
    bool revert_on_deletion = false;
    ServiceSpec service;
    Analysis analysis;
    doc::Value document;  ///< the manifest as it was read
    std::vector<std::string> unknown{};  ///< fields that nothing here reads, with near names, for lint()

    /// The apex Service and the primary and canary ones.
    const std::string& apex() const { return service.name; }
    std::string primary_service() const { return service.name + "-primary"; }
    std::string canary_service() const { return service.name + "-canary"; }
    std::string primary_name() const { return target.name + "-primary"; }
};

/// Reads a Canary of either dialect. Error(invalid) with the place of the field for another kind, a missing field or a
/// wrong type; what is legal and yet surely not meant is left to lint(). An empty namespace in the manifest becomes
/// `default_namespace`, no provider `default_provider`.
CanarySpec read_canary(const doc::Value& manifest, const std::string& file, const std::string& default_namespace = "default",
                       const std::string& default_provider = "");
/// True for a manifest that read_canary() reads.
bool is_canary(const doc::Value& manifest);
/// The status of the live object was written by Flagger, and it is not suspended: two that drive one target would undo each
/// other.
bool is_driven_by_flagger(const doc::Value& canary);

}  // namespace gitops::rollout
