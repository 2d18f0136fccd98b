#include "core/base/workers.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <numeric>
#include <stdexcept>
#include <string>

using namespace gitops::base;

TEST_CASE("results keep the order of the input for any number of jobs") {
    std::vector<int> inputs(1000);
    std::iota(inputs.begin(), inputs.end(), 0);
    std::vector<int> expected = inputs;
    for (int& value : expected) value *= 3;
    const int jobs = GENERATE(-1, 0, 1, 2, 7, 64);
    CHECK(parallel_map<int>(inputs, jobs, [](int x) { return x * 3; }) == expected);
}

TEST_CASE("no work is no error") {
    parallel_for(0, 8, [](std::size_t) { FAIL("called"); });
    CHECK(parallel_map<int>(std::vector<int>{}, 4, [](int x) { return x; }).empty());
}

TEST_CASE("every piece runs, and the first failure by index is the one that is told") {
    const int jobs = GENERATE(1, 4);
    std::atomic<int> calls = 0;
    std::string told;
    try {
        parallel_for(100, jobs, [&](std::size_t i) {
            ++calls;
            if (i == 90 || i == 17 || i == 42) throw std::runtime_error(std::to_string(i));
        });
    } catch (const std::runtime_error& error) {
        told = error.what();
    }
    CHECK(told == "17");
    CHECK(calls == 100);
}

TEST_CASE("results come in the order of the input, from any number of threads") {
    for (const int jobs : {1, 4}) {
        std::vector<std::size_t> order;
        parallel_in_order<std::size_t>(
            50, jobs, [](std::size_t i) { return i * i; }, [&](std::size_t square) { order.push_back(square); });
        std::vector<std::size_t> expected;
        for (std::size_t i = 0; i < 50; ++i) expected.push_back(i * i);
        CHECK(order == expected);
    }
}

TEST_CASE("a result that fails ends the order there and is rethrown") {
    std::vector<std::size_t> order;
    const auto run = [&] {
        parallel_in_order<std::size_t>(
            4, 1,
            [](std::size_t i) {
                if (i == 2) throw std::runtime_error("third");
                return i;
            },
            [&](std::size_t i) { order.push_back(i); });
    };
    CHECK_THROWS_WITH(run(), "third");
    CHECK(order == std::vector<std::size_t>{0, 1});
}
