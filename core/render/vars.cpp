#include "core/render/vars.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "core/base/error.hpp"
#include "core/render/bounds.hpp"
#include "core/render/scalar.hpp"
#include "core/render/value_path.hpp"

namespace gitops::render {

using doc::Value;

namespace {

using VarValues = std::unordered_map<std::string, Value>;

/// "ports[0].name" -> {"ports", "0", "name"}.
PathParts var_path(const std::string& path) {
    PathParts parts;
    for (auto& part : split_value_path(path)) {
        auto open = part.rfind('[');
        bool indexed = part.ends_with(']') && open != std::string::npos && open > 0;
        if (!indexed) {
            parts.push_back(part);
            continue;
        }
        parts.push_back(part.substr(0, open));
        parts.push_back(part.substr(open + 1, part.size() - open - 2));
    }
    return parts;
}

/// The value as Go prints it with %v inside a longer text.
std::string go_text(const Value& value) {
    if (value.kind() != Value::Kind::floating) return std::string(value.text());
    auto number = value.to_double().value_or(0);
    char digits[400];
    auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    return {digits, end};
}

constexpr const char* k_too_much = "the vars make more than 64 MiB of text";

class Substitution {
  public:
    Substitution(const VarValues& values, std::set<std::string>& used) : m_values(values), m_used(used) {}

    /// The text with its variables replaced; a text that is one variable becomes the variable's value.
    Value replace(std::string_view text) {
        m_room.take(text.size(), k_too_much);
        std::string out;
        std::size_t done = 0;
        for (std::size_t at = 0; at < text.size(); ++at) {
            if (text[at] != '$' || at + 1 >= text.size()) continue;
            out += text.substr(done, at - done);
            at = take(text, at, out);
            if (m_whole) return *std::exchange(m_whole, std::nullopt);
            done = at + 1;
        }
        out += text.substr(std::min(done, text.size()));
        return out;
    }

  private:
    /// Handles what follows the '$' at `at`; returns the last byte used.
    std::size_t take(std::string_view text, std::size_t at, std::string& out) {
        char next = text[at + 1];
        if (next == '$') {
            out += '$';
            return at + 1;
        }
        auto close = next == '(' ? text.find(')', at + 2) : std::string_view::npos;
        if (close == std::string_view::npos) {
            out += '$';
            out += next;
            return at + 1;
        }
        std::string name(text.substr(at + 2, close - at - 2));
        bool whole = at == 0 && close + 1 == text.size();
        auto found = m_values.find(name);
        if (found == m_values.end() || !found->second.is_scalar()) {
            out += "$(" + name + ")";
            if (whole) m_whole = Value(text);
            return close;
        }
        m_used.insert(name);
        m_room.take(found->second.text().size(), k_too_much);
        out += go_text(found->second);
        if (whole) m_whole = found->second;
        return close;
    }

    const VarValues& m_values;
    std::set<std::string>& m_used;
    std::optional<Value> m_whole;
    Budget m_room{k_max_new_text};
};

void replace_in(Value& scalar, Substitution& substitution) {
    if (!scalar.is_string() || scalar.text().find('$') == std::string_view::npos) return;
    auto line = scalar.line();
    scalar = substitution.replace(scalar.text());
    scalar.set_style(Value::Style::none);
    scalar.set_line(line);
}

void replace_field(Value& field, Substitution& substitution) {
    if (field.is_map()) {
        std::vector<std::string> keys;
        for (const auto& entry : field.entries())
            if (entry.value.is_string() && entry.value.text().find('$') != std::string_view::npos) keys.emplace_back(entry.name());
        for (const auto& key : keys) replace_in(field.at(key), substitution);
        return;
    }
    if (!field.is_list()) return replace_in(field, substitution);
    for (std::size_t i = 0; i < field.size(); ++i) {
        const Value& item = field.items()[i];
        if (!item.is_string()) throw base::Error(base::Code::invalid, "invalid value type expect a string");
        if (item.text().find('$') != std::string_view::npos) replace_in(field.item(i), substitution);
    }
}

/// "{IP Service.v1.[noGrp] {status.ip}}", as Go prints the struct.
std::string go_text(const VarEntry& var) {
    return "{" + var.name + " " + gvk_text(var.gvk) + " {" + var.field_path + "}}";
}

Value value_of(const VarEntry& var, const Collection& objects) {
    for (const auto& object : objects.items()) {
        if (std::ranges::find(object->vars, var.name) == object->vars.end()) continue;
        const Value* value = look_up(object->node, var_path(var.field_path));
        if (value == nullptr)
            throw base::Error(base::Code::invalid, "field specified in var '" + go_text(var) + "' not found in corresponding resource");
        return value->is_null() ? Value(node_text(*value)) : *value;
    }
    throw base::Error(base::Code::invalid,
                      "var '" + go_text(var) + "' cannot be mapped to a field in the set of known resources");
}

}  // namespace

std::vector<std::string> resolve_vars(Accumulator& accumulator) {
    if (accumulator.vars.empty()) return {};
    std::set<std::string> names, used;
    VarValues values;
    for (const auto& var : accumulator.vars) {
        values[var.name] = value_of(var, accumulator.objects);
        names.insert(var.name);
    }
    Substitution substitution(values, used);
    for (const auto& object : accumulator.objects.items()) {
        for (const auto& spec : accumulator.config().var_reference)
            apply_spec(*object, spec, Leaf::none, [&](Value& field) { replace_field(field, substitution); });
        accumulator.objects.sync(*object);
    }
    std::vector<std::string> unused;
    std::ranges::set_difference(names, used, std::back_inserter(unused));
    return unused;
}

}  // namespace gitops::render
