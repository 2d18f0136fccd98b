// What is asked of a metrics server for one check of a Canary, and which server that is.
//
// A check can ask up to three questions, as in Flagger: the built-in one its name stands for, the query written into
// it, and the MetricTemplate it refers to.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.hpp"
#include "core/doc/value.hpp"
#include "core/rollout/canary.hpp"
#include "core/rollout/ports.hpp"

namespace gitops::rollout {

inline constexpr std::string_view k_success_rate = "request-success-rate";  ///< percent
inline constexpr std::string_view k_duration = "request-duration";          ///< milliseconds
bool is_builtin_metric(std::string_view name);

/// A MetricTemplate of flagger.app/v1beta1: a query that several Canaries share, and where to ask it.
struct MetricTemplate {
    std::string name, ns;
    std::string type;     ///< of the provider: "prometheus", ...
    std::string address;
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string secret{};  ///< name of the Secret with credentials, in the same namespace; "" for none
    bool skip_tls_verify = false;
    std::string query;
    base::Place query_place{};  ///< of the query's first line
};
bool is_metric_template(const doc::Value& manifest);
/// Error(invalid) with the place of the field.
MetricTemplate read_metric_template(const doc::Value& manifest, const std::string& file,
                                    const std::string& default_namespace = "default");

enum class AnsweredBy {
    from_server,
    played_back,  ///< a file or script has a column for every name: a check needs no query
};

struct QuerySettings {
    Compat compat = Compat::none;
    AnsweredBy answers = AnsweredBy::from_server;
    std::string mesh_provider{};    ///< what Flagger's controller is told; with "linkerd" in it Linkerd's queries are asked
    std::string latest_revision{};  ///< of a Knative Service: its route
};

enum class QueryOrigin { builtin, written, shared };

struct MetricQuery {
    QueryOrigin origin = QueryOrigin::written;
    std::string text;           ///< with nothing left to fill in, on one line
    bool whole_millis = false;  ///< value and bounds are cut to whole milliseconds, as Flagger does
};

/// The questions of one check, in the order built-in, written, shared; never none. `shared` is the template the check
/// refers to, nullptr when it refers to none. Error(invalid) for a name that is no built-in one of a check that says
/// nothing else (with near names) and for what cannot be filled in; Error(not_found) when `shared` is missing.
std::vector<MetricQuery> queries_of(const CanarySpec& spec, const MetricCheck& check, const MetricTemplate* shared,
                                    const QuerySettings& settings = {});
/// MetricCheck::queries, filled in: those of the sequential kinds.
std::map<std::string, std::string> counter_queries(const CanarySpec& spec, const MetricCheck& check,
                                                   const QuerySettings& settings = {});

/// Whose built-in queries are asked: "istio", "linkerd", "kubernetes", ... Flagger's rules: an unknown provider, SMI, a
/// `gatewayapi` without version and most Service targets get Istio's.
std::string_view builtin_family(const CanarySpec& spec, const QuerySettings& settings = {});

/// Where `query` is asked. `otherwise` is what the command was given: a file or script answers everything, a server what
/// neither spec.metricsServer nor a template places elsewhere; its credentials are sent nowhere else. `secret` is the
/// Secret the template names (nullptr: not found), with the key token, or username and password.
/// Error(invalid) without an address or for a provider that cannot be asked, Error(not_found) without the Secret.
MetricSource source_of(const CanarySpec& spec, const MetricCheck& check, const MetricQuery& query,
                       const MetricTemplate* shared, const MetricSource& otherwise, const doc::Value* secret,
                       Compat compat = Compat::none);

}  // namespace gitops::rollout
