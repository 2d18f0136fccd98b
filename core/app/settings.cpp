#include "core/app/settings.hpp"

#include <algorithm>
#include <array>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/yaml_read.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Error;
using doc::FieldsReader;
using doc::Value;

constexpr std::string_view k_customizations = "resource.customizations";
constexpr std::string_view k_compare = "resource.compareoptions";
constexpr std::string_view k_server_side = "controller.diff.server.side";
constexpr std::string_view k_exclusions = "resource.exclusions";
constexpr std::string_view k_inclusions = "resource.inclusions";
constexpr std::string_view k_masked = "resource.sensitive.mask.annotations";
constexpr std::string_view k_kustomize = "kustomize.buildOptions";
/// Keys with a meaning for parts of Argo CD that are no part of this.
constexpr std::array<std::string_view, 2> k_without_effect = {"ignoreResourceUpdates", "actions"};

struct GroupKind {
    std::string group, kind;
};

class SettingsReader {
  public:
    SettingsReader(const std::string& file, std::vector<std::string>& warnings) : m_file(file), m_warnings(warnings) {}

    Settings run(std::string_view text) {
        doc::YamlOptions options;
        options.file = m_file;
        for (const auto& document : doc::read_yaml(text, options)) {
            if (document.is_null()) continue;
            if (!document.is_map()) throw Error(Code::invalid, "the configuration must be a map").at({m_file, static_cast<int>(document.line()), 0});
            const bool is_config_map = document.text_at("kind") == "ConfigMap";
            const auto* data = is_config_map ? document.find("data") : &document;
            if (data == nullptr || data->is_null()) continue;
            if (!data->is_map()) refuse("data", *data, "a map");
            for (const auto& entry : data->entries()) read(std::string(entry.name()), entry.value, is_config_map);
        }
        return std::move(m_settings);
    }

  private:
    void read(const std::string& key, const Value& value, bool is_config_map) {
        if (key == k_compare) return read_compare_options(key, value);
        if (key == k_server_side) {
            m_settings.server_side_diff = switch_of(key, value);
            return;
        }
        if (key == k_exclusions) return read_resource_rules(key, value, m_settings.scope.exclusions);
        if (key == k_inclusions) return read_resource_rules(key, value, m_settings.scope.inclusions);
        if (key == k_masked) return read_masked(key, value);
        if (key == k_kustomize) return read_kustomize(key, value);
        if (key == k_customizations) return read_old_form(key, value);
        if (key.starts_with(std::string(k_customizations) + ".") && read_customization(key, value)) return;
        const bool is_about_objects = key.starts_with("resource.") || key.starts_with("application.") || key.starts_with("kustomize.");
        const bool is_text = !value.is_map() && !value.is_list();  // as everything in a ConfigMap
        if (!is_config_map || is_about_objects || !is_text) m_warnings.push_back(m_file + ": " + key + " has no effect");
    }

    [[noreturn]] void refuse(const std::string& key, const Value& value, std::string_view expected) const {
        throw Error(Code::invalid, key + ": expected " + std::string(expected)).at({m_file, static_cast<int>(value.line()), 0});
    }

    bool switch_of(const std::string& key, const Value& value) const {
        const auto text = value.is_map() || value.is_list() ? std::string_view() : value.text();
        if (text != "true" && text != "false") refuse(key, value, "true or false");
        return text == "true";
    }

    /// The script itself: a number or a map is a slip.
    std::string script_of(const std::string& key, const Value& value) const {
        if (!value.is_string()) refuse(key, value, "the text of a Lua script");
        return std::string(value.text());
    }

    /// The value itself, or what its text says. Lines in errors count from the text's own first line.
    Value structure(const std::string& key, const Value& value) {
        if (!value.is_string()) return value;
        try {
            auto documents = doc::read_yaml(value.text());
            return documents.empty() ? Value() : documents.front();
        } catch (const Error& error) {
            throw Error(Code::invalid, error.message()).at({m_file, static_cast<int>(value.line()), 0}).note("in the text of " + key);
        }
    }

