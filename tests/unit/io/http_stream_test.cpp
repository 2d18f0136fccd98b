#include <catch2/catch.hpp>

#include <condition_variable>
#include <mutex>

#include "core/io/http.hpp"
#include "tests/support/http_server.hpp"

using namespace gitops;
using test::HttpFeed;
using test::HttpServer;

namespace {

/// Writes down what a stream tells, and lets a test wait for it.
class Listener {
  public:
    io::StreamSink sink() {
        return {[this] { add("open"); }, [this](std::string&& line) { add("line " + line); },
                [this](io::StreamEnd&& end) { add(describe(end)); }};
    }

    std::vector<std::string> wait_for(std::size_t count) {
        std::unique_lock lock(m_mutex);
        m_changed.wait_for(lock, std::chrono::seconds(10), [&] { return m_told.size() >= count; });
        return m_told;
    }
    std::vector<std::string> told() { return wait_for(0); }

  private:
    static std::string describe(const io::StreamEnd& end) {
        std::string text = "end " + std::to_string(end.status);
        if (!end.body.empty()) text += " body=" + end.body;
        if (end.failure) text += " " + std::string(base::code_name(end.failure->code())) + ": " + end.failure->message();
        return text;
    }
    void add(std::string text) {
        const std::lock_guard lock(m_mutex);
        m_told.push_back(std::move(text));
        m_changed.notify_all();
    }

    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::vector<std::string> m_told;
};

using Told = std::vector<std::string>;

}  // namespace

TEST_CASE("a stream is told line by line, wherever its parts are cut") {
    HttpServer server;
    server.answer("/watch", {.chunks = {"one\ntw", "o", "\n\nth", "ree\nfour"}});
    io::HttpClient client({});
    Listener listener;
    const auto stream = client.stream({.url = server.url("/watch")}, listener.sink());
    CHECK(listener.wait_for(7) == Told{"open", "line one", "line two", "line ", "line three", "line four", "end 200"});
}

TEST_CASE("lines come as soon as they are there, and a silent stream outlives the limit on its head") {
    HttpServer server;
    const auto feed = std::make_shared<HttpFeed>();
    server.answer("/watch", {.feed = feed});
    io::HttpClient client({});
    Listener listener;
    const auto stream = client.stream({.url = server.url("/watch"), .timeout = base::Duration(150)}, listener.sink());
    CHECK(listener.wait_for(1) == Told{"open"});
    feed->push("a\n");
    CHECK(listener.wait_for(2) == Told{"open", "line a"});
    // Another exchange of the same client passes the time until the limit would have struck.
    server.answer("/slow", {.raw = "", .afterwards = test::Afterwards::stall});
    CHECK_THROWS(client.send({.url = server.url("/slow"), .timeout = base::Duration(300)}));
    feed->push("b\n");
    feed->end();
    CHECK(listener.wait_for(4) == Told{"open", "line a", "line b", "end 200"});
}

TEST_CASE("a head that does not come in time ends a stream") {
    HttpServer server;
    server.answer("/watch", {.raw = "", .afterwards = test::Afterwards::stall});
    io::HttpClient client({});
    Listener listener;
    const auto stream = client.stream({.url = server.url("/watch"), .timeout = base::Duration(50)}, listener.sink());
    CHECK(listener.wait_for(1) == Told{"end 0 unavailable: " + server.address() + " did not answer within 50ms"});
}

TEST_CASE("an answer other than 200 is told whole at the end") {
    HttpServer server;
    server.answer("/watch", {.status = 410, .chunks = {"too\n", "old\n"}});
    io::HttpClient client({});
    Listener listener;
    const auto stream = client.stream({.url = server.url("/watch")}, listener.sink());
    CHECK(listener.wait_for(1) == Told{"end 410 body=too\nold\n"});
}

