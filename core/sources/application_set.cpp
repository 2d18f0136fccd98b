#include "core/sources/application_set.hpp"

#include <algorithm>
#include <array>

#include "core/doc/fields_reader.hpp"
#include "core/kube/resource.hpp"
#include "core/sources/application_set_fields.hpp"

namespace gitops::sources {

namespace {

using base::Error;
using doc::FieldsReader;
using doc::Value;

using Warnings = std::vector<std::string>;

void warn_unknown(const FieldsReader& reader, Warnings& warnings) {
    for (const auto& name : reader.unknown()) warnings.push_back("unknown field " + name + " has no effect");
}

void read_sync_policy(FieldsReader reader, ApplicationSet& set, Warnings& warnings) {
    set.preserves_resources = reader.flag("preserveResourcesOnDeletion", false);
    set.sync_policy = reader.text("applicationsSync", "sync");
    struct Policy {
        std::string_view name;
        SetPermissions permissions;
    };
    constexpr std::array<Policy, 4> k_policies{
        {{"sync", {true, true}}, {"create-only", {false, false}}, {"create-update", {true, false}},
            {"create-delete", {false, true}}}};
    const auto found = std::ranges::find(k_policies, set.sync_policy, &Policy::name);
    if (found == k_policies.end()) {
        Error error = reader.error("applicationsSync", "there is no policy \"" + set.sync_policy + "\"");
        error.hint("use sync, create-only, create-update or create-delete");
        throw error;
    }
    set.permissions = found->permissions;
    warn_unknown(reader, warnings);
}

SetStep read_step(FieldsReader& reader) {
    SetStep step;
    for (auto& expression : reader.children("matchExpressions")) {
        const std::string op = expression.text("operator");
        if (op != "In" && op != "NotIn") throw expression.error("operator", "expected In or NotIn, found \"" + op + "\"");
        step.expressions.push_back({expression.text("key"), op == "In", expression.texts("values")});
    }
    if (const Value* most = reader.raw("maxUpdate")) {
        step.max_update = most->text();
        const std::string_view digits = step.max_update.ends_with('%')
                                            ? std::string_view(step.max_update).substr(0, step.max_update.size() - 1)
                                            : std::string_view(step.max_update);
        if (digits.empty() || digits.size() > 6 || digits.find_first_not_of("0123456789") != std::string_view::npos)
            throw reader.error("maxUpdate", "expected a number or a percentage, found \"" + step.max_update + "\"");
    }
    return step;
}

void read_strategy(FieldsReader reader, ApplicationSet& set, Warnings& warnings) {
    if (!reader.present()) return;
    const std::string type = reader.text("type", "AllAtOnce");
    const std::string order = reader.text("deletionOrder", "AllAtOnce");
    if (order != "AllAtOnce" && order != "Reverse")
        throw reader.error("deletionOrder", "expected AllAtOnce or Reverse, found \"" + order + "\"");
    set.deletion_order = order == "Reverse" ? DeletionOrder::reverse : DeletionOrder::all_at_once;
    FieldsReader rolling = reader.child("rollingSync");
    if (type == "RollingSync") {
        for (auto& step : rolling.children("steps")) {
            set.steps.push_back(read_step(step));
            warn_unknown(step, warnings);
        }
        if (set.steps.empty()) throw rolling.error("steps", "a rolling sync needs at least one step");
        warn_unknown(rolling, warnings);
    } else if (type != "AllAtOnce" && !type.empty()) {
        throw reader.error("type", "expected AllAtOnce or RollingSync, found \"" + type + "\"");
    }
    warn_unknown(reader, warnings);
}

void read_kept(FieldsReader& spec, ApplicationSet& set, Warnings& warnings) {
    FieldsReader preserved = spec.child("preservedFields");
    set.kept_annotations = preserved.texts("annotations");
    set.kept_labels = preserved.texts("labels");
    warn_unknown(preserved, warnings);
    for (auto& reader : spec.children("ignoreApplicationDifferences")) {
        KeptFields kept{reader.text("name"), {}, {}};
        for (const auto& pointer : reader.texts("jsonPointers")) kept.pointers.push_back(doc::parse_pointer(pointer));
        for (const auto& path : reader.texts("jqPathExpressions")) {
            try {
                kept.paths.push_back(doc::JqPath::compile(path));
            } catch (const Error& error) {
                throw reader.error("jqPathExpressions", error.message()).hint(error.hint_text());
            }
        }
        warn_unknown(reader, warnings);
        set.kept_fields.push_back(std::move(kept));
    }
}

void read_spec(FieldsReader spec, ApplicationSet& set, Warnings& warnings) {
    set.uses_go = spec.flag("goTemplate", false);
    for (const auto& option : spec.texts("goTemplateOptions")) {
        try {
            templates::read_go_option(option, set.options);
        } catch (const Error& error) {
            Error placed = spec.error("goTemplateOptions", error.message());
            placed.hint(error.hint_text());
            throw placed;
        }
    }
    const Value* generators = spec.raw("generators");
    if (generators == nullptr || !generators->is_list()) throw spec.error("generators", "a list of generators is required");
    set.generators = *generators;
    const Value* application = spec.raw("template");
    if (application == nullptr || !application->is_map())
        throw spec.error("template", "the template of an Application is required");
    set.application = *application;
    set.patch = spec.text("templatePatch");
    read_sync_policy(spec.child("syncPolicy"), set, warnings);
    read_strategy(spec.child("strategy"), set, warnings);
    read_kept(spec, set, warnings);
    spec.flag("applyNestedSelectors", true);  // nested selectors always apply, as in Argo CD since 3.0
    warn_unknown(spec, warnings);
}

}  // namespace

ApplicationSet read_application_set(const Value& document, const std::string& file, Warnings& warnings) {
    FieldsReader root(&document, "", file);
    if (kube::group_of(root.text("apiVersion")) != "argoproj.io" || root.text("kind") != "ApplicationSet")
        throw root.error("kind", "expected an ApplicationSet of argoproj.io/v1alpha1, found \"" +
            std::string(document.text_at("kind")) + "\"");
    ApplicationSet set;
    set.document = document;
    set.file = file;
    FieldsReader metadata = root.child("metadata");
    set.name = metadata.text("name");
    set.ns = metadata.text("namespace");
    if (set.name.empty()) throw metadata.error("name", "an ApplicationSet needs a name");
    FieldsReader spec = root.child("spec");
    if (!spec.present()) throw root.error("spec", "an ApplicationSet needs a spec");
    read_spec(std::move(spec), set, warnings);
    root.raw("status");
    warn_unknown(root, warnings);
    warn_unread_fields(document, warnings);
    return set;
}

}  // namespace gitops::sources
