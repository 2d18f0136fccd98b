// Laws of apply on objects changed at random (from fixed seeds).
#include <catch2/catch.hpp>

#include <random>

#include "core/base/error.hpp"
#include "core/kube/apply.hpp"
#include "tests/unit/kube/fixture.hpp"

using namespace gitops::kube;
using gitops::doc::Value;
using gitops::kube_test::json;
using gitops::kube_test::yaml;

namespace {

const char* const k_deployment = R"(
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web, team: a}, annotations: {note: x}, finalizers: [example.com/a]}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      nodeSelector: {disk: ssd}
      containers:
      - name: web
        image: web:1
        args: [--port, "80"]
        ports: [{containerPort: 80}, {containerPort: 53, protocol: UDP}]
        env: [{name: A, value: "1"}, {name: B, valueFrom: {fieldRef: {fieldPath: metadata.name}}}, {name: C, value: ""}]
        resources: {limits: {cpu: 1000m, memory: 1Gi}, requests: {cpu: "0.5"}}
        livenessProbe: {httpGet: {port: 80}}
        volumeMounts: [{name: cfg, mountPath: /cfg}]
      - {name: side, image: side}
      volumes: [{name: cfg, configMap: {name: c}}, {name: tmp, emptyDir: {}}]
)";

const char* const k_widget = R"(
apiVersion: example.com/v1
kind: Widget
metadata: {name: w, labels: {a: b}}
spec: {size: {x: 1, y: 2}, parts: [{name: a}, {name: b}], mode: fast, empty: {}}
)";

using Random = std::mt19937;

bool chance(Random& random, unsigned one_in) { return random() % one_in == 0; }

/// Drops, repeats, empties and alters parts of a document.
Value mutated(const Value& value, Random& random) {
    if (value.is_map()) {
        Value out = Value::map();
        for (const auto& entry : value.entries()) {
            const bool identity = entry.name() == "apiVersion" || entry.name() == "kind" || entry.name() == "name";
            if (entry.name() == "metadata") out.set(entry.name(), mutated(entry.value, random));
            else if (identity) out.set(entry.name(), entry.value);
            else if (!chance(random, 12)) out.set(entry.name(), mutated(entry.value, random));
        }
        return out;
    }
    if (value.is_list()) {
        Value out = Value::list();
        for (const auto& item : value.items())
            if (!chance(random, 8)) out.insert(chance(random, 4) ? 0 : out.size(), mutated(item, random));
        return out;
    }
    if (!chance(random, 10)) return value;
    if (value.is_integer()) return Value(static_cast<int>(random() % 5 + 1));
    if (value.is_string() && value.text() == "1Gi") return Value("1024Mi");
    if (value.is_string() && !value.text().starts_with("metadata.")) return Value(chance(random, 2) ? "1" : "2");
    return value;
}

/// The same config in a form that no shortcut takes: an empty field that means nothing.
Value roundabout(const Value& config) {
    Value out = config;
    out.at("metadata").set("ownerReferences", Value::list());
    return out;
}

std::string outcome(const Value& live, const Value& config, OnConflict on_conflict) {
    try {
        const auto result = server_side_apply(live, config, "git", on_conflict, {});
        std::string text = (result.changed ? "changed " : "same ") + json(result.object);
        for (const auto& conflict : result.conflicts) text += " " + conflict.manager + conflict.path;
        return text;
    } catch (const gitops::base::Error& error) {
        return error.message();
    }
}

/// `live` after somebody edited it by hand.
Value updated(const Value& live, Random& random) {
    Value unmanaged = live;
    unmanaged.at("metadata").erase("managedFields");
    return track_update(live, with_defaults(mutated(unmanaged, random)), "kubectl", "", {});
}

template <class Body>
void for_random_objects(const Body& body) {
    for (unsigned seed = 0; seed < 300; ++seed) {
        Random random(seed);
        const Value base = yaml(seed % 3 == 0 ? k_widget : k_deployment);
        try {
            Value live = server_side_apply({}, mutated(base, random), "git", OnConflict::fail, {}).object;
            if (chance(random, 2)) live = server_side_apply(live, mutated(base, random), "other", OnConflict::take_over, {}).object;
            if (chance(random, 2)) live = updated(live, random);
            body(live, mutated(base, random));
        } catch (const gitops::base::Error&) {
            // A mutation that no cluster accepts: two elements with one key, an impossible quantity.
        }
    }
}

}  // namespace

TEST_CASE("applying twice changes nothing the second time") {
    for_random_objects([](const Value& live, const Value& config) {
        const auto once = server_side_apply(live, config, "git", OnConflict::take_over, {});
        const auto twice = server_side_apply(once.object, config, "git", OnConflict::take_over, gitops::base::Time(std::chrono::hours(9)));
        CHECK_FALSE(twice.changed);
        CHECK(json(twice.object) == json(once.object));
        CHECK_FALSE(apply_would_change(once.object, config, "git"));
    });
}

TEST_CASE("the shortcut for settled objects answers as the whole computation does") {
    for_random_objects([](const Value& live, const Value& config) {
        for (const auto on_conflict : {OnConflict::fail, OnConflict::take_over})
            CHECK(outcome(live, config, on_conflict) == outcome(live, roundabout(config), on_conflict));
        const auto applied = server_side_apply(live, config, "git", OnConflict::take_over, {}).object;
        CHECK(outcome(applied, config, OnConflict::fail) == outcome(applied, roundabout(config), OnConflict::fail));
        const bool reorders = !in_order_of(live, config).same_node(live);
        CHECK(apply_would_change(live, config, "git") == (server_side_apply(live, config, "git", OnConflict::take_over, {}).changed || reorders));
    });
}

TEST_CASE("after an apply the manager owns what it said, and the object holds it") {
    for_random_objects([](const Value& live, const Value& config) {
        const auto result = server_side_apply(live, config, "git", OnConflict::take_over, {}).object;
        const Type type = Schema::kubernetes().root(gvk_of(config));
        const FieldSet said = fields_of(config, type);
        FieldSet owned;
        for (const auto& manager : managers_of(result))
            if (manager.name == "git") owned = manager.fields;
        CHECK(owned == said);
        CHECK(result == with_defaults(result));
    });
}

TEST_CASE("an apply without conflicts leaves other appliers their fields") {
    for_random_objects([](const Value& live, const Value& config) {
        const auto applied = server_side_apply(live, config, "git", OnConflict::fail, {});
        if (!applied.conflicts.empty()) return;
        for (const auto& before : managers_of(live)) {
            if (before.name == "git" || before.operation != Operation::apply) continue;
            // What was owned and is there; an owned empty map may have gone.
            const FieldSet there = fields_of(live, Schema::kubernetes().root(gvk_of(live))).intersect(before.fields);
            bool kept = there.empty();
            for (const auto& after : managers_of(applied.object)) kept |= after.name == before.name && after.fields.contains(there);
            CHECK(kept);
        }
    });
}
