#include "core/backend/api_client.hpp"

#include <mutex>
#include <utility>

#include "core/backend/api_answer.hpp"
#include "core/backend/places.hpp"
#include "core/backend/retry.hpp"

namespace gitops::backend {

using base::Code;
using base::Duration;
using base::Error;

namespace {

constexpr Duration k_shortest_try{1'000};
constexpr Duration k_told_wait{3'000};    ///< a wait that people are told of
constexpr Duration k_stream_idle{330'000};  ///< a watch tells something at least every few minutes, if only a bookmark

io::HttpOptions http_options(const KubeAccess& access) {
    io::HttpOptions options;
    options.ca_pem = access.ca_pem;
    options.server_name = access.tls_server_name;
    options.verify = access.verify;
    options.proxy_url = access.proxy_url;
    return options;
}

std::string millis(Duration span) { return std::to_string(span.count()) + " ms"; }

/// A credential that the server refused to a stream, for the next request to renew.
class RefusedByStream {
  public:
    void remember(Credential refused) {
        const std::lock_guard lock(m_mutex);
        m_refused = std::move(refused);
    }
    std::optional<Credential> take() {
        const std::lock_guard lock(m_mutex);
        return std::exchange(m_refused, std::nullopt);
    }

  private:
    std::mutex m_mutex;
    std::optional<Credential> m_refused;
};

}  // namespace

struct ApiClient::State {
    class Exchange;

    State(KubeAccess access, ApiOptions asked, std::shared_ptr<base::Clock> time, base::EventSink& sink)
        : server(access.server),
          user(access.user + (access.impersonate.user.empty() ? "" : " as " + access.impersonate.user)),
          context(access.context),
          options(std::move(asked)),
          clock(std::move(time)),
          events(sink),
          places(options.in_flight),
          http(http_options(access)),
          credentials(std::move(access), *clock, options.environment) {
        const auto started = static_cast<std::uint64_t>(clock->now().time_since_epoch().count());
        jitter = started ^ std::hash<std::string>()(server) ^ reinterpret_cast<std::uintptr_t>(this);
    }

    Credential credential(const std::stop_token& stop) {
        if (const auto refused = refused_by_stream->take()) credentials.renew(*refused, stop);
        return credentials.current(stop);
    }

    std::vector<io::HttpHeader> headers(const ApiRequest& request, const Credential& credential) const {
        std::vector<io::HttpHeader> headers = credential.headers;
        headers.push_back({"Accept", request.accept});
        headers.push_back({"User-Agent", options.user_agent});
        if (!request.content_type.empty()) headers.push_back({"Content-Type", request.content_type});
        return headers;
    }

    void tell(base::Level level, const ApiRequest& request, const std::string& what) {
        events.emit({level, "request", context, request.method + " " + request.path + " " + what, {}});
    }

    std::string server, user, context;
    ApiOptions options;
    std::shared_ptr<base::Clock> clock;
    base::EventSink& events;
    Places places;
    io::HttpClient http;
    Credentials credentials;
    std::shared_ptr<RefusedByStream> refused_by_stream = std::make_shared<RefusedByStream>();
    std::atomic<std::uint64_t> requests = 0;
    std::atomic<std::uint64_t> jitter;
    std::atomic<bool> reached = false;  ///< the server has answered something
};

/// One request with all its tries.
class ApiClient::State::Exchange {
  public:
    Exchange(State& state, const ApiRequest& request, const std::stop_token& stop)
        : m_state(state),
          m_request(request),
          m_stop(stop),
          m_backoff(request.patience.value_or(state.options.patience), state.jitter += 0x9E3779B97F4A7C15U) {
        m_sent.method = request.method;
        m_sent.url = state.server + request.path;
        m_sent.body = request.body;
        m_sent.timeout = state.options.timeout;
    }

    ApiResponse run() {
        use(m_state.credential(m_stop));
        while (true) {
            Answer answer = try_once();
            if (auto* response = std::get_if<ApiResponse>(&answer)) {
                response->repeated = m_maybe_done;
                return std::move(*response);
            }
            if (auto* failed = std::get_if<Failed>(&answer)) {
                wait_after(*failed);
                m_sent.timeout = std::min(m_state.options.timeout, std::max(m_backoff.left(), k_shortest_try));
            } else {
                renew();
            }
            use(m_state.credential(m_stop));
        }
    }

  private:
    void use(Credential credential) {
        m_sent.headers = m_state.headers(m_request, credential);
        m_sent.identity = credential.identity;
        m_credential = std::move(credential);
    }

    Answer try_once() {
        try {
            io::HttpResponse response = send();
            m_state.reached = true;
            return judge(std::move(response), m_state.server, m_state.clock->now());
        } catch (const io::HttpError& error) {
            if (error.code() == Code::cancelled) throw;
            return judge(error, m_state.reached);
        }
    }

    /// Sends from a place; judging the answer needs none.
    io::HttpResponse send() {
        const Places::Taken place(m_state.places, m_stop);
        if (!place.held()) throw stopped();
        const base::Time start = m_state.clock->now();
        const auto told = [&](const std::string& outcome) {
            // A clock that jumps must neither end the patience nor prolong it.
            const Duration took = std::clamp(m_state.clock->now() - start, Duration(0), m_sent.timeout);
            m_backoff.spent(took);
            m_state.tell(base::Level::debug, m_request, outcome + " in " + millis(took));
        };
        ++m_state.requests;
        try {
            io::HttpResponse response = m_state.http.send(m_sent, m_stop);
            told(std::to_string(response.status));
            return response;
        } catch (const io::HttpError& error) {
            told("failed (" + error.message() + ")");
            throw;
        }
    }

    /// Waits until the request may be sent again; throws what failed when it may not.
    void wait_after(Failed& failed) {
        const bool may_repeat = m_request.repeat == Repeat::safe || !failed.maybe_done;
        if (!may_repeat) failed.error.note("the server may have carried it out");
        if (!may_repeat || !failed.trouble) throw give_up(std::move(failed.error));
        const auto wait = m_backoff.next(*failed.trouble, failed.asked);
        if (!wait) throw give_up(std::move(failed.error));
        m_maybe_done = m_maybe_done || failed.maybe_done;
        m_state.tell(*wait >= k_told_wait ? base::Level::info : base::Level::debug, m_request,
                     "again in " + millis(*wait) + ": " + failed.error.message());
        if (!m_state.clock->sleep_for(*wait, m_stop)) throw stopped();
    }

    void renew() {
        if (!m_renewed && m_state.credentials.renew(m_credential, m_stop)) {
            m_renewed = true;
            return;
        }
        const std::string whose = m_state.user.empty() ? std::string() : " of user \"" + m_state.user + "\"";
        Error error(Code::denied, m_state.server + " does not accept the credentials" + whose);
        error.hint("they are missing or have expired: log in again, or see the user in the kubeconfig");
        throw give_up(std::move(error));
    }

    Error give_up(Error error) const {
        if (m_backoff.tries() > 1)
            error.note("gave up after " + base::format_duration(m_backoff.used()) + " and " +
                       std::to_string(m_backoff.tries()) + " tries");
        return error.note("while asking " + m_request.method + " " + m_request.path);
    }

    Error stopped() const { return {Code::cancelled, "stopped while asking " + m_state.server + " " + m_request.path}; }

    State& m_state;
    const ApiRequest& m_request;
    const std::stop_token& m_stop;
    Backoff m_backoff;
    io::HttpRequest m_sent;
    Credential m_credential;
    bool m_maybe_done = false;
    bool m_renewed = false;
};

ApiClient::ApiClient(KubeAccess access, ApiOptions options, std::shared_ptr<base::Clock> clock, base::EventSink& events)
    : m_state(std::make_unique<State>(std::move(access), std::move(options), std::move(clock), events)) {}

ApiClient::~ApiClient() = default;

ApiResponse ApiClient::call(const ApiRequest& request, std::stop_token stop) {
    return State::Exchange(*m_state, request, stop).run();
}

doc::Value ApiClient::get(const std::string& path, std::stop_token stop) {
    ApiRequest request;
    request.path = path;
    ApiResponse response = call(request, std::move(stop));
    if (response.status >= 300) throw error_of(response.status, response.body, "GET " + path);
    return std::move(response.body);
}

std::unique_ptr<io::HttpStream> ApiClient::stream(const std::string& path, io::StreamSink sink, std::stop_token stop) {
    ApiRequest request;
    request.path = path;
    Credential credential = m_state->credential(stop);
    io::HttpRequest sent;
    sent.url = m_state->server + path;
    sent.headers = m_state->headers(request, credential);
    sent.timeout = m_state->options.timeout;
    sent.idle = k_stream_idle;
    sent.identity = credential.identity;
    sink.on_end = [refused = m_state->refused_by_stream, credential = std::move(credential),
                   on_end = std::move(sink.on_end)](io::StreamEnd&& end) {
        if (end.status == 401) refused->remember(credential);
        if (on_end) on_end(std::move(end));
    };
    ++m_state->requests;
    m_state->tell(base::Level::debug, request, "as a stream");
    return m_state->http.stream(sent, std::move(sink));
}

const std::string& ApiClient::server() const { return m_state->server; }
const std::string& ApiClient::user() const { return m_state->user; }
base::EventSink& ApiClient::events() const { return m_state->events; }
int ApiClient::in_flight() const { return m_state->options.in_flight; }
std::uint64_t ApiClient::requests() const { return m_state->requests; }

}  // namespace gitops::backend
