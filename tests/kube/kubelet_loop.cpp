// kubelet_loop KUBECONFIG: in place of kubelets, on a control plane that has none, says of every Pod how it runs. It
// runs nothing. A Pod is Running and ready at once; its image decides otherwise: "*crash*" is a CrashLoopBackOff,
// "*missing*" an ImagePullBackOff, each with its event. Pods of Jobs succeed, or fail when they crash. It ends when it
// is killed. A Pod that was never scheduled is deleted by the server without anybody's help.
#include <cstdio>
#include <exception>

#include "core/backend/api_cluster.hpp"
#include "core/base/workers.hpp"
#include "tests/kube/pod_fate.hpp"

using namespace gitops;

namespace {

const kube::Gvk k_pod{"", "v1", "Pod"};
constexpr int k_jobs = 8;

struct Nobody final : base::EventSink {
    void emit(const base::Event&) override {}
};

bool is_new(const doc::Value& pod) {
    return pod.path("status", "containerStatuses") == nullptr && pod.path("metadata", "deletionTimestamp") == nullptr;
}

void settle(kube::Cluster& cluster, const doc::Value& pod) {
    const auto fate = test::fate_of(pod);
    try {
        cluster.write({kube::Patch{kube::ref_of(pod), kube::PatchKind::merge, fate.status, "status", ""}, "kubelet",
                       kube::DryRun::no});
        if (fate.event) cluster.write({kube::Create{*fate.event}, "kubelet", kube::DryRun::no});
    } catch (const base::Error& error) {
        // Deleted meanwhile, or its event is there already.
        if (error.code() != base::Code::not_found && error.code() != base::Code::conflict)
            std::fprintf(stderr, "%s: %s\n", std::string(kube::name_of(pod)).c_str(), error.what());
    }
}

void settle_all(kube::Cluster& cluster, std::vector<doc::Value> pods) {
    std::erase_if(pods, [](const doc::Value& pod) { return !is_new(pod); });
    base::parallel_for(pods.size(), k_jobs, [&](std::size_t i) { settle(cluster, pods[i]); });
}

[[noreturn]] void follow(kube::Cluster& cluster) {
    kube::WatchQuery query{{k_pod}, std::nullopt, "", base::Duration(0)};
    query.since = cluster.watch(query, {}).next;  // before the list, so that nothing falls between the two
    settle_all(cluster, cluster.list({k_pod, std::nullopt, ""}));
    query.at_most = base::Duration(30'000);
    for (;;) {
        auto batch = cluster.watch(query, {});
        std::vector<doc::Value> pods;
        for (auto& event : batch.events)
            if (event.type != kube::WatchType::deleted) pods.push_back(std::move(event.object));
        settle_all(cluster, std::move(pods));
        query.since = batch.next;
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: kubelet_loop KUBECONFIG\n");
        return 64;
    }
    auto clock = std::make_shared<base::SystemClock>();
    Nobody events;
    try {
        backend::ApiCluster cluster(backend::Kubeconfig::read({argv[1]}).access(""), {}, clock, events);
        for (;;) {
            try {
                follow(cluster);
            } catch (const base::Error& error) {
                std::fprintf(stderr, "again after: %s\n", error.what());
                clock->sleep_for(base::Duration(200), {});
            }
        }
    } catch (const std::exception& error) {
        std::fprintf(stderr, "kubelet_loop: %s\n", error.what());
        return 2;
    }
}