TEST_CASE("a stream that breaks or cannot begin says why") {
    HttpServer server;
    server.answer("/watch", {.chunks = {"one\nhal", "f"}, .cut = 1, .afterwards = test::Afterwards::drop});
    io::HttpClient client({});
    Listener broken, unsent;
    const auto first = client.stream({.url = server.url("/watch")}, broken.sink());
    CHECK(broken.wait_for(3) == Told{"open", "line one",
                                     "end 200 unavailable: " + server.address() + " closed the connection in the middle of its answer"});
    const auto second = client.stream({.url = "gopher://x"}, unsent.sink());
    CHECK(unsent.wait_for(1) == Told{"end 0 invalid: a URL has the scheme gopher, which is none of: http https"});
}

TEST_CASE("after its end a stream tells nothing, and its connection is closed") {
    HttpServer server;
    const auto feed = std::make_shared<HttpFeed>();
    server.answer("/watch", {.feed = feed});
    io::HttpClient client({});
    Listener listener;
    auto stream = client.stream({.url = server.url("/watch")}, listener.sink());
    feed->push("a\n");
    CHECK(listener.wait_for(2) == Told{"open", "line a"});
    stream.reset();
    feed->push("b\n");
    feed->end();
    server.wait_for_closed(1);
    CHECK(listener.told() == Told{"open", "line a"});
}

TEST_CASE("a sink may end its own stream") {
    HttpServer server;
    server.answer("/watch", {.chunks = {"a\nb\n", "c\n"}, .afterwards = test::Afterwards::stall});
    io::HttpClient client({});
    std::unique_ptr<io::HttpStream> stream;
    std::mutex mutex;  // the stream is there before its sink looks for it
    std::unique_lock lock(mutex);
    std::vector<std::string> lines;
    stream = client.stream({.url = server.url("/watch")}, {.on_open = {},
                                                           .on_line =
                                                               [&](std::string&& line) {
                                                                   const std::lock_guard guard(mutex);
                                                                   lines.push_back(line);
                                                                   stream.reset();
                                                               },
                                                           .on_end = [&](io::StreamEnd&&) { lines.push_back("end"); }});
    lock.unlock();
    server.wait_for_closed(1);
    CHECK(lines == Told{"a"});
}

TEST_CASE("a stream outlives its client") {
    HttpServer server;
    const auto feed = std::make_shared<HttpFeed>();
    server.answer("/watch", {.feed = feed});
    Listener listener;
    auto client = std::make_unique<io::HttpClient>(io::HttpOptions{});
    auto stream = client->stream({.url = server.url("/watch")}, listener.sink());
    client.reset();
    feed->push("a\n");
    feed->end();
    CHECK(listener.wait_for(3) == Told{"open", "line a", "end 200"});
}

TEST_CASE("a sink may hold the last of a client") {
    HttpServer server;
    server.answer("/watch", {.chunks = {"a\n"}, .afterwards = test::Afterwards::stall});
    std::mutex mutex;
    std::unique_lock lock(mutex);
    auto client = std::make_unique<io::HttpClient>(io::HttpOptions{});
    std::unique_ptr<io::HttpStream> stream;
    stream = client->stream({.url = server.url("/watch")}, {.on_open = {},
                                                            .on_line =
                                                                [&](std::string&&) {
                                                                    const std::lock_guard guard(mutex);
                                                                    client.reset();
                                                                    stream.reset();
                                                                },
                                                            .on_end = {}});
    lock.unlock();
    server.wait_for_closed(1);
    const std::lock_guard guard(mutex);
    CHECK(client == nullptr);
    CHECK(stream == nullptr);
}

TEST_CASE("requests go on beside streams") {
    HttpServer server;
    const auto feed = std::make_shared<HttpFeed>();
    server.answer("/watch", {.feed = feed});
    server.answer("/x", {.body = "ok"});
    io::HttpClient client({});
    Listener first, second;
    const auto one = client.stream({.url = server.url("/watch")}, first.sink());
    CHECK(first.wait_for(1) == Told{"open"});
    for (int i = 0; i < 10; ++i) CHECK(client.send({.url = server.url("/x")}).body == "ok");
    feed->end();
    CHECK(first.wait_for(2) == Told{"open", "end 200"});
}
