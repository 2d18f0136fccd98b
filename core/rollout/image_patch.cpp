#include "core/rollout/image_patch.hpp"

#include <vector>

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace gitops::rollout {

namespace {

using base::Code;
using base::Error;
using doc::Value;

[[noreturn]] void refuse_container(const Value& workload, const Value& containers, const std::string& name) {
    std::vector<std::string> names;
    for (const auto& container : containers.items()) names.emplace_back(container.text_at("name"));
    Error error(Code::not_found, std::string(kube::name_of(workload)) + " has no container \"" + name + "\"");
    error.hint("its containers: " + base::join(names, ", "));
    throw error.suggest(base::near_names(name, names));
}

}  // namespace

std::optional<kube::Patch> image_patch(const Value& workload, const std::string& text) {
    const auto* containers = workload.path("spec", "template", "spec", "containers");
    if (containers == nullptr || containers->empty())
        throw Error(Code::invalid, std::string(kube::name_of(workload)) + " has no container to set an image on");
    const auto equals = text.find('=');
    const auto name = equals == std::string::npos ? std::string(containers->items().front().text_at("name")) : text.substr(0, equals);
    const auto image = equals == std::string::npos ? text : text.substr(equals + 1);
    for (const auto& container : containers->items()) {
        if (container.text_at("name") != name) continue;
        if (container.text_at("image") == image) return std::nullopt;
        auto item = Value::map({{"name", name}, {"image", image}});
        auto pod = Value::map({{"spec", Value::map({{"containers", Value::list({std::move(item)})}})}});
        auto patch = Value::map({{"spec", Value::map({{"template", std::move(pod)}})}});
        return kube::Patch{kube::ref_of(workload), kube::PatchKind::strategic, std::move(patch), "", ""};
    }
    refuse_container(workload, *containers, name);
}

}  // namespace gitops::rollout
