#include <algorithm>

#include "core/base/error.hpp"
#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/render/field_reader.hpp"
#include "core/render/field_tables.hpp"

namespace gitops::render {

using doc::Value;

namespace {

struct Section {
    std::string_view name;
    FieldSpecs TransformerConfig::*specs;
};

constexpr Section k_sections[] = {
    {"namePrefix", &TransformerConfig::name_prefix},
    {"nameSuffix", &TransformerConfig::name_suffix},
    {"namespace", &TransformerConfig::ns},
    {"commonLabels", &TransformerConfig::common_labels},
    {"labels", &TransformerConfig::labels},
    {"templateLabels", &TransformerConfig::template_labels},
    {"commonAnnotations", &TransformerConfig::common_annotations},
    {"images", &TransformerConfig::images},
    {"replicas", &TransformerConfig::replicas},
    {"varReference", &TransformerConfig::var_reference},
};

/// Sorts stably by the kind at `gvk`. The keys are made once: the built-in tables are sorted in every build.
template <class Row>
void sort_by_kind(std::vector<Row>& rows, kube::Gvk Row::*gvk) {
    std::vector<std::pair<GvkKey, std::size_t>> order;
    order.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) order.emplace_back(gvk_key(rows[i].*gvk), i);
    if (std::ranges::is_sorted(order)) return;
    std::ranges::sort(order);
    std::vector<Row> sorted;
    sorted.reserve(rows.size());
    for (const auto& [key, at] : order) sorted.push_back(std::move(rows[at]));
    rows = std::move(sorted);
}

NameReference parse_name_reference(const Value& value, const std::string& file) {
    NameReference reference;
    FieldReader fields(value, "NameBackReferences", file, Scalars::as_text);
    fields.text("group", reference.target.group);
    fields.text("version", reference.target.version);
    fields.text("kind", reference.target.kind);
    fields.each("fieldSpecs", [&](const Value& spec) { reference.referrers.push_back(parse_field_spec(spec, file)); });
    fields.refuse_unknown();
    return reference;
}

Value read_yaml_1_1(std::string_view text, const std::string& file) {
    doc::YamlOptions options;
    options.file = file;
    options.dialect = doc::YamlDialect::v1_1;
    options.duplicates = doc::DuplicateKeys::last_wins;
    auto documents = doc::read_yaml(text, options);
    return documents.empty() ? Value() : documents.front();
}

/// Walks OpenAPI definitions and collects what their extensions say about one kind.
class DefinitionScan {
  public:
    DefinitionScan(const Value& definitions, TransformerConfig& config) : m_definitions(definitions), m_config(config) {}

    void scan(const std::string& type, const kube::Gvk& gvk, const std::string& path, int depth) {
        const Value* definition = m_definitions.find(type);
        if (definition == nullptr || depth > k_max_depth) return;
        const Value* properties = definition->path("Schema", "properties");
        if (properties == nullptr) properties = definition->find("properties");
        if (properties == nullptr) return;
        for (const auto& entry : properties->entries()) {
            std::string field = path.empty() ? std::string(entry.name()) : path + "/" + std::string(entry.name());
            take(entry.value, gvk, field);
            std::string reference(entry.value.text_at("$ref"));
            if (!reference.empty()) scan(reference, gvk, field, depth + 1);
        }
    }

  private:
    static constexpr int k_max_depth = 64;

    void take(const Value& property, const kube::Gvk& gvk, const std::string& field) {
        if (property.has("x-kubernetes-annotation")) merge_spec(m_config.common_annotations, {gvk, field, Create::no});
        if (property.has("x-kubernetes-label-selector")) merge_spec(m_config.common_labels, {gvk, field, Create::no});
        if (property.has("x-kubernetes-identity")) merge_spec(m_config.name_prefix, {gvk, field, Create::no});
        const Value* version = property.find("x-kubernetes-object-ref-api-version");
        const Value* kind = property.find("x-kubernetes-object-ref-kind");
        if (version == nullptr || kind == nullptr) return;
        std::string key(property.text_at("x-kubernetes-object-ref-name-key"));
        if (key.empty()) key = "name";
        NameReference reference;
        reference.target = {"", std::string(version->text()), std::string(kind->text())};
        reference.referrers.push_back({gvk, field + "/" + key, Create::no});
        merge_name_reference(m_config.name_reference, reference);
    }

