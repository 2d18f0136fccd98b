#include "tests/unit/app/lab.hpp"

#include "core/base/text.hpp"
#include "core/doc/json.hpp"
#include "core/doc/path.hpp"
#include "core/doc/yaml_read.hpp"

namespace gitops::test {

namespace {

constexpr base::Time k_start{std::chrono::milliseconds(1'700'000'000'000)};

}  // namespace

Lab::Lab()
    : repo(dir / "repo"),
      clock(std::make_shared<base::ManualClock>(k_start)),
      state(":memory:"),
      cluster(std::make_shared<embedded::LocalCluster>(":memory:", clock)),
      services{state,
               *clock,
               events,
               [this](const std::string& url) {
                   return io::open_repo({url, dir / "cache", dir.path(), {}});
               },
               [this](const std::string&) { return cluster; },
               "anna@test",
               {{"GIT_AUTHOR_NAME", "Anna"}, {"GIT_AUTHOR_EMAIL", "anna@fab.example"}},
               1} {}

void Lab::create(const std::string& name, const std::string& path, const std::string& ns, const std::string& spec) {
    std::string text = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: " + name + "}\nspec:\n";
    text += "  source: {repoURL: \"" + repo.path() + "\", path: \"" + path + "\", targetRevision: main}\n";
    text += "  destination: {namespace: " + ns + "}\n";
    text += spec.empty() ? "  syncPolicy: {syncOptions: [CreateNamespace=true]}\n" : spec;
    std::vector<std::string> warnings;
    state.put_application(app::read_application(doc::read_yaml_one(text), "app.yaml", warnings), clock->now());
}

kube::ObjectRef parse_object(const std::string& text) {
    auto parts = base::split(text, ' ');
    auto slash = parts.at(2).find('/');
    bool cluster_scoped = slash == std::string_view::npos;
    kube::ObjectRef ref;
    ref.gvk = {kube::group_of(parts[0]), kube::version_of(parts[0]), std::string(parts[1])};
    ref.ns = cluster_scoped ? "" : std::string(parts[2].substr(0, slash));
    ref.name = cluster_scoped ? std::string(parts[2]) : std::string(parts[2].substr(slash + 1));
    return ref;
}

std::string Lab::live(const std::string& object, const std::string& pointer) const {
    auto found = cluster->get(parse_object(object));
    if (!found) return "";
    const doc::Value* value = doc::find(*found, doc::parse_pointer(pointer));
    if (value == nullptr) return "";
    return value->is_scalar() ? std::string(value->text()) : doc::write_json(*value);
}

void Lab::patch(const std::string& object, const std::string& json, const std::string& manager) {
    kube::Patch change{parse_object(object), kube::PatchKind::merge, doc::read_json(json), "", ""};
    cluster->write({change, manager, kube::DryRun::no});
}

std::string deployment(const std::string& name, int replicas, const std::string& image) {
    return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " + name +
           "}\nspec:\n  replicas: " + std::to_string(replicas) + "\n  selector: {matchLabels: {app: " + name +
           "}}\n  template:\n    metadata: {labels: {app: " + name + "}}\n    spec: {containers: [{name: main, image: \"" +
           image + "\"}]}\n";
}

std::string config_map(const std::string& name, const std::string& value) {
    return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\ndata: {value: \"" + value + "\"}\n";
}

}  // namespace gitops::test
