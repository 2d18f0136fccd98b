// Watching: one stream per kind that resumes, shared by watchers at different places.
#include <catch2/catch.hpp>

#include <stdexcept>
#include <thread>

#include "core/backend/watch_token.hpp"
#include "tests/unit/backend/cluster_lab.hpp"

using namespace gitops;
using namespace gitops::test;
using Lines = std::vector<std::string>;

namespace {

const kube::Gvk k_config_map{"", "v1", "ConfigMap"};
const kube::Gvk k_secret{"", "v1", "Secret"};
const std::string k_secrets = "/api/v1/namespaces/prod/secrets";
/// In real time, for what is on its way; nothing waits that long unless it is broken.
constexpr base::Duration k_arrival{10'000};

std::string watch_of(const std::string& path, std::string_view version) {
    return path + "?watch=1&allowWatchBookmarks=true&timeoutSeconds=290&resourceVersion=" + std::string(version);
}

std::string event(std::string_view type, std::string_view name, std::string_view version) {
    return R"({"type":")" + std::string(type) + R"(","object":)" + config_map(name, version) + "}\n";
}

std::string bookmark(std::string_view version) {
    return R"({"type":"BOOKMARK","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":")" + std::string(version) + "\"}}}\n";
}

std::string error_event(int code, std::string_view reason, std::string_view message) {
    return R"({"type":"ERROR","object":)" + status(code, reason, message) + "}\n";
}

/// An answer with these lines, whole, and then the end of the stream.
HttpAnswer lines_and_end(std::vector<std::string> lines) {
    HttpAnswer answer;
    answer.chunks = std::move(lines);
    return answer;
}

HttpAnswer endless(const std::shared_ptr<HttpFeed>& feed) {
    HttpAnswer answer;
    answer.feed = feed;
    return answer;
}

std::string told_of(const kube::WatchEvent& event) {
    const std::string_view type = event.type == kube::WatchType::added      ? "added "
                                  : event.type == kube::WatchType::modified ? "modified "
                                                                            : "deleted ";
    return std::string(type) + std::string(kube::name_of(event.object)) + " " +
           std::string(kube::resource_version_of(event.object));
}

struct WatchLab : ClusterLab {
    std::vector<std::shared_ptr<HttpFeed>> feeds;

    WatchLab() {
        cluster->kinds();  // so that only watches are asked for from here on
        server.forget();
    }
    ~WatchLab() {
        cluster.reset();
        for (const auto& feed : feeds) feed->end();
    }
    /// A stream of `path` from `version` on that the test fills.
    std::shared_ptr<HttpFeed> stream(const std::string& path, std::string_view version) {
        feeds.push_back(std::make_shared<HttpFeed>());
        server.answer("GET " + watch_of(path, version), endless(feeds.back()));
        return feeds.back();
    }
    kube::WatchBatch watch(std::string since, base::Duration at_most = k_arrival, std::vector<kube::Gvk> kinds = {k_config_map}) {
        return cluster->watch({std::move(kinds), "prod", std::move(since), at_most}, {});
    }
    /// The one event after `since`, some minutes of the clock later at most: an answer comes when it comes, and the next
    /// try after a pause.
    kube::WatchEvent patient(const std::string& since) {
        for (int step = 0; step < 600; ++step) {
            const kube::WatchBatch batch = watch(since, base::Duration(20));
            if (batch.events.size() == 1) return batch.events[0];
            clock->advance(std::chrono::seconds(1));
        }
        throw std::runtime_error("no event came");
    }
    /// Watches until so many events have come: "added a 8, deleted b 9 | ConfigMap=9".
    std::string told(std::string since, std::size_t count, std::vector<kube::Gvk> kinds = {k_config_map}) {
        std::string text;
        do {
            const kube::WatchBatch batch = watch(since, count == 0 ? base::Duration(0) : k_arrival, kinds);
            if (batch.events.empty() && count > 0) return text + " | and nothing more";
            for (const kube::WatchEvent& event : batch.events) text += (text.empty() ? "" : ", ") + told_of(event);
            count -= std::min(count, batch.events.size());
            since = batch.next;
        } while (count > 0);
        return text + " | " + since;
    }
};

}  // namespace

