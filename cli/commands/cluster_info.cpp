#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/arguments.hpp"
#include "cli/commands/registry.hpp"
#include "cli/output/cluster_value.hpp"
#include "cli/print.hpp"
#include "core/embedded/local_cluster.hpp"

namespace gitops::cli {

namespace {

doc::Value info_of(const app::ClusterRow& row, embedded::LocalCluster& cluster) {
    std::int64_t objects = 0;
    for (const kube::KindInfo& kind : cluster.kinds()) {
        objects += static_cast<std::int64_t>(cluster.list({kind.gvk, std::nullopt, ""}).size());
    }
    doc::Value value = cluster_value(row);
    value.set("namespaces",
              static_cast<std::int64_t>(cluster.list({kube::Gvk{"", "v1", "Namespace"}, std::nullopt, ""}).size()));
    value.set("objects", objects);
    value.set("podStart", base::format_duration(cluster.pod_start()));
    doc::Value faults = doc::Value::list();
    for (const embedded::Fault& fault : cluster.faults()) faults.push_back(fault_value(fault));
    value.set("faults", faults);
    return value;
}

int run(Env& env, const std::string& name) {
    const app::ClusterRow row = env.state().cluster(env.cluster_name(name));
    const auto cluster = env.embedded_cluster(row.name);
    const doc::Value info = info_of(row, *cluster);
    if (wants_document(env)) {
        print_document(env, info);
        return 0;
    }
    Table table;
    table.add({"Name:", row.name});
    table.add({"Kind:", row.kind});
    table.add({"Current:", row.current ? "yes" : "no"});
    table.add({"Namespaces:", info.find("namespaces")->text()});
    table.add({"Objects:", info.find("objects")->text()});
    table.add({"Pod start:", info.text_at("podStart")});
    table.add({"Faults:", std::to_string(info.find("faults")->size())});
    table.print(env.terminal());
    return 0;
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
        .summary = "Show what a cluster is and how much is in it.",
        .examples = "gitopsctl cluster info\n"
                    "gitopsctl cluster info local -o json",
        .exits = "0  shown\n"
                 "2  there is no such cluster",
        .declare = declare,
    });
}

}  // namespace gitops::cli
