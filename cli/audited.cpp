#include "cli/audited.hpp"

namespace gitops::cli {

void audited(Env& env, const Change& change, const std::function<std::string()>& body) {
    app::AuditRow row;
    row.at = env.clock().now();
    row.actor = env.actor();
    row.action = change.action;
    row.subject = change.subject;
    row.cluster = change.cluster;
    row.reason = change.reason;
    row.result = "running";
    row.process = io::current_process();
    const std::int64_t id = env.state().begin_audit(row);
    try {
        env.state().end_audit(id, "succeeded", {}, body());
    } catch (const base::Error& error) {
        env.state().end_audit(id, error.code() == base::Code::cancelled ? "interrupted" : "failed", {},
                              error.message());
        throw;
    }
}

}  // namespace gitops::cli
