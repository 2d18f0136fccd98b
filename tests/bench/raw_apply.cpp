// What any client has to pay at least: the same server-side applies sent raw, so many at a time, nothing read back.
//   raw_apply KUBECONFIG NAMESPACE FILE [IN_FLIGHT=16]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "core/backend/discovery.hpp"
#include "core/base/workers.hpp"
#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/kube/resource.hpp"

using namespace gitops;

namespace {

io::HttpRequest request_for(doc::Value object, const backend::KubeAccess& access, const std::string& ns) {
    const auto gvk = kube::gvk_of(object);
    const auto kind = kube::find_kind(gvk);
    if (!kind) throw base::Error(base::Code::invalid, "no such kind: " + gvk.kind);
    object.at("metadata").set("namespace", ns);
    io::HttpRequest request;
    request.method = "PATCH";
    request.url = access.server + backend::path_of(*kind, ns, std::string(kube::name_of(object))) +
                  "?fieldManager=raw&force=true";
    request.headers = {{"Authorization", "Bearer " + access.token}, {"Content-Type", "application/apply-patch+yaml"}};
    request.body = doc::write_json(object);
    return request;
}

int run(int argc, char** argv) {
    const auto access = backend::Kubeconfig::read({argv[1]}).access("");
    std::ifstream file(argv[3], std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    std::vector<io::HttpRequest> requests;
    for (auto& object : doc::read_yaml(text)) requests.push_back(request_for(std::move(object), access, argv[2]));
    io::HttpOptions options;
    options.ca_pem = access.ca_pem;
    io::HttpClient client(options);
    const auto began = std::chrono::steady_clock::now();
    base::parallel_for(requests.size(), argc > 4 ? std::atoi(argv[4]) : 16, [&](std::size_t i) {
        const auto answer = client.send(requests[i]);
        if (answer.status >= 300) throw base::Error(base::Code::unavailable, answer.body.substr(0, 300));
    });
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
    std::printf("%zu applies in %.1f ms\n", requests.size(), took.count());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) {
        std::fprintf(stderr, "usage: raw_apply KUBECONFIG NAMESPACE FILE [IN_FLIGHT]\n");
        return 64;
    }
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "raw_apply: %s\n", error.what());
        return 2;
    }
}
