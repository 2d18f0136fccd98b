// Canaries on a real API server: the workload they stand on, the program that runs them, and what happened meanwhile as
// somebody else saw it.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/rollout/canary_record.hpp"
#include "tests/kube/real_stage.hpp"

namespace gitops::test {

/// A Canary yield-predictor of our own kind: `analysis` is YAML of spec.analysis in flow style, `more` whole lines of spec.
std::string canary_of(const std::string& provider, const std::string& analysis, const std::string& more = "");

/// yield-predictor v2.8 with its Service, and a canary for it. v3.0 and "*-bad" measure badly from the start, v3.1 from half
/// of the traffic on, all others well.
class CanaryStage {
  public:
    /// Applies the workload and lets the canary take over.
    CanaryStage(Stage& stage, const std::string& manifest);

    std::vector<std::string> run_arguments(const std::string& version) const;
    ProcessResult roll_out(const std::string& version) const { return m_stage.run(run_arguments(version)); }
    std::unique_ptr<Process> start(const std::string& version, const std::string& name = "process") const {
        return m_stage.start(run_arguments(version), name);
    }
    /// `gitopsctl canary VERB yield-predictor` with more arguments.
    ProcessResult ask(const std::string& verb, const std::vector<std::string>& more = {}) const;

    rollout::CanaryRecord record() const;
    /// The decisions of the last run, without what was waited for and with R for its revision: "5 advance canary weight 5".
    std::vector<std::string> decisions() const;
    /// "replicas/ready image" of a Deployment.
    std::string workload(const std::string& name) const;
    kube::ObjectRef ref(std::string_view api_version, std::string_view kind, const std::string& name = "yield-predictor") const;
    bool reaches(int weight) const;  ///< waits until the canary has as much traffic

  private:
    Stage& m_stage;
    std::string m_manifest, m_metrics;
};

/// Watches one kind of a namespace from its making on.
class Recorder {
  public:
    struct Seen {
        base::Time at;
        doc::Value object;
    };
    Recorder(const kube::Gvk& kind, const std::string& ns);
    /// Everything up to what the object is now.
    std::vector<Seen> until_now(const kube::ObjectRef& ref);

  private:
    void follow(std::stop_token stop, std::string since);

    kube::Gvk m_kind;
    std::string m_ns;
    std::unique_ptr<kube::Cluster> m_cluster;
    std::mutex m_mutex;
    std::vector<Seen> m_seen;
    std::jthread m_thread;  // the last: it stops before the rest goes
};

/// The canary's weight in an Istio VirtualService or an HTTPRoute; -1 when it names no canary.
int canary_weight(const doc::Value& route);
/// One weight for each change of it.
std::vector<int> weights_over_time(const std::vector<Recorder::Seen>& seen, const std::string& name);

/// Applies every definition of a file of shared/data/crds and waits until it is served; false, and says so, without it.
bool define_kinds(Stage& stage, const std::string& file);

}  // namespace gitops::test
