#include "core/rollout/explain.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <limits>

#include "core/doc/json.hpp"
#include "step_lab.hpp"

using namespace step_lab;

namespace {

const std::vector<ExplainedMetric> k_metrics{{"request-success-rate", "prometheus", "100 * sum(rate(a[1m]))", {99, {}}},
                                             {"p99", "file", "p99", {{}, 150.5}}};

std::string json(const CanarySpec& spec, Compat compat = Compat::none, const std::vector<ExplainedMetric>& metrics = {}) {
    return doc::write_json(explain(spec, compat, metrics));
}

}  // namespace

TEST_CASE("explain as JSON", "[rollout][explain]") {
    CHECK(json(flagger("{stepWeight: 20, maxWeight: 50, threshold: 3}"), Compat::none, k_metrics) ==
          R"({"dialect":"flagger","strategy":"canary","weights":[20,40,60],"ticks":7,"worstCaseSeconds":540,"metrics":[)"
          R"~({"name":"request-success-rate","provider":"prometheus","query":"100 * sum(rate(a[1m]))","min":99,"max":null},)~"
          R"({"name":"p99","provider":"file","query":"p99","min":null,"max":150.5}]})");
    CHECK(json(stages("{stages: [50], interval: 250ms}")) ==
          R"({"dialect":"stages","strategy":"canary","weights":[50],"ticks":1,"worstCaseSeconds":0.25,"metrics":[]})");
    CHECK(json(flagger("{stepWeights: [20, 10]}"), Compat::flagger) ==
          R"({"dialect":"flagger","strategy":"canary","weights":[20],"ticks":5,"worstCaseSeconds":300,"metrics":[]})");
    CHECK(json(flagger("{stepWeights: [20, 10, 50]}"), Compat::flagger) ==
          R"({"dialect":"flagger","strategy":"canary","weights":[20],"ticks":null,"worstCaseSeconds":null,"metrics":[]})");
    CHECK(json(flagger("{iterations: 3}"), Compat::none, {{"a", "file", "a", {-std::numeric_limits<double>::infinity(), 1e18}}}) ==
          R"({"dialect":"flagger","strategy":"blue-green","weights":[100],"ticks":8,"worstCaseSeconds":480,"metrics":[)"
          R"({"name":"a","provider":"file","query":"a","min":null,"max":1000000000000000000}]})");
}

TEST_CASE("explain for people: a canary of Flagger", "[rollout][explain]") {
    CHECK(explain_text(flagger("{interval: 30s, stepWeight: 20, maxWeight: 50, threshold: 3, webhooks: [{name: smoke, url: u, type: pre-rollout}, "
                               "{name: load, url: u}, {name: ask, url: u, type: confirm-promotion}]}"), Compat::none, k_metrics) ==
          R"~(Dialect flagger: 1 passed check leads to the next step; over the whole run 3 failed checks roll back at once, and passed checks take no failure away.
Strategy canary on istio: looked at every 30s.

  TICK  TIME   CANARY  ASKED                                           THEN
  1     0s     0 %     -                                               the new revision is detected, its Pods start
  2     30s    20 %    pre-rollout                                     canary weight 20
  3     1m     40 %    1 rollout hook and 2 checks                     canary weight 40
  4     1m30s  60 %    1 rollout hook and 2 checks                     canary weight 60
  5     2m     60 %    1 rollout hook and 2 checks, confirm-promotion  the primary takes over the new revision
  6     2m30s  0 %     -                                               all traffic goes to the primary
  7     3m     0 %     -                                               the target is scaled to zero: succeeded

7 ticks to the end; at the worst 4m30s, with as many failed checks as are tolerated. Waiting for Pods, for gates and for data comes on top.

Checks:
  request-success-rate (prometheus): at least 99
    100 * sum(rate(a[1m]))
  p99 (file): at most 150.5
    p99
Hooks and gates:
  smoke (pre-rollout): must pass before the first traffic; a failure counts
  load (rollout): is called with every check; a failure counts
  ask (confirm-promotion): holds the promotion; checks go on meanwhile
)~");
}

TEST_CASE("explain for people: what never ends", "[rollout][explain]") {
    CHECK(explain_text(flagger("{stepWeights: [20, 10, 50]}"), Compat::flagger, {}) ==
          R"~(Dialect flagger: 1 passed check leads to the next step; over the whole run 1 failed check rolls back one interval later, and passed checks take no failure away.
Strategy canary on istio: looked at every 1m.

  TICK  TIME  CANARY  ASKED  THEN
  1     0s    0 %     -      the new revision is detected, its Pods start
  2     1m    20 %    -      canary weight 20
  3     2m    20 %    -      stays here: no step leads on

It never ends: no step leads on from where the table stops.

No checks: nothing measures the new revision.
)~");
}

