#include "core/kube/normal_form.hpp"

#include <algorithm>

#include "core/base/digest.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/kube/list_items.hpp"
#include "core/kube/quantity.hpp"
#include "core/kube/typed.hpp"

namespace gitops::kube {

namespace {

using base::Code;
using base::Error;
using doc::Value;

/// Lists and maps that are written even when empty: their Go fields have no omitempty.
constexpr std::string_view k_written_empty[] = {"addresses", "containers", "endpoints", "nodeSelectorTerms", "paths", "rules", "verbs"};

/// Fields that Go leaves out when they are zero: no pointers, omitempty.
constexpr std::string_view k_dropped_zero[] = {
    "apiGroup", "clusterIP", "externalName", "generateName", "hostIP", "hostIPC", "hostNetwork", "hostPID", "hostPort", "hostname",
    "loadBalancerIP", "minReadySeconds", "namespace", "nodeName", "nodePort", "paused", "priorityClassName",
    "publishNotReadyAddresses", "readOnly", "serviceAccount", "serviceAccountName", "stdin", "stdinOnce", "subPath", "subPathExpr",
    "subdomain", "tty", "value", "volumeName", "workingDir"};

template <class Range>
bool listed(const Range& range, std::string_view name) {
    return std::binary_search(std::begin(range), std::end(range), name);
}

bool is_zero(const Value& value) {
    if (value.is_string()) return value.text().empty();
    if (value.is_bool()) return !value.as_bool();
    return value.is_number() && value.to_int() == 0;
}

bool says_nothing(const Value& value, std::string_view name, const Type& type) {
    if (value.is_null()) return true;
    switch (type.shape()) {
        case Shape::list:
        case Shape::map: return value.empty() && !listed(k_written_empty, name);
        case Shape::scalar:
            // A PriorityClass writes its number 0, an environment variable does not write its empty text.
            return listed(k_dropped_zero, name) && is_zero(value) && (name != "value" || value.is_string());
        case Shape::object:
        case Shape::untyped: return false;
    }
    return false;
}

enum class Purpose { check, store };

class Normaliser {
  public:
    explicit Normaliser(Purpose purpose) : m_purpose(purpose) {}

    Value normal(const Value& value, const Type& type) {
        switch (type.shape()) {
            case Shape::untyped: return custom(value, type);
            case Shape::scalar: return scalar(value, type);
            case Shape::list: return list(value, type);
            case Shape::map:
            case Shape::object: return map(value, type);
        }
        return value;
    }

  private:
    Value custom(const Value& value, const Type& type) {
        const Value* metadata = value.find("metadata");
        if (metadata == nullptr || !type.declares("metadata")) return value;
        m_path.push_back("metadata");
        Value normal_metadata = normal(*metadata, *type.field("metadata"));
        m_path.pop_back();
        if (normal_metadata.same_node(*metadata)) return value;
        Value out = value;
        out.set("metadata", std::move(normal_metadata));
        return out;
    }

    Value scalar(const Value& value, const Type& type) {
        if (!type.accepts(value)) refuse(value, "has the wrong type: expected " + std::string(type.wanted()) + ", found a " + std::string(kind_name(value.kind())));
        if (!type.is_quantity()) return value;
        const auto canonical = canonical_quantity(value.text());
        if (!canonical) {
            refuse(value, "is no quantity: \"" + std::string(value.text()) + "\"");
            return value;
        }
        if (value.is_string() && *canonical == value.text()) return value;
        Value out(*canonical);
        out.set_line(value.line());
        return out;
    }

    Value list(const Value& value, const Type& type) {
        if (!value.is_list()) {
            refuse(value, "must be a list, not a " + std::string(kind_name(value.kind())));
            return value;
        }
        if (m_purpose == Purpose::check) refuse_repeated(value, type);
        const Type element = type.element();
        Value out = value;
        for (std::size_t i = 0; i < value.size(); ++i) {
            const Value& item = value.items()[i];
            Value normal_item = normal(item, element);
            if (!normal_item.same_node(item)) out.item(i) = std::move(normal_item);
        }
        return out;
    }

