#include "core/app/drift.hpp"

#include "core/app/placed_message.hpp"
#include "core/base/error.hpp"

namespace gitops::app {

namespace {

using deliver::Action;

std::optional<ResourceDrift> drift_of_step(const deliver::Step& step) {
    if (step.hook) return std::nullopt;
    ResourceDrift drift;
    drift.key = step.key;
    if (step.desired.is_null()) {
        if (deliver::is_spared(step)) return std::nullopt;
        drift.kind = DriftKind::extra;
        return drift;
    }
    if (step.action == Action::skip) return std::nullopt;
    if (step.live.is_null()) {
        drift.kind = DriftKind::missing;
        return drift;
    }
    if (step.action != Action::update || deliver::is_in_sync(step)) return std::nullopt;
    drift.fields = deliver::changes_of(step);
    return drift;
}

}  // namespace

std::string_view drift_name(DriftKind kind) {
    switch (kind) {
        case DriftKind::modified: return "modified";
        case DriftKind::missing: return "missing";
        case DriftKind::extra: return "extra";
    }
    return "modified";
}

DriftReport drift_of(const Services& services, const std::string& app, Fetch fetch, Predict predict) {
    DriftReport report;
    report.app = app;
    report.cluster = services.cluster;
    try {
        const auto application = application_of(services, app);
        CompareRequest request;
        request.fetch = fetch;
        request.predict = predict;
        auto comparison = compare(services, application, request);
        report.cluster = comparison.cluster_name;
        report.revision = comparison.revision.sha;
        for (const auto& step : comparison.plan.steps)
            if (auto drift = drift_of_step(step)) report.resources.push_back(std::move(*drift));
    } catch (const base::Error& error) {
        if (error.code() == base::Code::cancelled) throw;
        report.error = placed_message(error);
    }
    return report;
}

}  // namespace gitops::app
