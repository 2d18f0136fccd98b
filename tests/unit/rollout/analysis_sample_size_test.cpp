#include "core/rollout/analysis/analysis_sample_size.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <vector>

#include "core/base/error.hpp"
#include "core/rollout/analysis/analysis.hpp"

using namespace gitops;
using namespace gitops::rollout;

TEST_CASE("trials per arm that find a drop of accuracy", "[analysis]") {
    CHECK(samples_for_drop(0.92, 0.01) == 9614);
    CHECK(samples_for_drop(0.92, 0.02) == 2529);
    CHECK(samples_for_drop(0.92, 0.05) == 462);
    // a canary with 5 % of the traffic
    CHECK(samples_for_drop(0.92, 0.01, 0.05, 0.8, 19) == 5304);
    CHECK(samples_for_drop(0.92, 0.02, 0.05, 0.8, 19) == 1451);
    CHECK(samples_for_drop(0.92, 0.05, 0.05, 0.8, 19) == 290);
    CHECK_THROWS_AS(samples_for_drop(0.92, 0.92), base::Error);
    CHECK_THROWS_AS(samples_for_drop(0.92, 0), base::Error);
    CHECK_THROWS_AS(samples_for_drop(1.2, 0.1), base::Error);
    CHECK_THROWS_AS(samples_for_drop(0.92, 0.01, 0.05, 0.8, 0), base::Error);
}

TEST_CASE("clean trials that bound a failure rate", "[analysis]") {
    CHECK(samples_without_failure(0.05) == 59);
    CHECK(samples_without_failure(0.01) == 299);
    CHECK(samples_without_failure(0.001) == 2995);
    CHECK_THROWS_AS(samples_without_failure(0), base::Error);
}

TEST_CASE("Wilson's interval", "[analysis]") {
    const auto known = wilson_interval(95, 100);
    REQUIRE(known);
    CHECK(known->low == Approx(0.888).margin(0.0005));
    CHECK(known->high == Approx(0.978).margin(0.0005));
    CHECK_FALSE(wilson_interval(0, 0));
    // Without failures it is 1 / (1 + z^2/n), and its other end is the rate itself.
    const auto all = wilson_interval(100, 100);
    REQUIRE(all);
    CHECK(all->low == Approx(1 / (1 + 1.959963984540054 * 1.959963984540054 / 100)).epsilon(1e-12));
    CHECK(all->high == 1);
    CHECK(wilson_interval(0, 100)->low == 0);
    CHECK(wilson_interval(95, 100, 0.99)->low < known->low);
}

TEST_CASE("a latency limit and the edges of a histogram", "[analysis]") {
    const double infinity = std::numeric_limits<double>::infinity();
    const std::vector<double> edges{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, infinity};
    const auto told = [&](double limit) {
        const auto fit = fit_to_bucket(limit, edges);
        return fit ? std::make_pair(fit->exact, fit->nearest) : std::make_pair(false, -1.0);
    };
    CHECK(told(0.5) == std::make_pair(true, 0.5));
    CHECK(told(0.1 + 1e-12) == std::make_pair(true, 0.1));
    CHECK(told(0.3) == std::make_pair(false, 0.25));
    CHECK(told(7) == std::make_pair(false, 1.0));
    CHECK_FALSE(fit_to_bucket(1, std::vector{infinity}));
    CHECK_FALSE(fit_to_bucket(1, {}));
}
