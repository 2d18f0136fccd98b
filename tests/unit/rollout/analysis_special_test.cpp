#include "core/rollout/analysis/analysis_special.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cmath>

using namespace gitops::rollout;

// Values with 18 digits: mpmath at 60 digits.

TEST_CASE("ln Gamma", "[analysis]") {
    const double pi = std::acos(-1.0);
    CHECK(log_gamma(1) == Approx(0).margin(1e-13));
    CHECK(log_gamma(0.5) == Approx(0.5 * std::log(pi)).epsilon(1e-13));
    CHECK(log_gamma(0.1) == Approx(2.2527126517342059).epsilon(1e-13));
    CHECK(log_gamma(1.5) == Approx(-0.120782237635245222).epsilon(1e-12));
    CHECK(log_gamma(7) == Approx(std::log(720.0)).epsilon(1e-14));
    CHECK(log_gamma(16) == Approx(27.8992713838408916).epsilon(1e-14));
    CHECK(log_gamma(100.25) == Approx(360.284559637764235).epsilon(1e-14));
    CHECK(log_gamma(1e6) == Approx(12815504.5691476117).epsilon(1e-14));
    CHECK(log_gamma(1e15) == Approx(33538776394910668.9).epsilon(1e-14));
}

TEST_CASE("the incomplete beta function has closed forms", "[analysis]") {
    for (const double x : {1e-9, 0.01, 0.3, 0.5, 0.77, 0.99, 1 - 1e-9}) {
        CAPTURE(x);
        for (const double a : {0.5, 1.0, 3.0, 40.0, 2500.0}) {
            CAPTURE(a);
            CHECK(log_regularised_beta(a, 1, x) == Approx(a * std::log(x)).epsilon(1e-10).margin(1e-14));
            CHECK(log_regularised_beta(1, a, x) == Approx(std::log(-std::expm1(a * std::log1p(-x)))).epsilon(1e-10).margin(1e-14));
        }
        CHECK(std::exp(log_regularised_beta(2, 2, x)) == Approx(x * x * (3 - 2 * x)).epsilon(1e-10));
        CHECK(std::exp(log_regularised_beta(0.5, 0.5, x)) == Approx(2 / std::acos(-1.0) * std::asin(std::sqrt(x))).epsilon(1e-10));
        CHECK(std::exp(log_regularised_beta(7, 3, x)) + std::exp(log_regularised_beta(3, 7, 1 - x)) == Approx(1).epsilon(1e-10));
    }
}

TEST_CASE("the incomplete beta function, small and large, in both tails", "[analysis]") {
    struct Known {
        double a, b, x, log_value;
    };
    const std::array known{Known{30, 1.5, 0.9, -2.35611582384403518},
                           Known{1000, 10, 0.99, -0.807341553772681148},
                           Known{5000, 50, 0.999, -2.78038471520564716e-32},
                           Known{5000, 50, 0.98, -19.0439206960370125},
                           Known{990001, 10001, 0.99, -0.687921816732172136},
                           Known{1e6, 1e6, 0.5, -0.693147180559945309},
                           Known{10, 2000, 0.02, -2.66211811916149506e-9},
                           Known{3, 400, 0.5, -7.84238588676135443e-117}};
    for (const auto& [a, b, x, log_value] : known) {
        CAPTURE(a, b, x);
        CHECK(log_regularised_beta(a, b, x) == Approx(log_value).epsilon(1e-9));
    }
    CHECK(log_regularised_beta(1e12, 1e12, 0.5) == Approx(-std::log(2.0)).epsilon(1e-9));  // what a hostile counter can ask for
}

TEST_CASE("normal quantiles", "[analysis]") {
    CHECK(normal_quantile(0.5) == Approx(0).margin(1e-15));
    CHECK(normal_quantile(0.95) == Approx(1.64485362695147228).epsilon(1e-13));
    CHECK(normal_quantile(0.8) == Approx(0.841621233572914364).epsilon(1e-13));
    CHECK(normal_quantile(0.975) == Approx(1.95996398454005386).epsilon(1e-13));
    CHECK(normal_quantile(0.001) == Approx(-3.09023230616781354).epsilon(1e-13));
    CHECK(normal_quantile(1e-10) == Approx(-6.3613409024040562).epsilon(1e-13));
}

TEST_CASE("the mean of e-values is taken without leaving their logarithms", "[analysis]") {
    CHECK(log_mean_exp({}) == 0);
    CHECK(log_mean_exp(std::array{3.0}) == 3);
    CHECK(log_mean_exp(std::array{std::log(2.0), std::log(6.0)}) == Approx(std::log(4.0)));
    CHECK(log_mean_exp(std::array{5000.0, -5000.0}) == Approx(5000 - std::log(2.0)));
}
