// ApiClient talks HTTP to one API server: credentials, concurrency, retries, and errors in the house's terms.
//
// Overview: call() waits for one of `in_flight` places, sends, and repeats what may be repeated: 429 (after
// Retry-After), 5xx, broken connections and time-outs, with exponential backoff and jitter. A request that is not
// idempotent is repeated only when the server cannot have acted on it. A 401 renews the credential once.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/backend/credentials.hpp"
#include "core/backend/kubeconfig.hpp"
#include "core/base/clock.hpp"
#include "core/base/event.hpp"
#include "core/doc/value.hpp"
#include "core/io/http.hpp"

namespace gitops::backend {

enum class Repeat {
    safe,         ///< the same request again changes nothing more: reads, applies, deletes with a uid
    only_unsent,  ///< the server may have acted on it: again only after 429 or when it was never sent
};

struct ApiRequest {
    std::string method = "GET";
    std::string path;  ///< with its query, from the server's root: "/api/v1/namespaces?limit=500"
    std::string body;
    std::string content_type;  ///< of the body
    std::string accept = "application/json";
    Repeat repeat = Repeat::safe;
    std::optional<base::Duration> patience;  ///< instead of ApiOptions::patience; 0 tries once
};

struct ApiResponse {
    int status = 0;
    doc::Value body;            ///< null when there was none; a text when an error came as plain text
    bool repeated = false;      ///< an earlier try may have reached the server: "already exists" may be our own doing
    std::string content_type;
};

struct ApiOptions {
    int in_flight = 16;
    base::Duration timeout{60'000};         ///< of one try
    base::Duration patience{60'000};        ///< of all tries of one request together
    std::string user_agent = "gitopsctl";
    std::vector<std::string> environment;   ///< for exec plugins, "NAME=value"
};

/// Safe to use from many threads. Tells every request sent as a debug event: "GET /api/v1/pods 200 in 12 ms".
class ApiClient {
  public:
    /// Error(unavailable) when libcurl cannot be loaded. Nothing is sent yet.
    ApiClient(KubeAccess access, ApiOptions options, std::shared_ptr<base::Clock> clock, base::EventSink& events);
    ~ApiClient();

    /// Any answer below 500 but 401 and 429 is returned; an apply against the schema, which servers call a 500, as 422.
    /// Error(denied) for 401, Error(unavailable) when the server cannot be reached or keeps failing, or answers with
    /// something that is no JSON (a login page, half a document), Error(cancelled) after a stop request. A server that
    /// has never answered is given up after a few seconds.
    ApiResponse call(const ApiRequest& request, std::stop_token stop = {});
    /// As call(), and any status other than 2xx is the Error of error_of().
    doc::Value get(const std::string& path, std::stop_token stop = {});
    /// A watch: no place is taken, nothing is retried; after an end with 401 the next request renews the credential.
    std::unique_ptr<io::HttpStream> stream(const std::string& path, io::StreamSink sink, std::stop_token stop = {});

    const std::string& server() const;
    const std::string& user() const;  ///< the name of the user entry, "admin as bob" when impersonating
    base::EventSink& events() const;
    int in_flight() const;
    std::uint64_t requests() const;  ///< sent so far, repeats included

  private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// One entry of a Status body's details.causes.
struct StatusCause {
    std::string reason;  ///< "FieldValueInvalid", "FieldManagerConflict", ...
    std::string field;   ///< "spec.replicas"; "" when it is about no field
    std::string message;
};
/// At most a thousand of them, their texts on one line; empty when `body` is no Status.
std::vector<StatusCause> status_causes(const doc::Value& body);

/// The error an API server's `Status` body means: 400, 405, 406, 413, 415 and 422 invalid (each cause with its field),
/// 401 and 403 denied with the server's reason, 404 not_found, 409 conflict, 410 conflict "too old", else unavailable.
/// `subject` is what the request was about, for the message: "apps/Deployment prod/web".
base::Error error_of(int status, const doc::Value& body, std::string_view subject);

/// Percent-encodes one segment of a path or one value of a query.
std::string url_encode(std::string_view text);

}  // namespace gitops::backend
