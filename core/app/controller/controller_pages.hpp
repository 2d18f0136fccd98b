// What `controller run --listen` serves: metrics for Prometheus, and whether the controller lives and works.
#pragma once

#include <functional>
#include <string>

#include "core/app/controller/metrics.hpp"
#include "core/io/http_server.hpp"

namespace gitops::app {

/// /metrics, /healthz (200 while the process lives) and /readyz (200 when the state database can be read).
/// Both arguments must outlive the pages; `services` is used from the server's thread.
io::PageSource controller_pages(const Services& services, Metrics& metrics);

}  // namespace gitops::app
