#include "core/render/value_path.hpp"

#include <charconv>
#include <span>

#include <re2/re2.h>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/render/field_spec.hpp"
#include "core/render/object.hpp"
#include "core/render/scalar.hpp"

namespace gitops::render {

using doc::Value;

namespace {

constexpr std::int64_t k_pattern_memory = 8 << 20;

using Parts = std::span<const std::string>;

[[noreturn]] void refuse(const std::string& message) { throw base::Error(base::Code::invalid, message); }

void need(const Value& value, Value::Kind kind, std::string_view name) {
    if (value.is_null() || value.kind() == kind) return;
    std::string_view got = value.is_map() ? "MappingNode" : value.is_list() ? "SequenceNode" : "ScalarNode";
    refuse("wrong node kind: expected " + std::string(name) + " but got " + std::string(got));
}

/// A whole number without sign or with '+'; nullopt for anything else.
std::optional<std::int64_t> index_of(std::string_view part) {
    std::int64_t index = 0;
    auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
    if (part.empty() || error != std::errc{} || end != part.data() + part.size()) return std::nullopt;
    return index;
}

bool is_index(std::string_view part) {
    auto index = index_of(part);
    return index && *index >= 0;
}

struct ElementKey {
    std::string name, text;
};

ElementKey element_key(std::string_view part) {
    part = part.substr(1, part.size() - 2);
    auto equals = part.find('=');
    if (equals == std::string_view::npos)
        refuse("list path element must contain fieldName=fieldValue for element to match");
    return {std::string(part.substr(0, equals)), std::string(part.substr(equals + 1))};
}

const Value* element_at(const Value& list, std::string_view part) {
    need(list, Value::Kind::list, "SequenceNode");
    ElementKey key = element_key(part);
    for (const auto& item : list.items()) {
        if (key.name.empty()) {
            if (scalar_text(&item) == key.text) return &item;
        } else if (item.is_map()) {
            const Value* field = item.find(key.name);
            if (field != nullptr && (field->is_scalar() ? node_text(*field) : "") == key.text) return &item;
        }
    }
    return nullptr;
}

/// The scalar as a YAML emitter would write it, quotes included: what element patterns are tried on.
std::string printed(const Value& value) {
    if (!value.is_scalar()) return {};
    std::string text = node_text(value);
    switch (value.style()) {
        case Value::Style::single_quoted: return "'" + text + "'";
        case Value::Style::double_quoted: return "\"" + text + "\"";
        case Value::Style::none:
            return value.is_string() && !is_plain_string(text) ? "\"" + text + "\"" : text;
        case Value::Style::plain:
        case Value::Style::literal:
        case Value::Style::folded: return std::string(base::trim(text));
    }
    return text;
}

class Matcher {
  public:
    Matcher(Make make, const std::function<void(Met)>& function) : m_make(make), m_function(function) {}

    std::size_t count = 0;

    void match(Value& value, Parts path, bool made) {
        if (path.empty()) {
            ++count;
            m_function({value, made});
            return;
        }
        const std::string& part = path.front();
        if (is_index(part)) return match_index(value, path);
        if (is_element_part(part)) return match_elements(value, path);
        if (part == "*") {
            need(value, Value::Kind::list, "SequenceNode");
            for (std::size_t i = 0; i < value.size(); ++i) match(value.item(i), path.subspan(1), false);
            return;
        }
        match_field(value, path);
    }

  private:
    /// What a missing part has to be so that the rest of the path fits it.
    Value fresh(Parts rest) const {
        if (rest.empty()) {
            switch (m_make) {
                case Make::nothing:
                case Make::scalar: return "";
                case Make::map: return Value::map();
                case Make::list: return Value::list();
            }
        }
        return is_element_part(rest.front()) || is_index(rest.front()) ? Value::list() : Value::map();
    }

    void match_field(Value& value, Parts path) {
        need(value, Value::Kind::map, "MappingNode");
        Value* field = value.find_mutable(path.front());
        bool made = false;
        if (field == nullptr) {
            if (m_make == Make::nothing) return;
            made = true;
            field = &value.at(path.front());
            *field = fresh(path.subspan(1));
        }
        if (field->is_scalar() && path.size() > 1) {
            if (field->is_null()) {
                if (m_make == Make::nothing) return;
                if (!is_explicit_null(*field)) need_written_down(path[1]);
                Value inside = fresh(path.subspan(1));  // again a copy, which is lost
                return match(inside, path.subspan(1), false);
            } else {
                if (field->text().empty()) need_written_down(path[1]);
                Value inside = doc::read_yaml_one(field->text());  // meets a copy only, as in kustomize
                return match(inside, path.subspan(1), false);
            }
        }
        match(*field, path.subspan(1), made);
    }