TEST_CASE("explain for people: stages", "[rollout][explain]") {
    CHECK(explain_text(stages("{interval: 10s, stages: [10, 100], successes: 3, maxFailures: 1}"), Compat::none, {{"acc", "file", "acc", {1, 2}}}) ==
          R"~(Dialect stages: 3 passed checks in a row lead to the next stage, a failure starts the count again, and 2 failed checks roll back.
Strategy canary on replicas: looked at every 10s.

  TICK  TIME  CANARY  ASKED    THEN
  1     0s    0 %     -        the new revision is detected, its Pods start
  2     1s    10 %    -        canary weight 10
  3-4   11s   10 %    1 check  passed, 1 of 3 at 10 % ... passed, 2 of 3 at 10 %
  5-7   31s   100 %   1 check  canary weight 100 ... passed, 2 of 3 at 100 %
  8     1m1s  100 %   1 check  the primary takes over the new revision
  9     1m1s  0 %     -        all traffic goes to the primary
  10    1m1s  0 %     -        the target is scaled to zero: succeeded

6 checks to the end; at the worst 1m30s, with as many failed checks as are tolerated. Waiting for Pods, for gates and for data comes on top.

Checks:
  acc (file): from 1 to 2
    acc
)~");
}

TEST_CASE("explain for people: blue/green", "[rollout][explain]") {
    CHECK(explain_text(flagger("{iterations: 10, mirror: true}"), Compat::flagger, {{"acc", "file", "acc", {}}}) ==
          R"~(Dialect flagger: 1 passed check leads to the next step; over the whole run 1 failed check rolls back one interval later, and passed checks take no failure away.
Strategy blue-green on istio: 10 iterations every 1m with mirrored requests, then all of it at once.

  TICK  TIME  CANARY    ASKED    THEN
  1     0s    0 %       -        the new revision is detected, its Pods start
  2     1m    mirrored  -        iteration 1 of 10
  3-11  2m    mirrored  1 check  iteration 2 of 10 ... iteration 10 of 10
  12    11m   100 %     1 check  all traffic goes to the canary
  13    12m   100 %     1 check  the primary takes over the new revision
  14    13m   0 %       -        all traffic goes to the primary
  15    14m   0 %       -        the target is scaled to zero: succeeded

15 ticks to the end; at the worst 15m, with as many failed checks as are tolerated. Waiting for Pods, for gates and for data comes on top.

Checks:
  acc (file): anything passes
    acc
)~");
    CHECK(explain_text(flagger("{iterations: 3, match: [{}]}"), Compat::none, {}) ==
          R"~(Dialect flagger: 1 passed check leads to the next step; over the whole run 1 failed check rolls back at once, and passed checks take no failure away.
Strategy A/B testing on istio: 3 iterations every 1m, requests that match go to the new revision.

  TICK  TIME  CANARY    ASKED  THEN
  1     0s    0 %       -      the new revision is detected, its Pods start
  2-4   1m    matching  -      iteration 1 of 3, requests that match go to the canary ... iteration 3 of 3, requests that match go to the canary
  5     4m    matching  -      the primary takes over the new revision
  6     5m    0 %       -      all traffic goes to the primary
  7     6m    0 %       -      the target is scaled to zero: succeeded

7 ticks to the end; at the worst 7m, with as many failed checks as are tolerated. Waiting for Pods, for gates and for data comes on top.

No checks: nothing measures the new revision.
)~");
}

TEST_CASE("explain for people: no analysis", "[rollout][explain]") {
    CHECK(explain_text(flagger("{stepWeight: 10}", "  skipAnalysis: true\n"), Compat::none, {}) ==
          R"~(The analysis is skipped: a new revision is promoted as soon as its Pods are ready.

  TICK  TIME  CANARY  ASKED  THEN
  1     0s    0 %     -      the new revision is detected, its Pods start
  2     1m    0 %     -      the primary takes over the new revision
  3     2m    0 %     -      all traffic goes to the primary
  4     3m    0 %     -      the target is scaled to zero: succeeded

4 ticks to the end. Waiting for Pods, for gates and for data comes on top.

No checks: nothing measures the new revision.
)~");
}

TEST_CASE("explain for people: a table that would be long", "[rollout][explain]") {
    const auto text = explain_text(flagger("{stepWeight: 1}"), Compat::none, {});
    CHECK(std::ranges::count(text, '\n') == 3 + 1 + 60 + 1 + 3 + 1);
    CHECK(text.find("  60    59m   59 %    -      canary weight 59\n  ... and so on\n\n104 ticks to the end; at the worst 1h44m, ") != std::string::npos);
    const auto iterations = explain_text(flagger("{iterations: 100000}"), Compat::none, {});
    CHECK(iterations.find("... iteration 4999 of 100000\n  ... and so on\n\n100005 ticks to the end; ") != std::string::npos);
}
