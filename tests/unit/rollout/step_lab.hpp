// A canary without a cluster: a spec, a state, and what the next ticks are to see and to be answered.
#pragma once

#include <string>
#include <vector>

#include "core/rollout/step.hpp"

namespace step_lab {

using namespace gitops;
using namespace gitops::rollout;

/// A Canary of flagger.app with `analysis` as flow YAML, and one of ours. `more` are lines of spec.
CanarySpec flagger(const std::string& analysis, const std::string& more = {});
CanarySpec stages(const std::string& analysis, const std::string& more = {});

Answer passes();
/// One check with this verdict, "latency DETAIL".
Answer says(Verdict verdict, const std::string& detail);
inline Answer fails(const std::string& detail = "180.00 > 150.00") { return says(Verdict::fail, detail); }
/// A gate or hook that refuses.
Answer closed(const std::string& detail = "not yet");

class Lab {
  public:
    /// Initialised, with "r1" promoted.
    explicit Lab(CanarySpec spec, Compat compat = Compat::none);

    CanarySpec spec;
    Compat compat;
    CanaryState state;
    Observation seen;
    Answers answers;               ///< to the questions; what is not here passes
    std::vector<Question> asked;   ///< in the last tick
    std::vector<JournalEntry> entries;  ///< of all ticks

    /// One tick; the state takes the way through the cluster and back. "Phase weight failed | message", with "m" for
    /// mirrored and "x" for matched requests behind the weight.
    std::string tick();
    /// So many of them, a line each.
    std::string ticks(int count);
    /// Until it has Succeeded or Failed, at most `most` ticks; the weights that were routed: "20 40 60 0: Succeeded in 7".
    std::string race(int most = 200);
    void command(Command command);
    std::string asked_names() const;
};

}  // namespace step_lab