    /// "ignoreDifferences.apps_Deployment": what, and for which objects.
    bool read_customization(const std::string& key, const Value& value) {
        const auto rest = std::string_view(key).substr(k_customizations.size() + 1);
        const auto dot = rest.find('.');
        const auto what = rest.substr(0, dot);
        if (dot == std::string_view::npos || std::ranges::find(k_without_effect, what) != k_without_effect.end()) return dot != std::string_view::npos;
        const auto objects = group_kind(rest.substr(dot + 1));
        if (!names_kind(key, objects)) return true;
        if (what == "ignoreDifferences") read_ignored(key, objects, value);
        else if (what == "health")
            m_settings.health.push_back(deliver::health_script_of_setting(rest.substr(dot + 1), script_of(key, value), key));
        else if (what == "knownTypeFields") read_known_types(key, objects, value);
        else return false;
        return true;
    }

    /// "group_Kind", "Kind" of the core group, or "all".
    static GroupKind group_kind(std::string_view text) {
        if (text == "all") return {"*", "*"};
        const auto bar = text.find('_');
        if (bar == std::string_view::npos) return {"", std::string(text)};
        return {std::string(text.substr(0, bar)), std::string(text.substr(bar + 1))};
    }

    /// False, and told, for a key that names no kind: it would concern no object.
    bool names_kind(const std::string& key, const GroupKind& objects) {
        if (const auto slash = objects.kind.find('/'); slash != std::string::npos) {
            const auto meant = objects.kind.substr(0, slash) + "_" + objects.kind.substr(slash + 1);
            m_warnings.push_back(m_file + ": " + key + " has no effect: write " + meant);
            return false;
        }
        if (!objects.kind.empty()) return true;
        m_warnings.push_back(m_file + ": " + key + " has no effect: it names no kind");
        return false;
    }

    void read_ignored(const std::string& key, const GroupKind& objects, const Value& value) {
        const auto fields = structure(key, value);
        FieldsReader reader(&fields, key, m_file);
        deliver::IgnoreRule rule;
        rule.group = objects.group;
        rule.kind = objects.kind;
        rule.origin = key;
        deliver::read_ignored_fields(reader, rule);
        for (const auto& name : reader.unknown()) m_warnings.push_back(m_file + ": unknown field " + name + " has no effect");
        m_settings.ignore.push_back(std::make_shared<const deliver::IgnoreRule>(std::move(rule)));
    }

    void read_known_types(const std::string& key, const GroupKind& objects, const Value& value) {
        const auto list = Value::map({{"fields", structure(key, value)}});
        FieldsReader reader(&list, key, m_file);
        for (auto& item : reader.children("fields")) {
            const auto field = item.text("field"), type = item.text("type");
            if (field.empty() || type.empty()) {
                m_warnings.push_back(m_file + ": " + key + ": an entry without a " + (field.empty() ? "field" : "type") + " has no effect");
                continue;
            }
            m_settings.known_types.push_back({objects.group, objects.kind, field, type});
            if (!deliver::known_type(type)) m_warnings.push_back(m_file + ": " + key + ": the type " + type + " is not known and has no effect");
        }
    }

    /// The form before Argo CD 2: a map from "group/Kind" to its customizations.
    void read_old_form(const std::string& key, const Value& value) {
        const auto kinds = structure(key, value);
        if (!kinds.is_map()) refuse(key, value, "a map from GROUP/KIND to customizations");
        for (const auto& entry : kinds.entries()) {
            if (!entry.value.is_map()) refuse(key + "." + std::string(entry.name()), value, "a map");
            const auto name = entry.name();
            const auto slash = name.find('/');
            const GroupKind objects = slash == std::string_view::npos
                                          ? GroupKind{"", std::string(name)}
                                          : GroupKind{std::string(name.substr(0, slash)), std::string(name.substr(slash + 1))};
            const auto at = key + "." + std::string(name);
            if (!names_kind(at, objects)) continue;
            if (const auto* ignored = entry.value.find("ignoreDifferences")) read_ignored(at, objects, *ignored);
            if (const auto* health = entry.value.find("health.lua")) m_settings.health.push_back({objects.group, objects.kind, script_of(at + ".health.lua", *health), at});
            if (const auto* types = entry.value.find("knownTypeFields")) read_known_types(at, objects, *types);
        }
    }

