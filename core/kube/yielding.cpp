#include "core/kube/yielding.hpp"

#include "core/kube/fields.hpp"

namespace gitops::kube {

namespace {

using doc::Value;

constexpr std::string_view k_field = "f:";
constexpr std::string_view k_template = "f:template";

class Yielding {
  public:
    void walk(Value& desired, const Value& live, const FieldSet& owned, const std::string& path) {
        for (const auto& [step, below] : owned.children) {
            if (!step.starts_with(k_field) || (path == "spec" && step == k_template)) continue;
            const auto name = std::string_view(step).substr(k_field.size());
            auto* ours = desired.find_mutable(name);
            if (ours == nullptr) continue;
            std::string here = path;
            append_path(here, step);
            const auto* theirs = live.find(name);
            if (below.children.empty()) yield(desired, name, theirs, here);
            else if (theirs != nullptr && ours->is_map() && theirs->is_map()) walk(*ours, *theirs, below, here);
        }
    }

    std::vector<std::string> paths;

  private:
    void yield(Value& desired, std::string_view name, const Value* theirs, const std::string& path) {
        if (theirs == nullptr) desired.erase(name);
        else if (*desired.find(name) == *theirs) return;
        else desired.set(name, *theirs);
        paths.push_back(path);
    }
};

}  // namespace

std::vector<std::string> yield_fields(Value& desired, const Value& live, std::string_view manager) {
    const auto* entries = live.path("metadata", "managedFields");
    if (entries == nullptr) return {};
    Yielding yielding;
    for (const auto& entry : entries->items()) {
        if (entry.text_at("manager") != manager || !entry.text_at("subresource").empty()) continue;
        if (const auto* fields = entry.find("fieldsV1")) yielding.walk(desired, live, FieldSet::from_json(*fields), "");
    }
    return std::move(yielding.paths);
}

}  // namespace gitops::kube
