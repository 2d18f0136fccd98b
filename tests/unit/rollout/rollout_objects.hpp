// Canaries and live objects for the tests of generated objects.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/doc/yaml_write.hpp"
#include "core/rollout/canary.hpp"
#include "core/rollout/generated.hpp"

namespace gitops::rollout {

/// A Flagger Canary `web` in namespace `shop` with the given provider and additions to spec.service and spec.analysis, each
/// indented by four blanks.
inline CanarySpec canary(const std::string& provider, const std::string& service = "", const std::string& analysis = "",
                         const std::string& spec = "") {
    const auto text = "apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: {name: web, namespace: shop}\nspec:\n  provider: " +
                      provider + "\n" + spec + "  targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  service:\n    port: 80\n" +
                      "    targetPort: 8080\n" + service + "  analysis:\n    interval: 1m\n    threshold: 5\n    maxWeight: 50\n    stepWeight: 10\n" +
                      analysis;
    return read_canary(doc::read_yaml_one(text), "canary.yaml");
}

inline doc::Value document(const std::string& yaml) { return doc::read_yaml_one(yaml); }
inline std::string yaml(const doc::Value& value) { return doc::write_yaml(value); }
inline std::string yaml(const std::vector<doc::Value>& documents) { return doc::write_yaml_stream(documents); }

/// What the cluster makes of a document: it has a version.
inline doc::Value living(doc::Value object, const std::string& version = "7") {
    object.at("metadata").set("resourceVersion", version);
    return object;
}
inline std::vector<doc::Value> living(std::vector<doc::Value> objects) {
    for (auto& object : objects) object = living(object);
    return objects;
}

/// The message of the Error that `call` throws, with its hint; "" when it throws none.
template <class Call>
std::string refusal(Call call) {
    try {
        call();
    } catch (const base::Error& error) {
        return error.message() + (error.hint_text().empty() ? "" : "\n" + error.hint_text());
    }
    return "";
}

}  // namespace gitops::rollout
