#include "core/app/termination.hpp"

#include "core/base/error.hpp"

namespace gitops::app {

namespace {

constexpr std::string_view k_kind = "TerminationRequest";

}  // namespace

LockRow request_termination(const Services& services, const std::string& app) {
    const auto application = application_of(services, app);
    const auto holder = services.state.lock_holder(application.instance);
    if (!holder)
        throw base::Error(base::Code::conflict, "no operation is in progress on " + app + " on this machine")
            .hint("`gitopsctl app get " + app + "` shows the last one; one of another machine is ended there");
    services.state.put_definition(k_kind, application.instance,
                                  doc::Value::map({{"actor", services.actor}, {"at", base::to_rfc3339(services.clock.now())}}));
    return *holder;
}

bool is_termination_requested(const StateDb& state, const std::string& instance) { return state.definition(k_kind, instance).has_value(); }

void forget_termination(StateDb& state, const std::string& instance) { state.delete_definition(k_kind, instance); }

}  // namespace gitops::app
