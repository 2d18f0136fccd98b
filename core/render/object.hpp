// Object is one resource on its way through a kustomize build: its content, the names it has had, and what the
// generators want done with it. Kustomize keeps these facts as annotations on the resource; here they are members,
// so that content is never rewritten for bookkeeping.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/doc/value.hpp"
#include "core/kube/resource.hpp"
#include "core/render/shared_entries.hpp"

namespace gitops::render {

/// The namespace that every object without one, or with "default", counts as living in.
inline constexpr std::string_view k_default_namespace = "default";
/// The pseudo namespace of cluster-scoped objects.
inline constexpr std::string_view k_no_namespace = "_non_namespaceable_";

/// Group, version, kind, namespace and name. Two ids are the same when their effective namespaces are.
struct Id {
    kube::Gvk gvk;
    std::string name;
    std::string ns;        ///< as written
    bool cluster = false;  ///< the kind is certainly cluster-scoped

    std::string_view effective_ns() const;
    bool equals(const Id& other) const;
    /// "Deployment.v1.apps/web.prod", with "[noGrp]", "[noVer]", "[noNs]" for what is empty.
    std::string text() const;
};

/// "Deployment.v1.apps".
std::string gvk_text(const kube::Gvk& gvk);
/// True when every part of `selector` that is not empty equals the same part of `gvk`.
bool is_selected(const kube::Gvk& gvk, const kube::Gvk& selector);
/// The id an object's content gives it.
Id id_of(const doc::Value& object);
/// True for the kinds that Kubernetes 1.21 surely keeps outside namespaces; unknown kinds are namespaced.
bool is_cluster_scoped(const kube::Gvk& gvk);
bool is_scope_known(const kube::Gvk& gvk);

/// What a generator does when an object of that id is there already.
enum class Behavior { unspecified, create, replace, merge };

/// Where an object came from, as `buildMetadata` prints it.
struct Origin {
    std::string path, repo, ref;
    std::string configured_in;
    std::string configured_api_version, configured_kind, configured_name, configured_namespace;

    doc::Value to_value() const;
};

class Object {
  public:
    explicit Object(doc::Value content, std::string source = {});

    doc::Value node;   ///< call refresh() after a change that may touch kind, apiVersion, name or namespace
    std::string file;  ///< where it was read, "" for generated ones
    std::vector<std::string> prefixes, suffixes;  ///< innermost first
    bool needs_hash = false;
    bool gone = false;  ///< deleted by a patch; dropped at the end of the transformer
    bool from_helm = false;
    Behavior behavior = Behavior::unspecified;
    std::vector<std::string> vars;  ///< names of the vars whose value this object holds
    std::optional<Origin> origin;
    std::vector<Origin> transformations;
    SharedEntries shared;

    const Id& id() const { return m_id; }
    /// The first id it ever had.
    Id original_id() const;
    /// Every earlier id, oldest first. Their gvk has today's group and version; their `ns` is an effective one.
    std::vector<Id> previous_ids() const;
    bool has_previous() const { return !m_past.empty(); }
    bool had_name(std::string_view name) const;      ///< before, the present one does not count
    bool was_selected(const kube::Gvk& selector) const;  ///< some earlier id matches
    bool any_id_equals(const Id& id) const;
    /// Remembers the present id as an earlier one.
    void remember_id();
    /// Takes over the history of the object it replaces.
    void inherit(const Object& old);
    /// Reads the id from the content again; true when it changed.
    bool refresh();
    /// True when kustomize would have put annotations on the object to keep its books.
    bool has_bookkeeping() const;
    /// Makes those annotations' map visible, as an empty one when there are no others.
    void show_bookkeeping();
    /// What is lost when a JSON patch takes the annotations off.
    void forget_origin();
    /// What is lost when a strategic merge patch does.
    void forget_everything();

  private:
    struct Past {
        std::string name, ns, kind;
    };
    Id previous(const Past& past) const;

    Id m_id;
    std::vector<Past> m_past;
};

/// metadata.name of the content as text, whatever its kind.
std::string_view scalar_text(const doc::Value* value);
/// Sets metadata.name; the spelling is read as a plain YAML scalar, as kustomize does.
void set_name(doc::Value& object, std::string_view name);

}  // namespace gitops::render