    const Value& m_definitions;
    TransformerConfig& m_config;
};

bool looks_like_a_kind(const Value& definition) {
    const Value* properties = definition.path("Schema", "properties");
    if (properties == nullptr) properties = definition.find("properties");
    return properties != nullptr && properties->has("kind") && properties->has("apiVersion") && properties->has("metadata");
}

}  // namespace

FieldSpec parse_field_spec(const Value& value, const std::string& file, Unknown unknown) {
    kube::Gvk gvk;
    std::string path;
    bool create = false;
    FieldReader fields(value, "FieldSpec", file, Scalars::as_text);
    fields.text("group", gvk.group);
    fields.text("version", gvk.version);
    fields.text("kind", gvk.kind);
    fields.text("path", path);
    fields.flag("create", create);
    if (unknown == Unknown::refuse) fields.refuse_unknown();
    return {std::move(gvk), std::move(path), create ? Create::yes : Create::no};
}

void merge_name_reference(std::vector<NameReference>& base, NameReference more) {
    auto same = std::ranges::find(base, more.target, &NameReference::target);
    if (same == base.end()) {
        base.push_back(std::move(more));
    } else {
        merge_specs(same->referrers, std::move(more.referrers));
    }
}

bool TransformerConfig::empty() const {
    return name_reference.empty() &&
           std::ranges::all_of(k_sections, [this](const Section& section) { return (this->*section.specs).empty(); });
}

void TransformerConfig::sort() {
    for (const auto& section : k_sections) sort_by_kind(this->*section.specs, &FieldSpec::gvk);
    sort_by_kind(name_reference, &NameReference::target);
}

void TransformerConfig::merge(TransformerConfig other) {
    for (const auto& section : k_sections) {
        try {
            merge_specs(this->*section.specs, std::move(other.*section.specs));
        } catch (base::Error& error) {
            error.note("failed to merge " + std::string(section.name) + " fieldSpec");
            throw;
        }
    }
    for (auto& reference : other.name_reference) merge_name_reference(name_reference, std::move(reference));
    sort();
}

TransformerConfig parse_configuration(std::string_view text, const std::string& file) {
    TransformerConfig config;
    Value value = read_yaml_1_1(text, file);
    FieldReader fields(value, "TransformerConfig", file, Scalars::as_text);
    for (const auto& section : k_sections)
        fields.each(section.name,
                    [&](const Value& spec) { (config.*section.specs).push_back(parse_field_spec(spec, file)); });
    fields.each("nameReference", [&](const Value& reference) {
        config.name_reference.push_back(parse_name_reference(reference, file));
    });
    fields.refuse_unknown();
    config.sort();
    return config;
}

TransformerConfig parse_crd_definitions(std::string_view text, const std::string& file) {
    TransformerConfig config;
    Value definitions = text.starts_with('{') ? doc::read_json(text, file) : read_yaml_1_1(text, file);
    if (!definitions.is_map())
        throw base::Error(base::Code::invalid, "unable to parse open API definition from '" + file + "'").at({file, 0, 0});
    DefinitionScan scan(definitions, config);
    for (const auto& entry : definitions.entries()) {
        if (!looks_like_a_kind(entry.value)) continue;
        std::string name(entry.name());
        kube::Gvk gvk;
        gvk.kind = name.substr(name.rfind('.') == std::string::npos ? 0 : name.rfind('.') + 1);
        scan.scan(name, gvk, "", 0);
    }
    return config;
}

}  // namespace gitops::render
