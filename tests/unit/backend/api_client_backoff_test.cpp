#include <catch2/catch.hpp>

#include "core/backend/retry.hpp"

using namespace std::chrono_literals;
using gitops::backend::Backoff;
using gitops::backend::parse_retry_after;
using gitops::backend::Trouble;
using gitops::base::Duration;

namespace {

const gitops::base::Time k_now = *gitops::base::parse_rfc3339("2026-01-01T00:00:00Z");

int tries_until_given_up(Trouble trouble, Duration patience) {
    Backoff backoff(patience, 7);
    while (backoff.next(trouble, std::nullopt)) {
    }
    return backoff.tries();
}

}  // namespace

TEST_CASE("waits are random below a bound that doubles up to eight seconds") {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Backoff backoff(24h, seed);
        Duration bound = 100ms;
        for (int i = 0; i < 12; ++i) {
            const auto wait = backoff.next(Trouble::overloaded, std::nullopt);
            REQUIRE(wait);
            CHECK(*wait >= 0ms);
            CHECK(*wait <= bound);
            bound = std::min<Duration>(bound * 2, 8s);
        }
    }
}

TEST_CASE("clients with different seeds do not come back together") {
    CHECK(Backoff(1h, 1).next(Trouble::overloaded, 1s) != Backoff(1h, 2).next(Trouble::overloaded, 1s));
}

TEST_CASE("what the server asks for is waited, but thirty seconds at most") {
    CHECK(*Backoff(1h, 1).next(Trouble::throttled, 2s) >= 2s);
    CHECK(*Backoff(1h, 1).next(Trouble::throttled, 2s) <= 2'100ms);
    CHECK(*Backoff(1h, 1).next(Trouble::throttled, 24h) >= 30s);
    CHECK(*Backoff(1h, 1).next(Trouble::throttled, 24h) <= 30'100ms);
}

TEST_CASE("how often each trouble is tried again") {
    CHECK(tries_until_given_up(Trouble::throttled, 24h) == 50);
    CHECK(tries_until_given_up(Trouble::overloaded, 24h) == 50);
    CHECK(tries_until_given_up(Trouble::unreached, 24h) == 50);
    CHECK(tries_until_given_up(Trouble::broken, 24h) == 10);
    CHECK(tries_until_given_up(Trouble::failing, 24h) == 6);
    CHECK(tries_until_given_up(Trouble::never_reached, 24h) == 4);
    CHECK(tries_until_given_up(Trouble::garbled, 24h) == 3);
}

TEST_CASE("an error 500 that asks for a pause is given the pause") {
    Backoff backoff(24h, 7);
    for (int i = 0; i < 40; ++i) CHECK(backoff.next(Trouble::failing, 1s));
}

TEST_CASE("patience counts tries and waits") {
    CHECK(tries_until_given_up(Trouble::overloaded, 0ms) == 1);
    Backoff backoff(10s, 7);
    CHECK(backoff.next(Trouble::overloaded, std::nullopt));
    backoff.spent(9s);
    CHECK(backoff.left() <= 1s);
    CHECK_FALSE(backoff.next(Trouble::overloaded, 1s));
    Backoff first(60s, 7);
    first.spent(10s);
    CHECK_FALSE(first.next(Trouble::never_reached, std::nullopt));
}

TEST_CASE("Retry-After in seconds and as a date") {
    CHECK(parse_retry_after("2", k_now) == 2s);
    CHECK(parse_retry_after(" 0 ", k_now) == 0s);
    CHECK(parse_retry_after("Thu, 01 Jan 2026 00:00:07 GMT", k_now) == 7s);
    CHECK(parse_retry_after("Wed, 31 Dec 2025 23:59:00 GMT", k_now) == 0s);
    CHECK(parse_retry_after("99999999999999999999", k_now) == 24h);
    CHECK(parse_retry_after("Thu, 01 Jan 2099 00:00:07 GMT", k_now) == 24h);
    for (const char* none : {"", "-1", "soon", "1.5", "2s", "Thu, 01 Foo 2026 00:00:07 GMT", "Thu, 99 Jan 2026 00:00:07 GMT"})
        CHECK(parse_retry_after(none, k_now) == std::nullopt);
}
