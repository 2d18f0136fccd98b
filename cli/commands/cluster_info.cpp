#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/kube_access.hpp"
#include "cli/output/cluster_value.hpp"
#include "cli/output/error_view.hpp"
#include "cli/output/status_value.hpp"
#include "cli/print.hpp"
#include "core/backend/api_cluster.hpp"
#include "core/embedded/local_cluster.hpp"

namespace gitops::cli {

namespace {

doc::Value info_of(const app::ClusterRow& row, embedded::LocalCluster& cluster) {
    std::int64_t objects = 0;
    for (const kube::KindInfo& kind : cluster.kinds()) {
        objects += static_cast<std::int64_t>(cluster.list({kind.gvk, std::nullopt, ""}).size());
    }
    doc::Value value = cluster_value(row, {});
    value.set("namespaces",
              static_cast<std::int64_t>(cluster.list({kube::Gvk{"", "v1", "Namespace"}, std::nullopt, ""}).size()));
    value.set("objects", objects);
    value.set("podStart", base::format_duration(cluster.pod_start()));
    doc::Value faults = doc::Value::list();
    for (const embedded::Fault& fault : cluster.faults()) faults.push_back(fault_value(fault));
    value.set("faults", faults);
    return value;
}

Table common_rows(const app::ClusterRow& row) {
    Table table;
    table.add({"Name:", row.name});
    table.add({"Kind:", row.kind});
    table.add({"Current:", row.current ? "yes" : "no"});
    if (!row.labels.empty()) table.add({"Labels:", labels_text(row)});
    return table;
}

int show_embedded(Env& env, const app::ClusterRow& row) {
    const doc::Value info = info_of(row, *env.embedded_cluster(row.name));
    if (wants_document(env)) {
        print_document(env, info);
        return 0;
    }
    Table table = common_rows(row);
    table.add({"Namespaces:", info.find("namespaces")->text()});
    table.add({"Objects:", info.find("objects")->text()});
    table.add({"Pod start:", info.text_at("podStart")});
    table.add({"Faults:", std::to_string(info.find("faults")->size())});
    table.print(env.terminal());
    return 0;
}

/// What a real cluster said when it was asked who it is.
struct Answer {
    std::string version;               ///< "" when it did not answer
    std::optional<base::Error> error;
};

Answer ask(Env& env, const app::ClusterRow& row) {
    try {
        return {env.open_api_cluster(row)->version(), std::nullopt};
    } catch (const base::Error& error) {
        if (error.code() == base::Code::cancelled) throw;
        return {"", error};
    }
}

int show_real(Env& env, const app::ClusterRow& row) {
    const backend::ContextView view = view_of(row);
    const Answer answer = ask(env, row);
    if (wants_document(env)) {
        doc::Value value = cluster_value(row, view);
        value.set("reachable", !answer.error.has_value());
        value.set("version", text_or_null(answer.version));
        value.set("error", answer.error ? doc::Value(answer.error->message()) : doc::Value());
        print_document(env, value);
        return answer.error ? 1 : 0;
    }
    Table table = common_rows(row);
    table.add({"Server:", view.server});
    table.add({"Context:", row.context});
    if (!row.kubeconfig.empty()) table.add({"Kubeconfig:", kubeconfig_text(row)});
    table.add({"User:", user_text(row, view)});
    if (view.verify == io::TlsVerify::no) table.add({"TLS:", Cell("not verified", Color::yellow)});
    if (!row.record_namespace.empty()) table.add({"Records in:", row.record_namespace});
    table.add({"Reachable:", answer.error ? Cell("no", Color::red) : Cell("yes", Color::green)});
    if (!answer.error) table.add({"Version:", answer.version});
    table.print(env.terminal());
    env.terminal().flush();
    if (answer.error) print_error(*answer.error);
    return answer.error ? 1 : 0;
}

int run(Env& env, const std::string& name) {
    const app::ClusterRow row = env.cluster_row(name);
    return row.kind == "embedded" ? show_embedded(env, row) : show_real(env, row);
}

Action declare(CLI::App& parser) {
    auto name = std::make_shared<std::string>();
    add_optional(parser, "NAME", *name, "name of the cluster (default: the current one)");
    return [name](Env& env) { return run(env, *name); };
}

}  // namespace

void register_cluster_info(Commands& commands) {
    commands.push_back({
        .path = "cluster info",
        .summary = "Show what a cluster is, whether it answers, and how much is in an embedded one.",
        .examples = "gitopsctl cluster info\n"
                    "gitopsctl cluster info prod\n"
                    "gitopsctl cluster info local -o json",
        .exits = "0  shown\n"
                 "1  shown, but the cluster does not answer\n"
                 "2  there is no such cluster",
        .declare = declare,
    });
}

}  // namespace gitops::cli
