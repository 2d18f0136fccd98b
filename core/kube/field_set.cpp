// The algebra of FieldSet and its FieldsV1 form.
#include <algorithm>

#include "core/base/error.hpp"
#include "core/doc/json.hpp"
#include "core/kube/fields.hpp"

namespace gitops::kube {

namespace {

using doc::Value;

constexpr std::string_view k_self = ".";

/// Foreign writers escape more characters than we do; one spelling is kept so that steps can be compared as text.
std::string normal_step(std::string_view step) {
    const bool by_value = step.starts_with("k:") || step.starts_with("v:");
    if (!by_value || step.find('\\') == std::string_view::npos) return std::string(step);
    try {
        const Value content = doc::read_json(step.substr(2));
        return std::string(step.substr(0, 2)) + doc::write_json(content, doc::JsonLayout::compact, doc::JsonKeys::sorted);
    } catch (const base::Error&) {
        return std::string(step);
    }
}

bool is_step(std::string_view text) {
    return text.size() >= 2 && text[1] == ':' && (text[0] == 'f' || text[0] == 'k' || text[0] == 'v' || text[0] == 'i');
}

void collect_paths(const FieldSet& set, const std::string& prefix, std::vector<std::string>& out) {
    for (const auto& [step, child] : set.children) {
        std::string path = prefix;
        append_path(path, step);
        if (child.member) out.push_back(path);
        collect_paths(child, path, out);
    }
}

/// "{"name":"web"}" -> "name=web".
std::string key_text(std::string_view json) {
    try {
        std::string out;
        const Value keys = doc::read_json(json);
        for (const auto& entry : keys.entries()) {
            if (!out.empty()) out.push_back(',');
            out.append(entry.name()).append("=").append(entry.value.text());
        }
        return out;
    } catch (const base::Error&) {
        return std::string(json);
    }
}

std::string value_text(std::string_view json) {
    try {
        const Value value = doc::read_json(json);
        return value.is_scalar() ? std::string(value.text()) : std::string(json);
    } catch (const base::Error&) {
        return std::string(json);
    }
}

}  // namespace

bool FieldSet::contains(const FieldSet& other) const {
    if (other.member && !member) return false;
    return std::all_of(other.children.begin(), other.children.end(), [&](const auto& child) {
        const FieldSet* own = find(child.first);
        return own != nullptr && own->contains(child.second);
    });
}

const FieldSet* FieldSet::find(std::string_view step) const {
    const auto found = children.find(step);
    return found == children.end() ? nullptr : &found->second;
}

FieldSet FieldSet::from_json(const Value& fields_v1) {
    FieldSet set;
    for (const auto& entry : fields_v1.entries()) {
        if (entry.name() == k_self) {
            set.member = true;
        } else if (is_step(entry.name())) {
            FieldSet child = from_json(entry.value);
            if (child.children.empty()) child.member = true;  // an empty map stands for the path itself
            set.children.insert_or_assign(set.children.end(), normal_step(entry.name()), std::move(child));
        }
    }
    return set;
}

Value FieldSet::to_json() const {
    std::vector<doc::Entry> entries;
    entries.reserve(children.size() + 1);
    if (member && !children.empty()) entries.push_back({Value(k_self), Value::map()});
    for (const auto& [step, child] : children) entries.push_back({Value(step), child.to_json()});
    return Value::map(std::move(entries));
}

FieldSet FieldSet::unite(const FieldSet& other) const {
    FieldSet out = *this;
    out.member |= other.member;
    for (const auto& [step, child] : other.children) {
        auto [found, fresh] = out.children.try_emplace(step, child);
        if (!fresh) found->second = found->second.unite(child);
    }
    return out;
}

FieldSet FieldSet::subtract(const FieldSet& other) const {
    FieldSet out;
    out.member = member && !other.member;
    for (const auto& [step, child] : children) {
        const FieldSet* taken = other.find(step);
        FieldSet rest = taken == nullptr ? child : child.subtract(*taken);
        if (!rest.empty()) out.children.emplace_hint(out.children.end(), step, std::move(rest));
    }
    return out;
}

FieldSet FieldSet::intersect(const FieldSet& other) const {
    FieldSet out;
    out.member = member && other.member;
    for (const auto& [step, child] : children) {
        const FieldSet* twin = other.find(step);
        if (twin == nullptr) continue;
        FieldSet shared = child.intersect(*twin);
        if (!shared.empty()) out.children.emplace_hint(out.children.end(), step, std::move(shared));
    }
    return out;
}

std::vector<std::string> FieldSet::paths() const {
    std::vector<std::string> out;
    collect_paths(*this, {}, out);
    return out;
}

std::string field_step(std::string_view name) { return std::string("f:").append(name); }

void append_path(std::string& path, std::string_view step) {
    const auto content = step.substr(std::min<std::size_t>(2, step.size()));
    if (step.starts_with("f:")) {
        if (content.empty() || content.find_first_of(".[]") != std::string_view::npos) {
            path.append("[").append(content).append("]");
        } else {
            if (!path.empty()) path.push_back('.');
            path.append(content);
        }
    } else if (step.starts_with("k:")) {
        path.append("[").append(key_text(content)).append("]");
    } else if (step.starts_with("v:")) {
        path.append("[=").append(value_text(content)).append("]");
    } else {
        path.append("[").append(content).append("]");
    }
}

}  // namespace gitops::kube
