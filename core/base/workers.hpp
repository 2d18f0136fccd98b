// One way to run independent pieces of work on several threads, with the results in the order of the input, so
// that output is the same for any number of jobs.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

namespace gitops::base {

/// Calls `body(i)` for 0 <= i < count on up to `jobs` threads (1 or less: on the caller's). The first exception,
/// by index, is rethrown after all have ended.
void parallel_for(std::size_t count, int jobs, const std::function<void(std::size_t)>& body);

template <class Result, class Input, class Function>
std::vector<Result> parallel_map(const std::vector<Input>& inputs, int jobs, const Function& function) {
    std::vector<std::optional<Result>> slots(inputs.size());
    parallel_for(inputs.size(), jobs, [&](std::size_t i) { slots[i].emplace(function(inputs[i])); });
    std::vector<Result> results;
    results.reserve(slots.size());
    for (auto& slot : slots) results.push_back(std::move(*slot));
    return results;
}

/// Makes `count` results on up to `jobs` threads and hands each to `done` in the order of the input, as soon as those
/// before it have been: one at a time, on any of the threads. Of a result that could not be made the exception is
/// rethrown at the end, and those after it are made but not handed on.
template <class Result, class Make, class Done>
void parallel_in_order(std::size_t count, int jobs, const Make& make, const Done& done) {
    std::mutex mutex;
    std::vector<std::optional<Result>> waiting(count);
    std::size_t next = 0;
    parallel_for(count, jobs, [&](std::size_t i) {
        Result result = make(i);
        const std::scoped_lock guard(mutex);
        waiting[i].emplace(std::move(result));
        for (; next < count && waiting[next]; ++next) {
            done(*waiting[next]);
            waiting[next].reset();
        }
    });
}

}  // namespace gitops::base
