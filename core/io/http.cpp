#include <curl/curl.h>
// keep this order
#include "core/io/http.hpp"

#include "core/io/http_failure.hpp"
#include "core/io/http_loop.hpp"

namespace gitops::io {

using base::Code;

std::string_view HttpResponse::header(std::string_view name) const {
    const HttpHeader* found = find_header(headers, name);
    return found ? std::string_view(found->value) : std::string_view();
}

/// Shared by the client and its streams: the last of them ends the loop.
struct HttpClient::State {
    explicit State(HttpOptions options) : loop(std::make_shared<HttpLoop>(std::move(options))) {}
    ~State() { loop->stop(); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    std::shared_ptr<HttpLoop> loop;
};

HttpClient::HttpClient(HttpOptions options) : m_state(std::make_shared<State>(std::move(options))) {}

HttpClient::~HttpClient() = default;

HttpResponse HttpClient::send(const HttpRequest& request, std::stop_token stop) {
    HttpLoop& loop = *m_state->loop;
    if (loop.is_own_thread()) throw base::Error(Code::internal, "an HTTP request was sent from the sink of a stream");
    // Not owned: this function does not end before the transfer did.
    auto exchange = std::make_shared<Exchange>(std::shared_ptr<const HttpRequest>(std::shared_ptr<void>(), &request),
                                               loop.options().max_body);
    if (stop.stop_requested()) throw cancelled_failure(*exchange, HttpError::Reached::not_sent);
    loop.start(exchange);
    const std::stop_callback on_stop(std::move(stop), [&] {
        exchange->cancel();
        loop.drop_cancelled();
    });
    return exchange->wait();
}

namespace {

class RunningStream final : public HttpStream {
  public:
    RunningStream(std::shared_ptr<LineTransfer> transfer, std::shared_ptr<void> state, HttpLoop& loop)
        : m_state(std::move(state)), m_loop(loop), m_transfer(std::move(transfer)) {}
    ~RunningStream() override {
        m_transfer->silence();
        m_transfer->cancel();
        m_loop.drop_cancelled();
    }

  private:
    std::shared_ptr<void> m_state;  ///< keeps the loop running
    HttpLoop& m_loop;
    std::shared_ptr<LineTransfer> m_transfer;
};

}  // namespace

std::unique_ptr<HttpStream> HttpClient::stream(const HttpRequest& request, StreamSink sink) {
    HttpLoop& loop = *m_state->loop;
    auto transfer = std::make_shared<LineTransfer>(std::make_shared<const HttpRequest>(request), loop.options().max_body,
                                                   std::move(sink));
    auto stream = std::make_unique<RunningStream>(transfer, m_state, loop);
    loop.start(std::move(transfer));
    return stream;
}

}  // namespace gitops::io