    /// Nothing behind a colon is no document in which a part could be made.
    [[noreturn]] static void need_written_down(std::string_view part) {
        bool list = is_element_part(part) || is_index(part) || part == "*";
        refuse(std::string("wrong node kind: expected ") + (list ? "SequenceNode" : "MappingNode") + " but got an empty value");
    }

    void match_index(Value& value, Parts path) {
        need(value, Value::Kind::list, "SequenceNode");
        auto index = static_cast<std::size_t>(*index_of(path.front()));
        bool made = false;
        if (index == value.size() && m_make != Make::nothing) {
            value.push_back(fresh(path.subspan(1)));
            made = true;
        }
        if (index >= value.size())
            refuse("index " + path.front() + " specified but only " + std::to_string(value.size()) + " elements found");
        match(value.item(index), path.subspan(1), made);
    }

    void match_elements(Value& value, Parts path) {
        need(value, Value::Kind::list, "SequenceNode");
        ElementKey key = element_key(path.front());
        RE2::Options options;
        options.set_log_errors(false);
        options.set_max_mem(k_pattern_memory);
        RE2 pattern(key.text, options);
        if (!pattern.ok()) refuse("error parsing regexp '" + key.text + "': " + pattern.error());
        std::size_t before = count;
        match_each(value, path, key, pattern);
        if (m_make == Make::nothing || count != before) return;
        Value element = resolve_plain(key.text);
        if (!key.name.empty()) {
            Value map = Value::map();
            map.set(key.name, std::move(element));
            element = std::move(map);
        }
        value.push_back(std::move(element));
        match_each(value, path, key, pattern);
    }

    void match_each(Value& value, Parts path, const ElementKey& key, const RE2& pattern) {
        for (std::size_t i = 0; i < value.size(); ++i) {
            const Value& item = value.items()[i];
            const Value* subject = key.name.empty() ? &item : item.find(key.name);
            if (subject == nullptr || !RE2::PartialMatch(printed(*subject), pattern)) continue;
            if (key.name.empty()) match(value.item(i), {}, false);
            else match(value.item(i), path.subspan(1), false);
        }
    }

    Make m_make;
    const std::function<void(Met)>& m_function;
};

}  // namespace

bool is_element_part(std::string_view part) { return part.size() >= 2 && part.starts_with('[') && part.ends_with(']'); }

PathParts split_value_path(std::string_view path) {
    PathParts parts;
    auto raw = split_path(path, '.');
    for (std::size_t i = 0; i < raw.size(); ++i) {
        std::string part = raw[i];
        if (part.starts_with('[') && !part.ends_with(']')) {
            while (i + 1 < raw.size()) {
                part += "." + raw[++i];
                if (raw[i].ends_with(']')) break;
            }
            if (part.find('=') == std::string::npos) {
                auto first = part.find_first_not_of("[]");
                auto last = part.find_last_not_of("[]");
                part = first == std::string::npos ? "" : part.substr(first, last - first + 1);
            }
        }
        parts.push_back(std::move(part));
    }
    return parts;
}

const Value* look_up(const Value& root, const PathParts& path) {
    const Value* at = &root;
    for (const auto& raw : path) {
        std::string_view part = base::trim(raw);
        if (part.empty()) continue;
        if (at->is_null()) return nullptr;
        if (auto index = index_of(part)) {
            if (*index < 0) refuse("array index " + std::string(part) + " cannot be negative");
            need(*at, Value::Kind::list, "SequenceNode");
            at = static_cast<std::size_t>(*index) < at->size() ? &at->items()[static_cast<std::size_t>(*index)] : nullptr;
        } else if (part == "-") {
            need(*at, Value::Kind::list, "SequenceNode");
            at = at->empty() ? nullptr : &at->items().back();
        } else if (part == "*") {
            refuse("wildcard is not supported in PathGetter");
        } else if (is_element_part(part)) {
            at = element_at(*at, part);
        } else {
            need(*at, Value::Kind::map, "MappingNode");
            at = at->find(part);
        }
        if (at == nullptr) return nullptr;
    }
    return at;
}

std::size_t match_path(Value& root, const PathParts& path, Make make, const std::function<void(Met)>& function) {
    Matcher matcher(make, function);
    matcher.match(root, path, false);
    return matcher.count;
}

}  // namespace gitops::render
