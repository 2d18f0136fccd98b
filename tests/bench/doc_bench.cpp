// Throughput of YAML and JSON in and out, with yaml-cpp on the same text as the yardstick.
//   bench_doc [FILE...]   measures the files joined into one stream; without any, a made-up stream of manifests
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/doc/yaml_write.hpp"

namespace {

using namespace gitops::doc;

constexpr std::size_t k_documents = 4000;

std::string made_up_stream() {
    std::string text;
    for (std::size_t i = 0; i < k_documents; ++i) {
        const std::string name = "service-" + std::to_string(i);
        text += "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: " + name +
                "\n  namespace: shop\n  labels:\n    app.kubernetes.io/name: " + name +
                "\n    app.kubernetes.io/part-of: shop\n  annotations:\n    description: \"What " + name +
                " does: it answers requests, quickly\"\nspec:\n  replicas: " + std::to_string(i % 9) +
                "\n  selector:\n    matchLabels:\n      app.kubernetes.io/name: " + name +
                "\n  template:\n    metadata:\n      labels:\n        app.kubernetes.io/name: " + name +
                "\n    spec:\n      containers:\n      - name: main\n        image: registry.example.com/shop/" + name +
                ":1.4." + std::to_string(i) + "\n        args: [\"--listen\", \"0.0.0.0:8080\", --verbose]\n" +
                "        ports:\n        - containerPort: 8080\n          name: http\n        resources:\n" +
                "          requests: {cpu: 100m, memory: 128Mi}\n          limits:\n            memory: 256Mi\n" +
                "        readinessProbe:\n          httpGet:\n            path: /healthz\n            port: http\n" +
                "          initialDelaySeconds: 5\n";
    }
    return text;
}

/// The best of several runs, in megabytes per second of processor time, so that other work on the machine does not count.
double speed(std::size_t bytes, const std::function<void()>& work) {
    double best = 1e9;
    for (int run = 0; run < 7; ++run) {
        const std::clock_t start = std::clock();
        work();
        best = std::min(best, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
    }
    return static_cast<double>(bytes) / 1e6 / best;
}

void report(const char* what, double ours, double peer) {
    if (peer > 0) std::printf("%-12s %8.1f MB/s   yaml-cpp %8.1f MB/s   %6.1fx\n", what, ours, peer, ours / peer);
    else std::printf("%-12s %8.1f MB/s\n", what, ours);
}

}  // namespace

int main(int count, char** arguments) {
    std::string text;
    for (int i = 1; i < count; ++i) {
        std::ifstream file(arguments[i], std::ios::binary);
        text += "---\n";
        text.append(std::istreambuf_iterator<char>(file), {});
        text += '\n';
    }
    if (text.empty()) text = made_up_stream();

    const auto documents = read_yaml(text);
    const Value list = Value::list(documents);
    const std::string json = write_json(list);
    const std::string written = write_yaml_stream(documents);
    const auto peers = YAML::LoadAll(text);
    std::printf("%zu documents, %.1f MB of YAML, %.1f MB of JSON\n", documents.size(),
                static_cast<double>(text.size()) / 1e6, static_cast<double>(json.size()) / 1e6);

    report("yaml read", speed(text.size(), [&] { (void)read_yaml(text); }),
           speed(text.size(), [&] { (void)YAML::LoadAll(text); }));
    report("yaml write", speed(written.size(), [&] { (void)write_yaml_stream(documents); }),
           speed(written.size(), [&] {
               for (const auto& peer : peers) (void)YAML::Dump(peer);
           }));
    report("json read", speed(json.size(), [&] { (void)read_json(json); }), 0);
    report("json write", speed(json.size(), [&] { (void)write_json(list); }), 0);
}
