// Judges one answer of an API server: an answer for the caller, or a try that failed.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "core/backend/api_client.hpp"
#include "core/backend/retry.hpp"

namespace gitops::backend {

/// A try that came to nothing.
struct Failed {
    base::Error error;              ///< what the caller is told when it stays so
    std::optional<Trouble> trouble; ///< nullopt: trying again would not help
    std::optional<base::Duration> asked;  ///< how long the server wants to be left alone
    bool maybe_done = false;        ///< the server may have acted on the request
};

struct Refused {};  ///< 401

using Answer = std::variant<ApiResponse, Refused, Failed>;

/// `server` is its address, for messages; `now` is what a date in Retry-After is compared with.
Answer judge(io::HttpResponse&& response, const std::string& server, base::Time now);
/// The same for no answer at all; `reached` tells whether this server has ever answered.
Failed judge(const io::HttpError& error, bool reached);

}  // namespace gitops::backend