    void read_compare_options(const std::string& key, const Value& value) {
        const auto fields = structure(key, value);
        FieldsReader reader(&fields, key, m_file);
        // Argo CD reads both as text and as YAML's own booleans.
        const auto text = [&](std::string_view name) {
            const auto* found = reader.raw(name);
            return found == nullptr ? std::string() : std::string(found->text());
        };
        const auto status = text("ignoreResourceStatusField");
        constexpr std::array<std::string_view, 6> known = {"", "all", "crd", "none", "off", "false"};
        if (std::ranges::find(known, status) == known.end()) throw reader.error("ignoreResourceStatusField", "expected all, crd or none");
        if (!status.empty() && status != "all")
            m_warnings.push_back(m_file + ": ignoreResourceStatusField " + status + " has no effect: a status is never applied, so it never differs");
        const auto aggregated = text("ignoreAggregatedRoles");
        if (!aggregated.empty() && aggregated != "true" && aggregated != "false")
            throw reader.error("ignoreAggregatedRoles", "expected true or false");
        if (aggregated == "true") ignore_aggregated_roles(key);
        reader.raw("ignoreDifferencesOnResourceUpdates");  // about when to look again, which is not decided by objects here
        for (const auto& name : reader.unknown()) m_warnings.push_back(m_file + ": unknown field " + name + " has no effect");
    }

    /// A list of {apiGroups, kinds, clusters}.
    void read_resource_rules(const std::string& key, const Value& value, std::vector<ResourceRule>& rules) {
        const auto list = Value::map({{key, structure(key, value)}});
        FieldsReader reader(&list, "", m_file);
        for (auto& item : reader.children(key)) {
            rules.push_back({item.texts("apiGroups"), item.texts("kinds"), item.texts("clusters")});
            for (const auto& name : item.unknown()) m_warnings.push_back(m_file + ": unknown field " + name + " has no effect");
        }
    }

    void read_masked(const std::string& key, const Value& value) {
        if (!value.is_string()) refuse(key, value, "keys of annotations, with commas between them");
        auto keys = std::make_shared<std::vector<std::string>>();
        for (const auto part : base::split(value.text(), ','))
            if (const auto name = base::trim(part); !name.empty()) keys->emplace_back(name);
        m_settings.masked_annotations = std::move(keys);
    }

    /// The command line of `kustomize build`. Charts of kustomizations are built for applications in any case.
    void read_kustomize(const std::string& key, const Value& value) {
        if (!value.is_string()) refuse(key, value, "options of kustomize build");
        std::string line(value.text());
        std::ranges::replace_if(line, [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
        std::vector<std::string_view> words;
        for (const auto word : base::split(line, ' '))
            if (!word.empty()) words.push_back(word);
        for (std::size_t i = 0; i < words.size(); ++i) {
            std::string word(words[i]);
            if (word == "--load-restrictor" && i + 1 < words.size()) word += "=" + std::string(words[++i]);
            if (word == "--enable-helm") continue;
            constexpr auto none = render::LoadRestrictor::none, root_only = render::LoadRestrictor::root_only;
            if (word == "--load-restrictor=LoadRestrictionsNone") m_settings.load_restrictor = none;
            else if (word == "--load-restrictor=LoadRestrictionsRootOnly") m_settings.load_restrictor = root_only;
            else m_warnings.push_back(m_file + ": " + key + ": " + word + " has no effect");
        }
    }

    void ignore_aggregated_roles(const std::string& key) {
        deliver::IgnoreRule rule;
        rule.group = "rbac.authorization.k8s.io";
        rule.kind = "ClusterRole";
        rule.expressions.push_back(doc::JqPath::compile("select(.aggregationRule) | .rules"));
        rule.origin = key + " ignoreAggregatedRoles";
        m_settings.ignore.push_back(std::make_shared<const deliver::IgnoreRule>(std::move(rule)));
    }

    const std::string& m_file;
    std::vector<std::string>& m_warnings;
    Settings m_settings;
};

}  // namespace

Settings read_settings(std::string_view text, const std::string& file, std::vector<std::string>& warnings) {
    return SettingsReader(file, warnings).run(text);
}

}  // namespace gitops::app
