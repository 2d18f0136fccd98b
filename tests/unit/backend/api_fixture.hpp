#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/backend/api_client.hpp"
#include "core/base/error.hpp"
#include "tests/support/http_server.hpp"

namespace gitops::test {

/// A sink for several threads.
class EventLog final : public base::EventSink {
  public:
    void emit(const base::Event& event) override;
    /// The messages of one kind and level, in order.
    std::vector<std::string> messages(std::string_view kind, base::Level level) const;

  private:
    mutable std::mutex m_mutex;
    std::vector<base::Event> m_events;
};

/// A scripted server, and a clock on which all waiting takes no time.
struct ApiFixture {
    HttpServer server;
    std::shared_ptr<base::ManualClock> clock =
        std::make_shared<base::ManualClock>(*base::parse_rfc3339("2026-01-01T00:00:00Z"));
    EventLog events;
    backend::ApiOptions options;
    backend::KubeAccess access;

    ApiFixture();
    std::unique_ptr<backend::ApiClient> client();
    /// Milliseconds since the start.
    std::int64_t waited() const;
};

/// "code: message", then a line for each note and the hint. The server's address is written SERVER.
std::string text_of(const base::Error& error, const HttpServer& server);

/// text_of() what `call` throws.
template <class Call>
std::string thrown_by(const Call& call, const HttpServer& server) {
    try {
        call();
    } catch (const base::Error& error) {
        return text_of(error, server);
    }
    return "nothing thrown";
}

/// Replaces a file and keeps its time, so that only who has a reason to reads it again.
void replace_unseen(const std::string& path, const std::string& text);

backend::ApiRequest request_of(std::string method, std::string path);
HttpAnswer json(std::string body, int status = 200);

}  // namespace gitops::test
