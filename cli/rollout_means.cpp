#include "cli/rollout_means.hpp"

#include <filesystem>

#include "cli/input.hpp"
#include "core/backend/prometheus.hpp"
#include "core/backend/webhook.hpp"
#include "core/base/text.hpp"
#include "core/rollout/replay/replay.hpp"

namespace gitops::cli {

namespace {

using base::Code;
using base::Error;

/// Asks whom the request's source names: a server, or the one file of this run.
class AnyMetrics final : public rollout::MetricsProvider {
  public:
    AnyMetrics(std::unique_ptr<rollout::MetricsProvider> played, std::shared_ptr<backend::PrometheusMetrics> prometheus)
        : m_played(std::move(played)), m_prometheus(std::move(prometheus)) {}

    rollout::Reading read(const rollout::MetricRequest& request, std::stop_token stop) override {
        const bool is_played = request.source.type == "file" || request.source.type == "script";
        if (is_played && m_played) return m_played->read(request, std::move(stop));
        return m_prometheus->read(request, std::move(stop));
    }

  private:
    std::unique_ptr<rollout::MetricsProvider> m_played;
    std::shared_ptr<backend::PrometheusMetrics> m_prometheus;
};

bool is_script(std::string_view file) { return file.ends_with(".yaml") || file.ends_with(".yml"); }

std::string token_of(const rollout::RunSettings& settings) {
    if (!settings.token_file.empty()) return std::string(base::trim(read_input(settings.token_file)));
    if (settings.token_env.empty()) return {};
    auto token = Env::variable(settings.token_env.c_str());
    if (token.empty()) throw Error(Code::denied, "the environment variable " + settings.token_env + " with the token of the metrics server is not set");
    return token;
}

/// Only what finding programs and their words takes: what else is in the environment may be secret.
std::vector<std::string> hook_environment() {
    std::vector<std::string> environment;
    for (const char* name : {"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "KUBECONFIG", "GITOPSCTL_HOME"})
        if (auto value = Env::variable(name); !value.empty()) environment.push_back(std::string(name) + "=" + value);
    return environment;
}

/// What all canaries of a process share: connections, above all.
struct Shared {
    std::shared_ptr<backend::PrometheusMetrics> prometheus = std::make_shared<backend::PrometheusMetrics>();
    std::shared_ptr<rollout::HookCaller> hooks = std::make_shared<backend::WebhookCaller>(
        backend::WebhookOptions{"gitopsctl", "", "", hook_environment()}, std::make_shared<base::SystemClock>());
};

app::CanaryMeans open_means(const Shared& shared, const rollout::RunSettings& settings) {
    app::CanaryMeans means;
    std::unique_ptr<rollout::MetricsProvider> played;
    if (!settings.metrics_file.empty()) {
        const auto text = read_input(settings.metrics_file);
        const bool script = is_script(settings.metrics_file);
        played = script ? rollout::rehearse(text, settings.metrics_file) : rollout::play_back(text, settings.metrics_file);
        means.usual_source = {script ? "script" : "file", settings.metrics_file};
        means.plays_back = true;
    } else {
        means.usual_source = {"prometheus", settings.metrics_url};
        means.usual_source.bearer_token = token_of(settings);
    }
    means.metrics = std::make_shared<AnyMetrics>(std::move(played), shared.prometheus);
    means.hooks = shared.hooks;
    return means;
}

}  // namespace

void set_metrics(rollout::RunSettings& settings, const std::string& metrics) {
    if (metrics.empty()) return;
    if (metrics.starts_with("http://") || metrics.starts_with("https://")) settings.metrics_url = metrics;
    else settings.metrics_file = std::filesystem::absolute(metrics).lexically_normal().string();
}

app::OpenMeans means_of(Env&) {
    return [shared = std::make_shared<Shared>()](const rollout::RunSettings& settings) { return open_means(*shared, settings); };
}

}  // namespace gitops::cli
