#include "core/app/controller/controller_pages.hpp"

namespace gitops::app {

io::PageSource controller_pages(const Services& services, Metrics& metrics) {
    return [&services, &metrics](const std::string& path) -> io::Page {
        if (path == "/metrics") {
            metrics.keep_only(services.state.application_names());
            return {200, "text/plain; version=0.0.4; charset=utf-8", metrics.text()};
        }
        if (path == "/healthz") return {.body = "ok\n"};
        if (path == "/readyz") {
            services.state.application_names();  // throws, and the answer is 500, when it cannot be read
            return {.body = "ok\n"};
        }
        return {404, "text/plain; charset=utf-8", "there is /metrics, /healthz and /readyz\n"};
    };
}

}  // namespace gitops::app
