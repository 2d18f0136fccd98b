#include "core/sources/application_set_fields.hpp"

#include <algorithm>
#include <initializer_list>

#include "core/base/text.hpp"

namespace gitops::sources {

namespace {

using doc::Value;

/// Deeper than generators may stand; the one that is too deep is an error of generating.
constexpr int k_max_depth = 4;

class Walk {
  public:
    explicit Walk(std::vector<std::string>& warnings) : m_warnings(warnings) {}

    void generators(const Value& list, const std::string& path, int depth) {
        if (depth > k_max_depth) return;
        for (std::size_t i = 0; i < list.size(); ++i) generator(list.items()[i], path + "[" + std::to_string(i) + "]", depth);
    }

    void application(const Value& map, const std::string& path) {
        fields(map, path, {"metadata", "spec"});
        if (const Value* metadata = map.find("metadata"))
            fields(*metadata, path + ".metadata", {"name", "namespace", "labels", "annotations", "finalizers"});
    }

  private:
    /// Wrong kinds are not told here: whoever reads the value does.
    void fields(const Value& map, const std::string& path, std::initializer_list<std::string_view> known) {
        for (const doc::Entry& entry : map.entries()) {
            if (std::ranges::find(known, entry.name()) != known.end()) continue;
            const auto near = base::near_names(entry.name(), {known.begin(), known.end()});
            m_warnings.push_back("unknown field " + path + "." + std::string(entry.name()) +
                                 (near.empty() ? "" : " (did you mean " + near.front() + "?)") + " has no effect");
        }
    }

    void each(const Value& map, const std::string& path, std::string_view key, std::initializer_list<std::string_view> known) {
        const Value* list = map.find(key);
        if (list == nullptr) return;
        for (std::size_t i = 0; i < list->size(); ++i)
            if (list->is_list()) fields(list->items()[i], path + "." + std::string(key) + "[" + std::to_string(i) + "]", known);
    }

    void selector(const Value& generator, const std::string& path) {
        const Value* found = generator.find("selector");
        if (found == nullptr) return;
        fields(*found, path + ".selector", {"matchLabels", "matchExpressions"});
        each(*found, path + ".selector", "matchExpressions", {"key", "operator", "values"});
    }

    void generator(const Value& generator, const std::string& path, int depth) {
        selector(generator, path);
        for (const doc::Entry& entry : generator.entries()) {
            if (entry.name() == "selector") continue;
            const std::string below = path + "." + std::string(entry.name());
            kind(entry.name(), entry.value, below, depth);
            if (const Value* own = entry.value.find("template")) application(*own, below + ".template");
        }
    }

    void kind(std::string_view name, const Value& spec, const std::string& path, int depth) {
        if (name == "list") fields(spec, path, {"elements", "elementsYaml", "template"});
        else if (name == "git") git(spec, path);
        else if (name == "clusters") {
            fields(spec, path, {"selector", "template", "values", "flatList"});
            selector(spec, path);
        } else if (name == "matrix" || name == "merge") {
            if (name == "matrix") fields(spec, path, {"generators", "template"});
            else fields(spec, path, {"generators", "mergeKeys", "template"});
            if (const Value* inner = spec.find("generators"); inner != nullptr && inner->is_list())
                generators(*inner, path + ".generators", depth + 1);
        }
    }

    void git(const Value& spec, const std::string& path) {
        fields(spec, path,
               {"repoURL", "revision", "directories", "files", "requeueAfterSeconds", "template", "pathParamPrefix", "values"});
        each(spec, path, "directories", {"path", "exclude"});
        each(spec, path, "files", {"path", "exclude"});
        const Value *directories = spec.find("directories"), *files = spec.find("files");
        if (directories != nullptr && !directories->empty() && files != nullptr && !files->empty())
            m_warnings.push_back(path + ".files has no effect: the directories beside them are taken, as in Argo CD");
    }

    std::vector<std::string>& m_warnings;
};

}  // namespace

void warn_unread_fields(const Value& document, std::vector<std::string>& warnings) {
    Walk walk(warnings);
    if (const Value* generators = document.path("spec", "generators"); generators != nullptr && generators->is_list())
        walk.generators(*generators, "spec.generators", 1);
    const Value* application = document.path("spec", "template");
    if (application == nullptr) return;
    walk.application(*application, "spec.template");
    const Value* metadata = document.find("metadata");
    const Value* home = application->path("metadata", "namespace");
    if (home != nullptr && (metadata == nullptr || metadata->text_at("namespace") != home->text()))
        warnings.emplace_back(
            "spec.template.metadata.namespace has no effect: Applications live in the namespace of their ApplicationSet");
}

}  // namespace gitops::sources
