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