    Value map(const Value& value, const Type& type) {
        if (!value.is_map()) {
            refuse(value, "must be a map, not a " + std::string(kind_name(value.kind())));
            return value;
        }
        Value out = value;
        for (const auto& entry : value.entries()) {
            const auto field = type.field(entry.name());
            if (!field) {
                refuse_unknown(entry, type);
                continue;
            }
            m_path.push_back(entry.name());
            const bool text_map = type.shape() == Shape::map && field->shape() == Shape::scalar;
            if (m_purpose == Purpose::check && entry.value.is_null()) {
                // It takes back what another manager set; storing leaves it out.
            } else if (entry.value.is_null() && text_map && !field->is_quantity()) {
                out.set(entry.name(), "");  // what Go reads a null into a string as
            } else if (m_purpose == Purpose::store &&
                       (type.shape() == Shape::object ? says_nothing(entry.value, entry.name(), *field) : entry.value.is_null())) {
                out.erase(entry.name());
            } else {
                Value normal_value = normal(entry.value, *field);
                if (!normal_value.same_node(entry.value)) out.set(entry.name(), std::move(normal_value));
            }
            m_path.pop_back();
        }
        return out;
    }

    void refuse_repeated(const Value& value, const Type& type) {
        if (form_of(type, &value) != Form::list) return;
        const ItemIndex index(&value, ItemSteps(type));
        if (!index.has_duplicates()) return;
        for (std::size_t i = 0; i < value.size(); ++i) {
            if (!index.is_repeated(index.steps()[i])) continue;
            std::string step;
            append_path(step, index.steps()[i]);
            refuse(value.items()[i], "has two elements " + step);
        }
    }

    void refuse_unknown(const doc::Entry& entry, const Type& type) {
        if (m_purpose == Purpose::store) return;
        std::vector<std::string> names;
        for (const auto name : type.field_names()) names.emplace_back(name);
        Error error(Code::invalid, "unknown field " + path_text() + "." + std::string(entry.name()));
        error.at({{}, static_cast<int>(entry.value.line()), 0});
        throw error.suggest(base::near_names(entry.name(), names));
    }

    void refuse(const Value& value, const std::string& why) {
        if (m_purpose == Purpose::store) return;
        throw Error(Code::invalid, "the field " + path_text() + " " + why).at({{}, static_cast<int>(value.line()), 0});
    }

    std::string path_text() const {
        std::string out;
        for (const auto name : m_path) out.append(".").append(name);
        return out;
    }

    Purpose m_purpose;
    std::vector<std::string_view> m_path;
};

constexpr std::string_view k_server_metadata[] = {"creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation",
                                                  "managedFields", "resourceVersion", "selfLink", "uid"};

}  // namespace

Value normal_form(const Value& object, const Type& type) { return Normaliser(Purpose::store).normal(object, type); }

Value checked(const Value& config, const Type& type) { return Normaliser(Purpose::check).normal(config, type); }

Value with_folded_string_data(Value secret) {
    const Value texts = secret.find("stringData") == nullptr ? Value() : *secret.find("stringData");
    secret.erase("stringData");
    if (!texts.is_map() || texts.empty()) return secret;
    for (const auto& entry : texts.entries())
        if (!entry.value.is_string() && !entry.value.is_null())
            throw Error(Code::invalid, "the field .stringData." + std::string(entry.name()) + " has the wrong type: expected a string, found a " +
                                           std::string(kind_name(entry.value.kind())))
                .at({{}, static_cast<int>(entry.value.line()), 0});
    Value& data = secret.at("data");
    if (!data.is_map()) data = Value::map();
    for (const auto& entry : texts.entries()) data.set(entry.name(), base::base64_encode(entry.value.text()));
    return secret;
}

Value appliable(const Value& config) {
    Value out = config;
    out.erase("status");
    if (config.has("stringData") && kind_of(config) == "Secret" && config.text_at("apiVersion") == "v1") out = with_folded_string_data(out);
    const Value* metadata = config.find("metadata");
    if (metadata == nullptr || !metadata->is_map()) return out;
    for (const auto name : k_server_metadata)
        if (metadata->has(name)) out.at("metadata").erase(name);
    return out;
}

}  // namespace gitops::kube
