#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "cli/arguments.hpp"
#include "cli/audited.hpp"
#include "cli/commands/registry.hpp"
#include "cli/kube_access.hpp"
#include "cli/print.hpp"
#include "core/backend/api_cluster.hpp"
#include "core/embedded/local_cluster.hpp"

namespace gitops::cli {

namespace {

using base::Code;
using base::Error;

struct Options {
    std::string name;
    std::string kubeconfig;
    std::string context;
    std::string pod_start;
    std::string as_user;
    std::vector<std::string> as_groups;
    std::vector<std::string> labels;
    std::string record_namespace;
    bool embedded = false;
    bool in_cluster = false;
    bool allow_exec = false;
    bool no_check = false;
    bool upsert = false;
};

bool is_real(const Options& options) {
    return !options.kubeconfig.empty() || !options.context.empty() || options.in_cluster;
}

void require_sense(const Options& options) {
    const bool names_file = !options.kubeconfig.empty() || !options.context.empty();
    if (options.embedded && is_real(options))
        throw UsageError("--embedded makes a cluster inside gitopsctl, --kubeconfig, --context and --in-cluster name a real one");
    if (options.in_cluster && names_file) throw UsageError("--in-cluster needs neither --kubeconfig nor --context");
    if (is_real(options) && !options.pod_start.empty()) throw UsageError("--pod-start is for embedded clusters");
    if (options.as_user.empty() && !options.as_groups.empty()) throw UsageError("--as-group needs --as USER");
    const bool for_real_ones = !options.as_user.empty() || !options.record_namespace.empty() || options.allow_exec;
    if (!is_real(options) && for_real_ones) {
        UsageError error("--as, --record-namespace and --allow-exec are for real clusters");
        error.hint("name one with --context, --kubeconfig or --in-cluster");
        throw error;
    }
}

std::map<std::string, std::string> parse_labels(const std::vector<std::string>& given) {
    std::map<std::string, std::string> labels;
    for (const std::string& text : given) {
        const auto equals = text.find('=');
        if (equals == 0 || equals == std::string::npos || text.find(',') != std::string::npos)
            throw UsageError("--label takes NAME=VALUE, found '" + text + "'");
        labels[text.substr(0, equals)] = text.substr(equals + 1);
    }
    return labels;
}

app::ClusterRow new_row(const Options& options) {
    app::ClusterRow row;
    row.kind = "embedded";
    if (options.in_cluster) {
        row.kind = "kubernetes";
        row.context = k_in_cluster;
    } else if (is_real(options)) {
        row = row_of_context(options.kubeconfig.empty() ? standard_kubeconfigs() : std::vector{options.kubeconfig},
                             options.context);
        row.trusts_exec = row.trusts_exec || options.allow_exec;
    }
    row.name = options.name;
    row.as_user = options.as_user;
    row.as_groups = options.as_groups;
    row.labels = parse_labels(options.labels);
    row.record_namespace = options.record_namespace;
    return row;
}

std::optional<app::ClusterRow> known_row(Env& env, const std::string& name) {
    const auto rows = env.state().clusters();
    const auto found = std::ranges::find(rows, name, &app::ClusterRow::name);
    return found == rows.end() ? std::nullopt : std::optional(*found);
}

/// What is remembered of applications stands under the cluster's name: it may be reached in another way, but not become
/// another kind of cluster.
void require_place(const Options& options, const std::optional<app::ClusterRow>& known) {
    if (!known) return;
    const bool keeps_kind = is_real(options) == (known->kind == "kubernetes");
    if (keeps_kind && (options.upsert || (!is_real(options) && !options.pod_start.empty()))) return;
    Error error(Code::conflict, "cluster " + options.name + " is already registered");
    if (keeps_kind) error.hint("--upsert changes it; `gitopsctl cluster info " + options.name + "` shows it");
    else error.hint("it is of another kind: `gitopsctl cluster remove " + options.name + "` comes first");
    throw error;
}

/// "Kubernetes v1.30.2 at https://api.example.com:6443"
std::string reached(Env& env, const app::ClusterRow& row, const std::string& server) {
    try {
        return "Kubernetes " + env.open_api_cluster(row)->version() + " at " + server;
    } catch (Error& error) {
        error.note("while asking the server for its version; nothing was registered (--no-check does not ask)");
        throw;
    }
}

void add_real(Env& env, const Options& options, const std::optional<app::ClusterRow>& known) {
    app::ClusterRow row = new_row(options);
    row.current = known && known->current;
    const backend::KubeAccess access = access_of(row);
    if (access.verify == io::TlsVerify::no) {
        warn(env, "warning: " + access.server + " is not verified (insecure-skip-tls-verify): whoever sits between can "
                  "read the credentials and answer in its place");
    }
    const std::string told = options.no_check ? access.server + ", not checked" : reached(env, row, access.server);
    audited(env, {"cluster add", row.name, row.name, ""}, [&] {
        env.state().put_cluster(row);
        return row.context;
    });
    tell(env, "cluster " + row.name + (options.no_check ? " is registered (" : " is ready (") + told + ")");
}

void add_embedded(Env& env, const Options& options, const std::optional<app::ClusterRow>& known) {
    audited(env, {"cluster add", options.name, options.name, ""}, [&] {
        app::ClusterRow row = new_row(options);
        row.current = known && known->current;
        if (!known || options.upsert) env.state().put_cluster(row);
        const auto cluster = env.embedded_cluster(options.name);
        if (!options.pod_start.empty()) cluster->set_pod_start(base::parse_duration(options.pod_start));
        return std::string("embedded");
    });
    tell(env, "cluster " + options.name + " is ready");
}

int run(Env& env, const Options& options) {
    require_sense(options);
    parse_labels(options.labels);
    app::require_name(options.name, "cluster");  // a DNS label, so it is safe as a file name too
    const std::optional<app::ClusterRow> known = known_row(env, options.name);
    require_place(options, known);
    if (is_real(options)) add_real(env, options, known);
    else add_embedded(env, options, known);
    return 0;
}

Action declare(CLI::App& parser) {
    auto options = std::make_shared<Options>();
    add_required(parser, "NAME", options->name, "name of the cluster");
    add_value(parser, "--context", options->context, "NAME", "a real cluster: a context of the kubeconfig");
    add_value(parser, "--kubeconfig", options->kubeconfig, "FILE",
              "the kubeconfig (default: $KUBECONFIG, then ~/.kube/config); without --context its current one");
    add_switch(parser, "--in-cluster", options->in_cluster, "the cluster of the Pod gitopsctl runs in");
    add_value(parser, "--as", options->as_user, "USER", "act as this user");
    add_repeated(parser, "--as-group", options->as_groups, "GROUP", "and as a member of this group");
    add_repeated(parser, "--label", options->labels, "NAME=VALUE", "for --cluster-selector");
    add_value(parser, "--record-namespace", options->record_namespace, "NS",
              "where the records of applications are kept (default: each application's namespace)");
    add_switch(parser, "--allow-exec", options->allow_exec, "run the exec plugin of a kubeconfig that lies in a Git work tree");
    add_switch(parser, "--no-check", options->no_check, "register it without asking it for its version");
    add_switch(parser, "--upsert", options->upsert, "change the cluster when it is already registered");
    add_switch(parser, "--embedded", options->embedded, "a cluster inside gitopsctl (the default)");
    add_value(parser, "--pod-start", options->pod_start, "DURATION",
              "embedded: how long a Pod takes to become ready (120ms); also for a known cluster");
    return [options](Env& env) { return run(env, *options); };
}

}  // namespace

void register_cluster_add(Commands& commands) {
    commands.push_back({
        .path = "cluster add",
        .summary = "Register a cluster: a real one from a kubeconfig, or one inside gitopsctl.",
        .examples = "gitopsctl cluster add prod --context prod-eu --label env=prod\n"
                    "gitopsctl cluster add ci --kubeconfig /secrets/kubeconfig --upsert\n"
                    "gitopsctl cluster add here --in-cluster\n"
                    "gitopsctl cluster add staging --embedded --pod-start 3s",
        .exits = "0  registered\n"
                 "2  the name is taken or malformed, the kubeconfig is unusable, or the server does not answer",
        .declare = declare,
    });
}

}  // namespace gitops::cli
