// The Cluster contract: cases every implementation of kube::Cluster passes, written against the port alone.
//
// Overview: a Subject opens a running cluster; register_subject() adds one at start-up, and each case runs on every
// subject in a namespace of its own. Time belongs to the subject: the embedded cluster's is moved by hand, a real
// server's passes by itself. A case never asks for exact texts of messages, only for codes and fields.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "core/kube/cluster.hpp"

namespace gitops::test {

/// A cluster while a case runs on it.
class Running {
  public:
    virtual ~Running() = default;
    virtual kube::Cluster& cluster() = 0;
    /// Lets that much time pass on the cluster.
    virtual void pass(base::Duration span) = 0;
};

struct Subject {
    std::string name;
    std::function<std::unique_ptr<Running>()> open;
};
/// Called by a static object of the file that knows the implementation.
bool register_subject(Subject subject);
const std::vector<Subject>& subjects();

/// One case's cluster, with a namespace of its own.
class Scene {
  public:
    explicit Scene(const Subject& subject);
    ~Scene();

    kube::Cluster& cluster() { return m_running->cluster(); }
    const std::string& ns() const { return m_ns; }

    /// YAML with "NS" standing for the namespace.
    doc::Value yaml(std::string_view text) const;
    kube::Applied apply(std::string_view text, std::string_view manager = "contract",
                        kube::OnConflict on_conflict = kube::OnConflict::fail);
    doc::Value create(std::string_view text);
    doc::Value replace(doc::Value object);
    doc::Value patch(const kube::ObjectRef& ref, kube::PatchKind kind, std::string_view text,
                     std::string_view subresource = {});
    std::optional<doc::Value> get(std::string_view api_version, std::string_view kind, std::string_view name);
    kube::ObjectRef ref(std::string_view api_version, std::string_view kind, std::string_view name) const;
    bool remove(const kube::ObjectRef& ref, kube::Propagation propagation = kube::Propagation::background);

    /// Lets time pass until `done`, for at most half a minute of it; false when it never came true.
    bool eventually(const std::function<bool()>& done);
    bool eventually_gone(const kube::ObjectRef& ref);

  private:
    std::unique_ptr<Running> m_running;
    std::string m_ns;
};

/// The code of the error `action` throws; nullopt when it throws none.
std::optional<base::Code> code_of(const std::function<void()>& action);
/// The text at a path such as "spec.replicas", "" when nothing is there.
std::string at(const doc::Value& object, std::string_view path);
/// The manager of the field ("spec.replicas"), "" when nobody owns it.
std::string owner(const doc::Value& object, std::string_view path);

extern const std::string_view k_config;      ///< ConfigMap "settings" with data.color: blue
extern const std::string_view k_deployment;  ///< Deployment "web", two replicas, one container

}  // namespace gitops::test

/// A case on every registered subject, with a Scene named `scene`.
#define CONTRACT_CASE(title) CONTRACT_CASE_AT(title, __LINE__)
#define CONTRACT_CASE_AT(title, line) CONTRACT_CASE_AS(title, line)
#define CONTRACT_CASE_AS(title, line)                                                         \
    static void contract_body_##line(gitops::test::Scene& scene);                             \
    TEST_CASE(title) {                                                                        \
        for (const auto& subject : gitops::test::subjects()) DYNAMIC_SECTION(subject.name) {  \
            gitops::test::Scene opened(subject);                                              \
            contract_body_##line(opened);                                                     \
        }                                                                                     \
    }                                                                                         \
    static void contract_body_##line(gitops::test::Scene& scene)
