// Who still lives.
#include "core/io/process.hpp"

#include <catch2/catch.hpp>

using namespace gitops::io;

TEST_CASE("a process knows itself as alive") { CHECK(is_alive(current_process())); }

TEST_CASE("a pid that was used again is another process") {
    auto process = current_process();
    process.started += 1;
    CHECK_FALSE(is_alive(process));
}

TEST_CASE("nobody outlives a boot") {
    auto process = current_process();
    process.boot = "another boot pid:[1]";
    CHECK_FALSE(is_alive(process));
}

TEST_CASE("the pids of another namespace or host are not judged by ours") {
    auto process = current_process();
    process.started += 1;
    process.boot = process.boot.substr(0, process.boot.find(' ')) + " pid:[1]";
    CHECK(is_alive(process));
    process = current_process();
    process.host = "elsewhere";
    CHECK(is_alive(process));
}