TEST_CASE("a place in the history is kept per kind, and a list's version counts for all") {
    backend::WatchToken token = backend::WatchToken::parse("ConfigMap=12,Deployment.apps=15");
    CHECK(token.find({"apps", "v1", "Deployment"}) == 15U);
    CHECK_FALSE(token.find(k_secret).has_value());
    token.set(k_secret, 20);
    CHECK(token.text() == "ConfigMap=12,Deployment.apps=15,Secret=20");
    CHECK(backend::WatchToken::parse("7").find(k_secret) == 7U);
    CHECK_FALSE(backend::WatchToken::parse("").find(k_secret).has_value());
    for (std::string_view wrong : {"seven", "ConfigMap=", "=7", "ConfigMap=7,", "7,8", "ConfigMap=-1"}) {
        INFO(wrong);
        CHECK_THROWS_AS(backend::WatchToken::parse(wrong), base::Error);
    }
}

TEST_CASE("a watch without a place starts at the collection's version now, and opens no stream yet") {
    WatchLab lab;
    lab.server.answer("GET " + k_configs + "?limit=1", json(R"({"metadata":{"resourceVersion":"41"},"items":[]})"));
    CHECK(lab.told("", 0) == " | ConfigMap=41");
    CHECK(lab.lines() == Lines{"GET " + k_configs + "?limit=1"});
}

TEST_CASE("events come in order over one stream that stays open between two calls") {
    WatchLab lab;
    auto feed = lab.stream(k_configs, "7");
    feed->push(event("ADDED", "a", "8") + event("MODIFIED", "a", "9"));
    CHECK(lab.told("ConfigMap=7", 2) == "added a 8, modified a 9 | ConfigMap=9");
    feed->push(event("DELETED", "a", "12"));
    CHECK(lab.told("ConfigMap=9", 1) == "deleted a 12 | ConfigMap=12");
    CHECK(lab.told("ConfigMap=12", 0) == " | ConfigMap=12");
    CHECK(lab.lines() == Lines{"GET " + watch_of(k_configs, "7")});
}

TEST_CASE("a second watcher further behind, or further ahead, is told its part of the same history") {
    WatchLab lab;
    auto feed = lab.stream(k_configs, "7");
    feed->push(event("ADDED", "a", "8") + event("ADDED", "b", "9"));
    CHECK(lab.told("7", 2) == "added a 8, added b 9 | ConfigMap=9");
    CHECK(lab.told("8", 1) == "added b 9 | ConfigMap=9");
    CHECK(lab.told("20", 0) == " | ConfigMap=20");
    CHECK(lab.lines().size() == 1);
    auto earlier = lab.stream(k_configs, "5");
    earlier->push(event("ADDED", "z", "6") + event("ADDED", "a", "8"));
    CHECK(lab.told("5", 2) == "added z 6, added a 8 | ConfigMap=8");
    CHECK(lab.lines() == Lines{"GET " + watch_of(k_configs, "5")});
}

TEST_CASE("a stream that breaks off goes on after the last event or bookmark") {
    WatchLab lab;
    lab.server.answer("GET " + watch_of(k_configs, "7"), lines_and_end({event("ADDED", "a", "8") + bookmark("15")}));
    auto feed = lab.stream(k_configs, "15");
    feed->push(event("ADDED", "b", "16"));
    CHECK(lab.told("7", 1).starts_with("added a 8 | "));
    CHECK(lab.told("8", 1) == "added b 16 | ConfigMap=16");
    CHECK(lab.lines() == Lines{"GET " + watch_of(k_configs, "7"), "GET " + watch_of(k_configs, "15")});
}

TEST_CASE("half a line is not an event: the stream is opened again and tells it whole") {
    WatchLab lab;
    const std::string whole = event("ADDED", "b", "9");
    lab.server.answer("GET " + watch_of(k_configs, "7"), lines_and_end({event("ADDED", "a", "8"), whole.substr(0, 20)}));
    auto feed = lab.stream(k_configs, "8");
    feed->push(whole);
    CHECK(lab.told("7", 1) == "added a 8 | ConfigMap=8");
    CHECK(told_of(lab.patient("8")) == "added b 9");
}

