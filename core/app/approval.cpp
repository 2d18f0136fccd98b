#include "core/app/approval.hpp"

#include "core/base/error.hpp"

namespace gitops::app {

deliver::Confirmation confirmation_of(const Application& application, std::optional<base::Time> asked_at) {
    const auto text = kube::annotation_of(application.document, k_deletion_approved_annotation);
    if (text.empty()) return deliver::Confirmation::needed;
    if (text == "true") return deliver::Confirmation::given;
    const auto at = base::parse_rfc3339(text);
    const bool in_time = at && (!asked_at || *at >= *asked_at);
    return in_time ? deliver::Confirmation::given : deliver::Confirmation::needed;
}

void approve_deletions(const Services& services, const std::string& app) {
    application_of(services, app);  // with near names, and from a cluster's record
    auto application = services.state.application(app);
    kube::set_annotation(application.document, k_deletion_approved_annotation, base::to_rfc3339_millis(services.clock.now()));
    services.state.put_application(application, services.clock.now());
}

}  // namespace gitops::app
