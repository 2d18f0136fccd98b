// What curl is told about one request. For this folder only; include <curl/curl.h> before it.
#pragma once

#include "core/io/curl_library.hpp"
#include "core/io/http_transfer.hpp"

namespace gitops::io {

/// An easy handle at work, and what curl only points at while it is. Stays where it is.
struct Running {
    CurlEasy easy;
    CurlList headers;
    CurlList connect_to;
    std::shared_ptr<Transfer> transfer;
};

/// Error(invalid) for options that curl cannot use; checked once, when a client is made.
void check_options(const HttpOptions& options);

/// Prepares `running.easy`, which is fresh or reset, for `running.transfer`. The options and the request must stay
/// where they are until the transfer ends: certificates and bodies are not copied. Error(invalid) for a URL or a header
/// that cannot be sent.
void set_up(Running& running, const HttpOptions& options);

}  // namespace gitops::io