TEST_CASE("a version that the server has forgotten is a conflict, in an event as in an answer") {
    const std::string too_old = "conflict: configmaps: the version to watch from is too old, the server has forgotten it";
    WatchLab lab;
    lab.server.answer("GET " + watch_of(k_configs, "7"), lines_and_end({error_event(410, "Expired", "too old resource version: 7 (900)")}));
    CHECK(thrown_by([&] { lab.watch("7"); }, lab.server) == too_old);
    auto feed = lab.stream(k_configs, "900");
    feed->push(event("ADDED", "a", "901"));
    CHECK(lab.told("900", 1) == "added a 901 | ConfigMap=901");
    WatchLab other;
    other.server.answer("GET " + watch_of(k_configs, "7"), json(status(410, "Gone", "too old resource version"), 410));
    CHECK(thrown_by([&] { other.watch("7"); }, other.server) == too_old);
}

TEST_CASE("a quiet stream whose version was forgotten starts again where its watcher is") {
    WatchLab lab;
    auto first = lab.stream(k_configs, "7");
    first->push(event("ADDED", "a", "8"));
    CHECK(lab.told("7", 1) == "added a 8 | ConfigMap=8");
    auto feed = lab.stream(k_configs, "500");
    feed->push(event("ADDED", "b", "501"));
    first->push(error_event(410, "Expired", "too old resource version: 8"));
    first->end();
    CHECK(lab.told("500", 1) == "added b 501 | ConfigMap=501");
}

TEST_CASE("a server in trouble is asked again after pauses that grow") {
    WatchLab lab;
    lab.server.answer("GET " + watch_of(k_configs, "7"), json(status(500, "InternalError", "etcd is away"), 500));
    std::vector<std::int64_t> tries;  // when a try was seen, on the clock that only this loop moves
    for (int step = 0; step < 5'000 && tries.size() < 5; ++step) {
        const auto before = lab.cluster->requests();
        CHECK(lab.watch("7", base::Duration(2)).next == "ConfigMap=7");
        if (lab.cluster->requests() > before) tries.push_back(lab.waited());
        lab.clock->advance(base::Duration(50));
    }
    REQUIRE(tries.size() == 5);
    for (int i = 0; i < 4; ++i) CHECK(tries[i + 1] - tries[i] >= (250 << i));
}

TEST_CASE("a watch that is forbidden says so, and a refused credential is tried anew once") {
    WatchLab lab;
    lab.server.answer("GET " + watch_of(k_configs, "7"), json(status(403, "Forbidden", R"(configmaps is forbidden: User "ada" cannot watch resource "configmaps")"), 403));
    CHECK(thrown_by([&] { lab.watch("7"); }, lab.server) ==
          "denied: configmaps is forbidden: User \"ada\" cannot watch resource \"configmaps\"\nwhile watching configmaps");
    WatchLab expired;
    expired.server.answer("GET " + watch_of(k_configs, "7"), json(status(401, "Unauthorized", "Unauthorized"), 401));
    CHECK(thrown_by([&] { expired.watch("7"); }, expired.server) == "denied: Unauthorized\nwhile watching configmaps");
    CHECK(expired.lines().size() == 2);
}

TEST_CASE("a watch whose credential has expired goes on with the next one") {
    WatchLab lab;
    lab.server.answer("GET " + watch_of(k_configs, "7"), json(status(401, "Unauthorized", "Unauthorized"), 401));
    auto feed = lab.stream(k_configs, "7");
    feed->push(event("ADDED", "a", "8"));
    CHECK(lab.told("7", 1) == "added a 8 | ConfigMap=8");
}

