#include "core/kube/takeover.hpp"

#include <catch2/catch.hpp>

#include "core/kube/apply.hpp"
#include "tests/unit/kube/fixture.hpp"

using namespace gitops::kube;
using gitops::doc::Value;
using gitops::kube_test::json;
using gitops::kube_test::yaml;

namespace {

const std::string k_kubectl = "{manager: kubectl-client-side-apply, operation: Update, apiVersion: v1, time: '2026-01-02T00:00:00Z', "
                              "fieldsType: FieldsV1, fieldsV1: {'f:data': {'f:a': {}, 'f:b': {}}}}";
const std::string k_ours = "{manager: us, operation: Apply, apiVersion: v1, time: '2026-01-01T00:00:00Z', fieldsType: FieldsV1, "
                           "fieldsV1: {'f:data': {'f:c': {}}}}";

Value owned_by(const std::string& entries) {
    return yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: c, managedFields: [" + entries + "]}, data: {a: x, b: y, c: z}}");
}

/// The new owners, one "manager operation fields" each, or "none".
std::string adopted(const Value& live, std::string_view also = {}) {
    const auto entries = adopt_fields(live, client_side_appliers(live, also), "us");
    if (!entries) return "none";
    std::string text;
    for (const auto& entry : entries->items())
        text += (text.empty() ? "" : "; ") + std::string(entry.text_at("manager")) + " " + std::string(entry.text_at("operation")) + " " +
                json(*entry.find("fieldsV1"));
    return text;
}

/// An updater of that name and version that owns data.a and, when asked, the last-applied annotation.
std::string updater(const std::string& name, const std::string& more = "", const std::string& version = "v1") {
    return "{manager: " + name + ", operation: Update, apiVersion: " + version + ", time: '2026-01-01T00:00:00Z', fieldsType: FieldsV1, "
           "fieldsV1: {'f:data': {'f:a': {}}" + more + "}}";
}

const std::string k_annotation = ", 'f:metadata': {'f:annotations': {'f:kubectl.kubernetes.io/last-applied-configuration': {}}, 'f:finalizers': {}}";

}  // namespace

TEST_CASE("fields of kubectl's client-side apply become ours", "[takeover]") {
    CHECK(adopted(owned_by(k_kubectl)) == R"(us Apply {"f:data":{"f:a":{},"f:b":{}}})");
    CHECK(adopted(owned_by(k_kubectl + ", " + k_ours)) == R"(us Apply {"f:data":{"f:a":{},"f:b":{},"f:c":{}}})");
}

TEST_CASE("nothing to adopt is nothing to write", "[takeover]") {
    CHECK(adopted(owned_by("")) == "none");
    CHECK(adopted(owned_by(k_ours)) == "none");
    CHECK(adopted(owned_by(updater("kubectl-edit") + ", " + updater("helm"))) == "none");
    CHECK(adopted(yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: c, managedFields: 7}}")) == "none");
}

TEST_CASE("old names count only where they hold kubectl's annotation", "[takeover]") {
    CHECK(adopted(owned_by(updater("kubectl"))) == "none");
    CHECK(adopted(owned_by(updater("before-first-apply"))) == "none");
    CHECK(adopted(owned_by(updater("kubectl", k_annotation))) ==
          R"(us Apply {"f:data":{"f:a":{}},"f:metadata":{"f:annotations":{"f:kubectl.kubernetes.io/last-applied-configuration":{}},"f:finalizers":{}}})");
    CHECK(adopted(owned_by(updater("before-first-apply", k_annotation))) ==
          R"(us Apply {"f:data":{"f:a":{}},"f:metadata":{"f:annotations":{"f:kubectl.kubernetes.io/last-applied-configuration":{}}}})");
}

TEST_CASE("a named manager is adopted, others and subresources stay", "[takeover]") {
    CHECK(adopted(owned_by(updater("deployer") + ", " + updater("hpa")), "deployer") ==
          R"(us Apply {"f:data":{"f:a":{}}}; hpa Update {"f:data":{"f:a":{}}})");
    std::string scale = updater("kubectl-client-side-apply");
    scale.insert(1, "subresource: scale, ");
    CHECK(adopted(owned_by(scale)) == "none");
}

TEST_CASE("fields of another API version are dropped", "[takeover]") {
    CHECK(adopted(owned_by(k_kubectl + ", " + updater("kubectl-client-side-apply", ", 'f:old': {}", "v1beta1"))) ==
          R"(us Apply {"f:data":{"f:a":{},"f:b":{}}})");
}

TEST_CASE("what left the manifest leaves the cluster after a take-over", "[takeover]") {
    Value live = owned_by(k_kubectl);
    const auto config = yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: x}}");
    CHECK(json(*server_side_apply(live, config, "us", OnConflict::fail, {}).object.find("data")) == R"({"a":"x","b":"y","c":"z"})");
    live.at("metadata").set("managedFields", *adopt_fields(live, client_side_appliers(live), "us"));
    CHECK(json(*server_side_apply(live, config, "us", OnConflict::fail, {}).object.find("data")) == R"({"a":"x","c":"z"})");
}
