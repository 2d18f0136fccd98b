#include "core/sources/application_set_generate.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/sources/application_set_rows.hpp"

namespace gitops::sources {

namespace {

using base::Code;
using base::Error;
using detail::Making;
using detail::Row;
using doc::Value;

constexpr std::string_view k_finalizer = "resources-finalizer.argocd.argoproj.io";

bool is_empty(const Value& value) { return value.is_null() || (value.is_string() && value.text().empty()) ||
    ((value.is_map() || value.is_list()) && value.empty()); }

/// A generator's template over the set's: what the generator leaves empty stays.
Value laid_over(const Value& under, const Value& over) {
    if (!under.is_map() || !over.is_map()) return is_empty(over) ? under : over;
    Value out = under;
    for (const doc::Entry& entry : over.entries()) {
        const Value* found = out.find(entry.name());
        out.set(entry.name(), found == nullptr ? entry.value : laid_over(*found, entry.value));
    }
    return out;
}

/// The entries of `out` that "$retainKeys" of the patch names; all where it has none.
void retain_keys(Value& out, const Value& patch) {
    const Value* kept = patch.find("$retainKeys");
    if (kept == nullptr || !kept->is_list()) return;
    const Value before = out;
    for (const doc::Entry& entry : before.entries())
        if (std::ranges::none_of(kept->items(), [&](const Value& key) { return key.text() == entry.name(); })) out.erase(entry.name());
}

/// The items of `list` that are not in `unwanted`, behind those of `first`.
Value joined_list(const Value& first, const Value& list, const Value& unwanted) {
    Value out = first;
    for (const Value& item : list.items())
        if (std::ranges::find(out.items(), item) == out.items().end() &&
            std::ranges::find(unwanted.items(), item) == unwanted.items().end())
            out.push_back(item);
    return out;
}

/// Strategic merge of what the type Application defines: lists are replaced, finalizers are joined, the patch's first.
Value patched(const Value& target, const Value& patch, std::string_view path) {
    if (!patch.is_map()) return patch;
    const std::string_view directive = patch.text_at("$patch");
    if (directive == "delete") return Value();
    Value out = target.is_map() && directive != "replace" ? target : Value::map();
    retain_keys(out, patch);
    for (const doc::Entry& entry : patch.entries()) {
        const bool takes_away = entry.name() == "$deleteFromPrimitiveList/finalizers" && path == "/metadata";
        if (entry.name().starts_with('$') && !takes_away) continue;
        const auto name = takes_away ? std::string_view("finalizers") : entry.name();
        if (entry.value.is_null() || (entry.value.is_map() && entry.value.text_at("$patch") == "delete")) {
            out.erase(name);
            continue;
        }
        const std::string below = std::string(path) + "/" + std::string(name);
        const Value* found = out.find(name);
        const bool joins = below == "/metadata/finalizers" && found != nullptr && found->is_list() && entry.value.is_list();
        if (takes_away && !joins) continue;
        if (takes_away) out.set(name, joined_list(Value::list(), *found, entry.value));
        else if (joins) out.set(name, joined_list(entry.value, *found, Value::list()));
        else out.set(name, patched(found == nullptr ? Value() : *found, entry.value, below));
    }
    return out;
}

/// Where the set lives, whatever its template and its patch say: else a set could write for other teams.
void set_home(const ApplicationSet& set, Value& metadata) {
    if (set.ns.empty()) metadata.erase("namespace");
    else metadata.set("namespace", set.ns);
}

Value application_document(const ApplicationSet& set, const Value& filled) {
    Value document = Value::map();
    document.set("apiVersion", "argoproj.io/v1alpha1");
    document.set("kind", "Application");
    const Value* given = filled.find("metadata");
    Value metadata = given != nullptr && given->is_map() ? *given : Value::map();
    set_home(set, metadata);
    const Value* finalizers = metadata.find("finalizers");
    if (!set.preserves_resources && (finalizers == nullptr || finalizers->empty()))
        metadata.set("finalizers", Value::list({Value(k_finalizer)}));
    document.set("metadata", metadata);
    const Value* spec = filled.find("spec");
    document.set("spec", spec == nullptr ? Value::map() : *spec);
    return document;
}

Value with_patch(const Making& making, Value document, const templates::Datum& parameters) {
    if (making.set.patch.empty()) return document;
    const Value& node = *making.set.document.path("spec", "templatePatch");
    const std::string text = making.blanks.text(making.set.patch, parameters);
    Value patch;
    try {
        doc::YamlOptions options;
        options.dialect = doc::YamlDialect::v1_1;
        patch = doc::read_yaml_one(text, options);
    } catch (const Error& error) {
        throw making.error(node, "templatePatch is no YAML once filled in: " + error.message());
    }
    if (patch.is_null()) return document;
    if (!patch.is_map()) throw making.error(node, "templatePatch is a " + std::string(doc::kind_name(patch.kind())) +
            ", not a map");
    const auto project_of = [](const Value& application) {
        const Value* project = application.path("spec", "project");
        return project == nullptr ? std::string() : std::string(project->text());
    };
    const std::string before = project_of(document);
    document = patched(document, patch, "");
    if (Value* metadata = document.find_mutable("metadata"); metadata != nullptr && metadata->is_map())
        set_home(making.set, *metadata);
    if (project_of(document) != before)
        throw making.error(node, "templatePatch must not change spec.project").hint("set the project in spec.template");
    return document;
}

std::string parameters_told(const Row& row) { return "while filling in the template for " + row.origin; }

GeneratedApplication made_from(const Making& making, const Value& application, const Row& row) {
    try {
        Value document = application_document(making.set, making.blanks.fill(application, row.parameters));
        document = with_patch(making, std::move(document), row.parameters);
        const Value* name = document.path("metadata", "name");
        if (name == nullptr || !name->is_string() || name->text().empty())
            throw making.error(making.set.application,
                "an Application without a name comes out")
                .hint("spec.template.metadata.name is empty or names a parameter that is empty");
        return {std::string(name->text()), std::move(document), row.origin, templates::to_value(row.parameters)};
    } catch (Error& error) {
        error.at({making.set.file, static_cast<int>(making.set.application.line()), 0});
        error.note(parameters_told(row));
        throw;
    }
}

void require_different_names(const Making& making, const std::vector<GeneratedApplication>& made) {
    for (std::size_t i = 1; i < made.size(); ++i)
        if (made[i].name == made[i - 1].name)
            throw making.error(making.set.application, "two Applications are called " + made[i].name + ": from " +
                made[i - 1].origin + " and from " + made[i].origin)
                .hint("put what tells them apart into spec.template.metadata.name");
}

}  // namespace

std::vector<GeneratedApplication> generate(const ApplicationSet& set, const SetPorts& ports) {
    detail::Blanks blanks(set, ports.now);
    const Making making{set, ports, blanks};
    std::vector<GeneratedApplication> made;
    try {
        for (const Value& generator : set.generators.items()) {
            const auto rows = detail::generator_rows(making, generator);
            const Value* own = detail::own_template(generator);
            const Value application = own == nullptr ? set.application : laid_over(set.application, *own);
            for (const Row& row : rows) made.push_back(made_from(making, application, row));
            if (made.size() > k_max_results)
                throw making.error(generator, "more than " + std::to_string(k_max_results) + " Applications");
        }
    } catch (Error& error) {
        error.note("while generating the Applications of ApplicationSet " + set.name);
        throw;
    }
    std::ranges::stable_sort(made, {}, &GeneratedApplication::name);
    require_different_names(making, made);
    return made;
}

}  // namespace gitops::sources
