// What a rollout asks of the world beside the cluster: measurements, and hooks that other people run.
//
// Adapters implement these (core/backend), or a file plays them back (replay.hpp). None of them decides anything.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "core/base/clock.hpp"
#include "core/doc/value.hpp"

namespace gitops::rollout {

/// What came of asking for one metric. Only `value` says anything about the canary; the others are told apart because
/// they have different causes and a budget of their own.
struct Reading {
    enum class Kind {
        value,
        no_data,      ///< the server answered: no series, or no sample in the window
        not_a_number, ///< NaN, as 0/0 in PromQL gives
        unreachable,  ///< no answer in time, or one of 429 and 5xx
        refused,      ///< the query or the credentials are wrong: asking again will not help
    };
    Kind kind = Kind::no_data;
    double value = 0;    ///< may be infinite
    /// For people: what the server said or which part of the query is empty; with a value, what is odd about it
    /// ("3 series; the last one counts"), mostly "".
    std::string detail{};
};

/// Where a metric is asked for, and how to prove who we are. Secrets live here and in the request's headers only.
struct MetricSource {
    std::string type;      ///< "prometheus", "file" or "script"
    std::string address;   ///< URL of the server; the file's path
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string bearer_token{};
    std::string username{};
    std::string password{};
    bool skip_tls_verify = false;

    bool operator==(const MetricSource&) const = default;
};

/// When and where in the rollout a measurement is taken: what a played-back file chooses by.
struct Moment {
    base::Time at{};
    base::Duration since_start{0};  ///< of the run
    int weight = 0;                 ///< of the canary, percent
    std::string revision{};         ///< under test
    std::string image{};            ///< of the container that differs from the primary's
};

struct MetricRequest {
    std::string name;   ///< of the check
    std::string query;  ///< after its template was filled in; the name for a file or script without query
    MetricSource source;
    Moment moment;
};

class MetricsProvider {
  public:
    virtual ~MetricsProvider() = default;
    /// Never throws for what a server does or says: that is a Reading. Error(cancelled).
    virtual Reading read(const MetricRequest& request, std::stop_token stop) = 0;
};

/// One call of a webhook, or of a local command in its place.
struct HookCall {
    std::string name;
    std::string url{};                     ///< "" for a command
    std::vector<std::string> command{};    ///< program and arguments, run without a shell
    std::string body{};                    ///< JSON; a command reads it on its standard input
    base::Duration timeout{10'000};        ///< of one attempt
    int retries = 0;                       ///< on connection errors, 429 and 5xx other than 501
    bool skip_tls_verify = false;
};

struct HookAnswer {
    bool passed = false;
    std::string detail{};  ///< the body of a refusal, or why there was no answer; bounded, one line
};

class HookCaller {
  public:
    virtual ~HookCaller() = default;
    /// Never throws for what the other side does. Error(cancelled).
    virtual HookAnswer call(const HookCall& call, std::stop_token stop) = 0;
};

}  // namespace gitops::rollout
