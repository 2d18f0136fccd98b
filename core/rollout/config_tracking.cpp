#include "core/rollout/config_tracking.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/rollout/pod_renames.hpp"

namespace gitops::rollout {

namespace {

using doc::Value;

constexpr std::size_t k_checksum_length = 16;
constexpr std::array<std::string_view, 4> k_secret_types{"Opaque", "kubernetes.io/basic-auth", "kubernetes.io/ssh-auth",
                                                         "kubernetes.io/tls"};

/// A JSON string as Go's encoder writes it: HTML characters and the two line separators of Unicode escaped.
void append_go_string(std::string& out, std::string_view text) {
    out += '"';
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool is_separator = byte == 0xE2 && i + 2 < text.size() && static_cast<unsigned char>(text[i + 1]) == 0x80 &&
                                  (static_cast<unsigned char>(text[i + 2]) & 0xFE) == 0xA8;
        if (is_separator) {
            out += (static_cast<unsigned char>(text[i + 2]) & 1) != 0 ? "\\u2029" : "\\u2028";
            i += 2;
        } else if (byte == '"' || byte == '\\') {
            out += '\\';
            out += text[i];
        } else if (byte == '\n' || byte == '\r' || byte == '\t' || byte == '\b' || byte == '\f') {
            constexpr std::string_view k_letters = "btn fr";
            out += '\\';
            out += k_letters[byte - '\b'];
        } else if (byte < 0x20 || byte == '<' || byte == '>' || byte == '&') {
            out += fmt::format("\\u{:04x}", byte);
        } else {
            out += text[i];
        }
    }
    out += '"';
}

/// A map of texts as Go writes it; "null" when there is none.
std::string go_json(const Value* map) {
    if (map == nullptr || !map->is_map()) return "null";
    std::string out = "{";
    for (const auto& [key, text] : texts_of(map)) {
        if (out.size() > 1) out += ',';
        append_go_string(out, key);
        out += ':';
        append_go_string(out, text);
    }
    return out + "}";
}

bool has_entries(const Value* map) { return map != nullptr && map->is_map() && !map->empty(); }

bool is_tracked(const Value& config) {
    if (kube::annotation_of(config, "flagger.app/config-tracking").starts_with("disable")) return false;
    if (kube::kind_of(config) != "Secret") return true;
    const auto type = config.text_at("type");
    return type.empty() || std::ranges::find(k_secret_types, type) != k_secret_types.end();
}

/// The owners of a copy that exists, with ours among them.
void add_owner(Value& copy, const CanarySpec& spec, const ObjectRules& rules) {
    if (rules.owner_uid.empty()) return;
    auto& owners = copy.at("metadata").at("ownerReferences");
    bool has_controller = false;
    for (const auto& owner : owners.items()) {
        if (owner.text_at("uid") == rules.owner_uid) return;
        const auto* controller = owner.find("controller");
        has_controller = has_controller || (controller != nullptr && controller->as_bool());
    }
    auto owner = owner_reference(spec, rules);
    if (has_controller) {
        owner.erase("controller");
        owner.erase("blockOwnerDeletion");
    }
    owners.push_back(std::move(owner));
}

Value copy_of(const CanarySpec& spec, const ConfigRef& ref, const Value& config, const Value* live, const ObjectRules& rules) {
    auto copy = live != nullptr ? *live
                                : new_object(spec, rules, "v1", kube::kind_of(config), primary_copy(ref).name);
    if (live != nullptr) add_owner(copy, spec, rules);
    put_metadata(copy, {allowed_labels(config, rules), {}}, spec, ObjectRules{});
    for (const auto* field : {"type", "data", "binaryData"}) {
        const auto* value = config.find(field);
        const bool is_wanted = value != nullptr && (rules.compat == Compat::none || std::string_view(field) != "binaryData");
        if (is_wanted) copy.set(field, *value);
        else copy.erase(field);
    }
    return copy;
}

}  // namespace

std::string ConfigRef::key() const { return (kind == ConfigKind::secret ? "secret/" : "configmap/") + name; }

kube::ObjectRef ConfigRef::object(const std::string& ns) const {
    return {.gvk = {"", "v1", kind == ConfigKind::secret ? "Secret" : "ConfigMap"}, .ns = ns, .name = name};
}

ConfigRef primary_copy(const ConfigRef& ref) {
    auto copy = ref;
    copy.name += k_primary_suffix;
    return copy;
}

std::vector<ConfigRef> tracked_refs(const Value& target) {
    std::map<std::string, ConfigRef> found;
    const auto* source = target.path("spec", "template", "spec");
    if (source == nullptr || !source->is_map()) return {};
    auto pod_spec = *source;
    visit_configs(pod_spec, [&](const ConfigPlace& place) {
        const auto kind = place.key.starts_with("secret/") ? ConfigKind::secret : ConfigKind::config_map;
        auto& ref = found.try_emplace(place.key, ConfigRef{kind, std::string(place.name.text()), true}).first->second;
        ref.is_optional = ref.is_optional && place.is_optional;
    });
    std::vector<ConfigRef> refs;
    for (auto& [key, ref] : found) refs.push_back(std::move(ref));
    return refs;
}

std::string config_checksum(const Value& config, Compat compat) {
    auto text = go_json(config.find("data"));
    const auto* binary = config.find("binaryData");
    if (compat == Compat::none && has_entries(binary)) text += go_json(binary);
    return base::sha256_hex(text).substr(0, k_checksum_length);
}

ConfigSums config_checksums(const CanarySpec& spec, const std::vector<ConfigRef>& refs, const std::vector<Value>& live,
                            Compat compat) {
    ConfigSums sums;
    std::vector<std::string> missing;
    for (const auto& ref : refs) {
        const auto* config = find_live(live, ref.object(spec.ns));
        if (config != nullptr) {
            if (is_tracked(*config)) sums.emplace(ref.key(), config_checksum(*config, compat));
        } else if (!ref.is_optional) {
            missing.push_back(ref.key());
        }
    }
    if (!missing.empty())
        throw base::Error(base::Code::not_found, fmt::format("{} {}/{} needs {}, which {} not in the cluster",
                                                             spec.target.kind, spec.ns,
                                                             spec.target.name, base::join(missing, ", "),
                                                             missing.size() == 1 ? "is" : "are"));
    return sums;
}

std::vector<Value> primary_configs(const CanarySpec& spec, const std::vector<ConfigRef>& refs, const ConfigSums& tracked,
                                   const std::vector<Value>& live, const ObjectRules& rules) {
    std::vector<Value> documents;
    for (const auto& ref : refs) {
        const auto* config = find_live(live, ref.object(spec.ns));
        if (config == nullptr || !tracked.contains(ref.key())) continue;
        documents.push_back(copy_of(spec, ref, *config, find_live(live, primary_copy(ref).object(spec.ns)), rules));
    }
    return changed_only(std::move(documents), live);
}

}  // namespace gitops::rollout
