#include "tests/contract/contract.hpp"

#include "core/base/text.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/kube/fields.hpp"

namespace gitops::test {

namespace {

std::vector<Subject>& registered() {
    static std::vector<Subject> subjects;
    return subjects;
}

/// Real clusters outlive a run of the suite: names are taken once.
std::string next_namespace(kube::Cluster& cluster) {
    for (int number = 1;; ++number) {
        std::string name = "contract-" + std::to_string(number);
        if (!cluster.get({{"", "v1", "Namespace"}, "", name})) return name;
    }
}

}  // namespace

const std::string_view k_config = R"(
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: NS}
data: {color: blue}
)";

const std::string_view k_deployment = R"(
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: NS}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: "web:1.0"}
)";

bool register_subject(Subject subject) {
    registered().push_back(std::move(subject));
    return true;
}

const std::vector<Subject>& subjects() { return registered(); }

Scene::Scene(const Subject& subject) : m_running(subject.open()) {
    m_ns = next_namespace(cluster());
    apply("{apiVersion: v1, kind: Namespace, metadata: {name: NS}}");
}

Scene::~Scene() {
    try {
        cluster().remove({{"", "v1", "Namespace"}, "", m_ns}, {});
    } catch (const base::Error&) {
        // The case has failed already; a destructor has nothing to add.
    }
}

doc::Value Scene::yaml(std::string_view text) const {
    std::string filled(text);
    for (auto place = filled.find("NS"); place != std::string::npos; place = filled.find("NS", place + m_ns.size()))
        filled.replace(place, 2, m_ns);
    return doc::read_yaml_one(filled);
}

kube::Applied Scene::apply(std::string_view text, std::string_view manager, kube::OnConflict on_conflict) {
    return cluster().apply(yaml(text), {std::string(manager), on_conflict, kube::DryRun::no});
}

doc::Value Scene::create(std::string_view text) {
    return cluster().write({kube::Create{yaml(text)}, "contract", kube::DryRun::no});
}

doc::Value Scene::replace(doc::Value object) {
    return cluster().write({kube::Replace{std::move(object)}, "contract", kube::DryRun::no});
}

doc::Value Scene::patch(const kube::ObjectRef& ref, kube::PatchKind kind, std::string_view text,
                        std::string_view subresource) {
    kube::Patch patch{ref, kind, yaml(text), std::string(subresource), ""};
    return cluster().write({patch, "patcher", kube::DryRun::no});
}

kube::ObjectRef Scene::ref(std::string_view api_version, std::string_view kind, std::string_view name) const {
    return {{kube::group_of(api_version), kube::version_of(api_version), std::string(kind)}, m_ns, std::string(name)};
}

std::optional<doc::Value> Scene::get(std::string_view api_version, std::string_view kind, std::string_view name) {
    return cluster().get(ref(api_version, kind, name));
}

bool Scene::remove(const kube::ObjectRef& target, kube::Propagation propagation) {
    kube::RemoveOptions options;
    options.propagation = propagation;
    return cluster().remove(target, options);
}

bool Scene::eventually(const std::function<bool()>& done) {
    for (int step = 0; step < 300; ++step) {
        if (done()) return true;
        m_running->pass(base::Duration(100));
    }
    return false;
}

bool Scene::eventually_gone(const kube::ObjectRef& target) {
    return eventually([&] { return !cluster().get(target).has_value(); });
}

std::optional<base::Code> code_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const base::Error& error) {
        return error.code();
    }
    return std::nullopt;
}

std::string at(const doc::Value& object, std::string_view path) {
    const doc::Value* node = &object;
    for (std::string_view part : base::split(path, '.')) {
        node = node->find(part);
        if (node == nullptr) return "";
    }
    return std::string(node->text());
}

std::string owner(const doc::Value& object, std::string_view path) {
    auto manager = kube::owner_of(object, path);
    return manager ? manager->name : "";
}

}  // namespace gitops::test
