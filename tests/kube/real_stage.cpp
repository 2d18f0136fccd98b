#include "tests/kube/real_stage.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>

#include "core/base/text.hpp"
#include "core/doc/yaml_read.hpp"

namespace gitops::test {

namespace {

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

struct Nobody final : base::EventSink {
    void emit(const base::Event&) override {}
};

backend::KubeAccess access() { return backend::Kubeconfig::read({Stage::kubeconfig()}).access(""); }

std::string next_namespace() {
    static std::atomic<int> count = 0;
    return "stage-" + std::to_string(getpid()) + "-" + std::to_string(++count);
}

const kube::Gvk k_config_map{"", "v1", "ConfigMap"};

}  // namespace

Stage::Stage() : repo(dir / "repo"), m_ns(next_namespace()), m_cluster(connect(kubeconfig())) { make_home("home", kubeconfig()); }

Stage::~Stage() {
    try {
        m_cluster->remove({{"", "v1", "Namespace"}, "", m_ns}, {});
    } catch (const base::Error&) {
        // The server is thrown away anyhow.
    }
}

std::unique_ptr<Process> Stage::start(std::vector<std::string> arguments, const std::string& name,
                                      const std::string& home) const {
    arguments.insert(arguments.begin(), GITOPSCTL_BINARY);
    std::map<std::string, std::string> environment{{"HOME", dir.path()},
                                                   {"GITOPSCTL_HOME", dir / home},
                                                   {"PATH", variable("PATH")},
                                                   {"ASAN_OPTIONS", variable("ASAN_OPTIONS")},
                                                   {"UBSAN_OPTIONS", variable("UBSAN_OPTIONS")}};
    return std::make_unique<Process>(arguments, environment, dir.path(), dir / name);
}

ProcessResult Stage::run(std::vector<std::string> arguments, const std::string& home) const {
    return start(std::move(arguments), "process", home)->wait();
}

std::string Stage::must(const std::vector<std::string>& arguments, const std::string& home) const {
    const auto result = run(arguments, home);
    INFO(base::join(arguments, " ") << "\n" << result.out << result.err);
    REQUIRE(result.status == 0);
    return result.out;
}

void Stage::make_home(const std::string& home, const std::string& kubeconfig) const {
    must({"cluster", "add", "real", "--kubeconfig", kubeconfig}, home);
    must({"cluster", "use", "real"}, home);
}

std::string Stage::commit(const std::vector<std::pair<std::string, std::string>>& files) {
    for (const auto& [path, text] : files) {
        if (text.empty()) repo.remove("app/" + path);
        else repo.write("app/" + path, filled(text));
    }
    return repo.commit();
}

void Stage::create_app(const std::vector<std::string>& more, const std::string& home) const {
    std::vector<std::string> arguments{"app", "create", "web", "--repo", repo.path(), "--path", "app",
                                       "--dest-cluster", "real", "--dest-namespace", m_ns,
                                       "--sync-option", "CreateNamespace=true"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    must(arguments, home);
}

std::optional<doc::Value> Stage::get(std::string_view api_version, std::string_view kind, std::string_view name) const {
    return m_cluster->get({{kube::group_of(api_version), kube::version_of(api_version), std::string(kind)},
                           kind == "Namespace" ? "" : m_ns, std::string(name)});
}

std::string Stage::config(std::string_view name, std::string_view path) const {
    const auto object = get("v1", "ConfigMap", name);
    const doc::Value* node = object ? &*object : nullptr;
    for (std::string_view part : base::split(path, '.')) node = node == nullptr ? nullptr : node->find(part);
    return node == nullptr ? "" : std::string(node->text());
}

std::vector<std::string> Stage::configs() const {
    std::vector<std::string> names;
    for (const auto& object : m_cluster->list({k_config_map, m_ns, ""})) {
        if (object.path("metadata", "deletionTimestamp") != nullptr) continue;  // only the garbage collector is awaited
        if (const auto name = kube::name_of(object); name != "kube-root-ca.crt" && !name.starts_with("gitopsctl"))
            names.emplace_back(name);
    }
    std::ranges::sort(names);
    return names;
}

void Stage::apply(std::string_view yaml, std::string_view manager) const {
    m_cluster->apply(doc::read_yaml_one(filled(yaml)),
                     {std::string(manager), kube::OnConflict::take_over, kube::DryRun::no});
}

std::string Stage::filled(std::string_view text) const {
    std::string filled(text);
    for (auto place = filled.find("NS"); place != std::string::npos; place = filled.find("NS", place + m_ns.size()))
        filled.replace(place, 2, m_ns);
    return filled;
}

std::string Stage::kubeconfig() { return variable("GITOPS_TEST_KUBECONFIG"); }

std::string Stage::viewer_kubeconfig() {
    const auto path = kubeconfig();
    return path.substr(0, path.rfind('/')) + "/viewer.kubeconfig";
}

Upstream Stage::upstream() {
    const auto to = access();
    return {std::atoi(to.server.substr(to.server.rfind(':') + 1).c_str()), to.ca_pem, to.token};
}

std::string Stage::plain_kubeconfig(const std::string& url, const std::string& user) const {
    const auto said = user.empty() ? "{token: " + access().token + "}" : user;
    return dir.write("plain.kubeconfig", "apiVersion: v1\nkind: Config\ncurrent-context: plain\n"
                                         "contexts: [{name: plain, context: {cluster: plain, user: plain}}]\n"
                                         "clusters: [{name: plain, cluster: {server: '" + url + "'}}]\n"
                                         "users: [{name: plain, user: " + said + "}]\n");
}

std::unique_ptr<backend::ApiCluster> connect(const std::string& kubeconfig, backend::ApiClusterOptions options,
                                             std::shared_ptr<base::Clock> clock) {
    static Nobody nobody;
    if (clock == nullptr) clock = std::make_shared<base::SystemClock>();
    return std::make_unique<backend::ApiCluster>(backend::Kubeconfig::read({kubeconfig}).access(""), std::move(options),
                                                 std::move(clock), nobody);
}

bool eventually(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!done()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return true;
}

std::string config_map(std::string_view name, std::string_view color) {
    return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + std::string(name) + "}\ndata: {color: " +
           std::string(color) + "}\n";
}

std::string deployment(std::string_view name, std::string_view image, int replicas) {
    const std::string label = "{app: " + std::string(name) + "}";
    return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " + std::string(name) +
           "}\nspec:\n  replicas: " + std::to_string(replicas) + "\n  selector: {matchLabels: " + label +
           "}\n  template:\n    metadata: {labels: " + label + "}\n    spec:\n      containers: [{name: main, image: '" +
           std::string(image) + "'}]\n";
}

bool has_server() {
    if (!variable("GITOPS_TEST_KUBECONFIG").empty()) return true;
    const auto reason = variable("GITOPS_TEST_NO_KUBE");
    std::printf("skipped: a real API server (%s)\n", reason.empty() ? "tests/run.sh starts one" : reason.c_str());
    return false;
}

int server_minor() {
    static const int minor = std::atoi(connect(Stage::kubeconfig())->version().substr(3).c_str());
    return minor;
}

}  // namespace gitops::test
