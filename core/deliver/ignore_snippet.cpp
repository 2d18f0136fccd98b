#include "core/deliver/ignore_snippet.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/doc/json.hpp"
#include "core/kube/fields.hpp"
#include "core/kube/schema.hpp"

namespace gitops::deliver {
namespace {

using doc::Value;

bool is_name(std::string_view step) { return step.starts_with("f:"); }
std::string_view rest_of(std::string_view step) { return step.substr(std::min<std::size_t>(2, step.size())); }

bool is_plain(std::string_view name) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    return !name.empty() && letter(name[0]) && std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

std::string field_text(std::string_view name) { return is_plain(name) ? "." + std::string(name) : "." + doc::write_json(Value(name)); }

/// `select(.containerPort == 80 and .protocol == "TCP")`, of a step with keys or a value.
std::string selection(std::string_view step) {
    if (step.starts_with("v:")) return "select(. == " + std::string(rest_of(step)) + ")";
    std::string text;
    try {
        const auto keys = doc::read_json(rest_of(step));
        for (const auto& entry : keys.entries())
            text += (text.empty() ? "" : " and ") + field_text(entry.name()) + " == " + doc::write_json(entry.value);
    } catch (const base::Error&) {
        return "select(false)";
    }
    return "select(" + text + ")";
}

/// Whether `object` has something at `steps`.
bool says(const Value& object, const std::vector<std::string>& steps) {
    const Value* node = &object;
    auto type = kube::Schema::kubernetes().root(kube::gvk_of(object));
    for (const std::string_view step : steps) {
        const Value* child = nullptr;
        if (is_name(step)) {
            child = node->find(rest_of(step));
            type = type.field(rest_of(step)).value_or(kube::Type{});
        } else if (step.starts_with("i:")) {
            return !node->empty();
        } else {
            for (const auto& item : node->items())
                if (kube::item_step(item, type) == step) child = &item;
            type = type.element();
        }
        if (child == nullptr) return false;
        node = child;
    }
    return true;
}

}  // namespace

std::string_view difference_rule(const Step& step, const FieldChange& change) {
    if (!change.live) return "Git sets it, and the live object lacks it";
    if (!change.desired) return "gitopsctl applied it before, and Git no longer has it: it would be removed";
    if (says(step.desired, change.steps)) return "Git sets it, and the live value differs";
    return "gitopsctl applied it before, and Git no longer has it: it would go back to the default";
}

std::string jq_expression(const std::vector<std::string>& steps) {
    std::string text;
    for (const std::string_view step : steps) {
        const bool continues = !text.ends_with(')');
        if (!continues) text += " | ";
        if (is_name(step)) text += field_text(rest_of(step));
        else if (step.starts_with("i:")) text += (text.empty() || !continues ? ".[" : "[") + std::string(rest_of(step)) + "]";
        else text += std::string(text.empty() || !continues ? ".[]" : "[]") + " | " + selection(step);
    }
    return text.empty() ? "." : text;
}

Value ignore_entry(const kube::ResourceKey& key, const std::vector<FieldChange>& changes) {
    auto pointers = Value::list(), expressions = Value::list();
    for (const auto& change : changes) {
        if (std::ranges::all_of(change.steps, [](const auto& step) { return is_name(step); })) {
            doc::Pointer pointer;
            for (const auto& step : change.steps) pointer.emplace_back(rest_of(step));
            pointers.push_back(doc::format_pointer(pointer));
        } else {
            expressions.push_back(jq_expression(change.steps));
        }
    }
    auto entry = Value::map({{"group", key.group}, {"kind", key.kind}, {"name", key.name}});
    if (!key.ns.empty()) entry.set("namespace", key.ns);
    if (!pointers.empty()) entry.set("jsonPointers", pointers);
    if (!expressions.empty()) entry.set("jqPathExpressions", expressions);
    return entry;
}

}  // namespace gitops::deliver
