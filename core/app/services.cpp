#include "core/app/services.hpp"

#include "core/app/state/record_keeper.hpp"
#include "core/base/error.hpp"

namespace gitops::app {

namespace {

using base::Error;

/// What another machine registered and this one does not know yet: a real cluster remembers it.
std::optional<Application> recorded_application(const Services& services, const std::string& name) {
    const auto row = cluster_of(services, services.cluster);
    if (row.kind == "embedded") return std::nullopt;  // it lives in this very home
    const auto definition = recorded_definition(*services.open_cluster(row.name), name);
    if (!definition) return std::nullopt;
    std::vector<std::string> warnings;
    auto application = read_application(*definition, "the record in cluster " + row.name, warnings);
    services.events.emit({base::Level::info, "record", name,
                          "application " + name + " is not registered here; taken from its record in cluster " + row.name, {}});
    return application;
}

Application registered_application(const Services& services, const std::string& name) {
    try {
        return services.state.application(name);
    } catch (const Error& error) {
        if (error.code() != base::Code::not_found) throw;
        const auto recorded = recorded_application(services, name);
        if (!recorded) throw;
        services.state.put_application(*recorded, services.clock.now());
        pull_record(services, *recorded);
        return *recorded;
    }
}

}  // namespace

Services Services::told_to(base::EventSink& sink) const {
    return {.state = state,
            .clock = clock,
            .events = sink,
            .open_repo = open_repo,
            .open_cluster = open_cluster,
            .actor = actor,
            .git_environment = git_environment,
            .jobs = jobs,
            .find_cluster = find_cluster,
            .cluster = cluster,
            .parents = parents,
            .pass = pass,
            .render_means = render_means,
            .render_cache = render_cache,
            .server_of = server_of,
            .kube_version_of = kube_version_of,
            .health = health,
            .settings = settings};
}

ClusterRow cluster_of(const Services& services, const std::string& name) {
    return services.find_cluster ? services.find_cluster(name) : services.state.cluster(name);
}

Application application_of(const Services& services, const std::string& name) {
    auto application = registered_application(services, name);
    if (services.cluster.empty()) return application;
    const auto sent_to = cluster_of(services, services.cluster).name;
    const auto& own = application.destination.cluster;
    const bool is_own = own == sent_to || (own.empty() && services.state.cluster("").name == sent_to);
    application.destination.cluster = sent_to;
    if (!is_own) application.instance = name + "@" + sent_to;
    return application;
}

}  // namespace gitops::app
