#include "core/base/error.hpp"
#include "core/rollout/check_round.hpp"

namespace gitops::rollout {

void CheckRound::ask_sequentially(const MetricCheck& check, Answer&, std::size_t) {
    throw base::Error(base::Code::invalid, "check " + check.name + ": sequential kinds are not supported yet");
}

}  // namespace gitops::rollout