TEST_CASE("a clock that is set back does not keep a broken stream closed") {
    WatchLab lab;
    lab.clock->advance(std::chrono::hours(2));
    lab.server.answer("GET " + watch_of(k_configs, "7"), json(status(500, "InternalError", "etcd is away"), 500));
    auto feed = lab.stream(k_configs, "7");
    feed->push(event("ADDED", "a", "8"));
    lab.told("7", 0);
    lab.server.wait_for_requests(1);
    CHECK(lab.watch("7", base::Duration(30)).events.empty());
    lab.clock->advance(std::chrono::hours(-1));
    CHECK(told_of(lab.patient("7")) == "added a 8");
}

TEST_CASE("several kinds are waited for together and told by version") {
    WatchLab lab;
    auto configs = lab.stream(k_configs, "7");
    auto secrets = lab.stream(k_secrets, "7");
    configs->push(event("ADDED", "a", "8") + event("ADDED", "c", "10"));
    secrets->push(event("ADDED", "b", "9"));
    lab.told("7", 2, {k_config_map});
    lab.told("7", 1, {k_secret});
    CHECK(lab.told("7", 3, {k_config_map, k_secret}) == "added a 8, added b 9, added c 10 | ConfigMap=10,Secret=9");
    secrets->push(event("DELETED", "b", "11"));
    CHECK(lab.told("ConfigMap=10,Secret=9", 1, {k_config_map, k_secret}) == "deleted b 11 | ConfigMap=10,Secret=11");
    CHECK(lab.lines().size() == 2);
}

TEST_CASE("streams that nobody asks about are closed") {
    WatchLab lab;
    auto configs = lab.stream(k_configs, "7");
    configs->push(event("ADDED", "a", "8"));
    lab.told("7", 1);
    lab.clock->advance(std::chrono::seconds(61));
    lab.stream(k_secrets, "7");
    lab.told("7", 0, {k_secret});
    lab.server.wait_for_requests(2);
    auto again = lab.stream(k_configs, "8");
    again->push(event("ADDED", "b", "9"));
    CHECK(lab.told("8", 1) == "added b 9 | ConfigMap=9");
    CHECK(lab.lines() == Lines{"GET " + watch_of(k_configs, "7"), "GET " + watch_of(k_secrets, "7"), "GET " + watch_of(k_configs, "8")});
}

TEST_CASE("a stop ends the wait, and so does the time") {
    WatchLab lab;
    lab.stream(k_configs, "7");
    std::stop_source stop;
    std::jthread stopper([&] {
        lab.server.wait_for_requests(1);
        stop.request_stop();
    });
    CHECK(lab.cluster->watch({{k_config_map}, "prod", "7", std::chrono::minutes(5)}, stop.get_token()).next == "ConfigMap=7");
    CHECK(lab.watch("7", base::Duration(1)).next == "ConfigMap=7");
}

TEST_CASE("kinds that cannot be watched have no events, and a watch of everything is refused") {
    WatchLab lab;
    CHECK(lab.told("7", 0, {{"nobody.example", "v1", "Unheard"}, {"", "v1", "Namespace"}}) == " | ");
    CHECK(thrown_by([&] { lab.watch("7", base::Duration(0), {}); }, lab.server) ==
          "invalid: a real cluster is watched kind by kind, and this watch names none");
}

TEST_CASE("a flood is taken in pieces and loses nothing") {
    WatchLab lab;
    const std::string padding(100'000, 'x');
    constexpr int k_events = 200;  // 20 MB, more than is kept unread
    lab.server.handle([&](const HttpSeen& seen) {
        const auto from = std::stoi(seen.target.substr(seen.target.rfind('=') + 1));
        HttpAnswer answer;
        for (int version = from + 1; version <= k_events; ++version)
            answer.chunks.push_back(R"({"type":"ADDED","object":{"metadata":{"name":"o","resourceVersion":")" + std::to_string(version) +
                                    R"("},"data":{"x":")" + padding + "\"}}}\n");
        return answer;
    });
    std::string since = "0";
    int told = 0;
    while (told < k_events) {
        const kube::WatchBatch batch = lab.watch(since);
        for (const kube::WatchEvent& one : batch.events) REQUIRE(kube::resource_version_of(one.object) == std::to_string(++told));
        since = batch.next;
    }
    CHECK(told == k_events);
}
