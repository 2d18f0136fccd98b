// 10,000 live objects compared with Git: reading both sides, then the diff. Prints CPU times and the peak of memory.
// usage: bench_diff [objects]
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "core/deliver/diff.hpp"
#include "core/deliver/plan.hpp"
#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/kube/apply.hpp"

using namespace gitops;

namespace {

std::string manifest(int i) {
    const auto n = std::to_string(i);
    return "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app-" + n + "\n  namespace: prod\n  labels: {app: app-" + n +
           ", team: wafer}\nspec:\n  replicas: 3\n  selector:\n    matchLabels: {app: app-" + n +
           "}\n  template:\n    metadata:\n      labels: {app: app-" + n +
           "}\n    spec:\n      containers:\n      - name: main\n        image: registry.example/app:" + n +
           "\n        args: [--config, /etc/app.yaml]\n        ports: [{containerPort: 8080, name: http}]\n"
           "        env: [{name: STAGE, value: prod}, {name: LOG, value: info}]\n"
           "        resources: {limits: {cpu: 500m, memory: 256Mi}, requests: {cpu: 100m, memory: 128Mi}}\n"
           "        readinessProbe: {httpGet: {path: /ready, port: http}}\n";
}

/// Seconds of CPU: the work is on one thread, and a busy machine does not count.
double since(std::clock_t start) { return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC; }

}  // namespace

int main(int argc, char** argv) {
    const int count = argc > 1 ? std::atoi(argv[1]) : 10000;
    std::string git;
    std::vector<std::string> stored;
    for (int i = 0; i < count; ++i) {
        git += "---\n" + manifest(i);
        auto object = doc::read_yaml_one(manifest(i));
        kube::set_annotation(object, deliver::k_tracking_annotation, deliver::tracking_id("shop", kube::key_of(object), "prod"));
        const auto live = kube::server_side_apply({}, object, deliver::k_manager, kube::OnConflict::take_over, base::Time{});
        stored.push_back(doc::write_json(live.object));
    }

    auto start = std::clock();
    deliver::PlanInput input;
    input.app = "shop";
    input.destination_namespace = "prod";
    for (auto& object : doc::read_yaml(git)) input.desired.push_back({std::move(object), "app.yaml"});
    const double read_git = since(start);

    start = std::clock();
    for (const auto& text : stored) input.live.push_back(doc::read_json(text));
    const double read_live = since(start);

    start = std::clock();
    const auto same = deliver::make_plan(input);
    const double unchanged = since(start);

    for (auto& object : input.live) object.at("spec").set("replicas", 8);
    start = std::clock();
    const auto drifted = deliver::make_plan(input);
    const double changed = since(start);

    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::printf("objects %d\nread Git %.3f s\nread live %.3f s\nplan, nothing differs %.3f s (%.1f us each), empty: %s\n"
                "plan, everything differs %.3f s (%.1f us each)\npeak memory %ld MB\n",
                count, read_git, read_live, unchanged, unchanged * 1e6 / count, same.empty() ? "yes" : "no", changed,
                changed * 1e6 / count, usage.ru_maxrss / 1024);
    return same.empty() && drifted.steps.size() == static_cast<std::size_t>(count) ? 0 : 1;
}
