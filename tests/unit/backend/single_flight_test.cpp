#include "core/backend/single_flight.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <stdexcept>
#include <thread>

using gitops::backend::SingleFlight;
using gitops::base::Code;
using gitops::base::Error;

TEST_CASE("work runs again when it is wanted again, also after a failure") {
    SingleFlight flight;
    int runs = 0;
    const auto fails = [&] {
        ++runs;
        throw Error(Code::unavailable, "no");
    };
    CHECK_THROWS_AS(flight.run("a", {}, fails), Error);
    CHECK_THROWS_AS(flight.run("a", {}, [&] { throw std::runtime_error("odd"); }), std::runtime_error);
    CHECK(flight.run("a", {}, [&] { ++runs; }) == SingleFlight::Done::here);
    CHECK(runs == 2);
}

TEST_CASE("while work is done, other keys are free, and who waits for it can be stopped") {
    SingleFlight flight;
    std::promise<void> started, go;
    std::jthread first([&] {
        flight.run("a", {}, [&] {
            started.set_value();
            go.get_future().wait();
        });
    });
    started.get_future().wait();
    CHECK(flight.run("b", {}, [] {}) == SingleFlight::Done::here);
    std::stop_source stop;
    stop.request_stop();
    bool ran = false;
    try {
        flight.run("a", stop.get_token(), [&] { ran = true; });
        FAIL("nothing thrown");
    } catch (const Error& error) {
        CHECK(error.code() == Code::cancelled);
    }
    CHECK_FALSE(ran);
    go.set_value();
}
