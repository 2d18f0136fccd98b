// Says in the house's words why curl gave up. For this folder only; include <curl/curl.h> before it.
#pragma once

#include "core/io/http_setup.hpp"

namespace gitops::io {

/// `result` is not CURLE_OK, and the handle was not yet used again.
HttpError failure_of(CURLcode result, const Running& running, const HttpOptions& options);

/// The end of a transfer that was told to stop.
HttpError cancelled_failure(const Transfer& transfer, HttpError::Reached reached);

/// What an Error says, of a request that was never sent.
HttpError unsent_failure(const base::Error& error);

/// True when some bytes of the request went out.
bool was_sent(CURL* easy);

}  // namespace gitops::io
