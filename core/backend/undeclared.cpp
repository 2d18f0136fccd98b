#include "core/backend/undeclared.hpp"

#include <set>
#include <string>

#include "core/base/text.hpp"
#include "core/doc/json.hpp"
#include "core/kube/schema.hpp"

namespace gitops::backend {
namespace {

using doc::Value;

constexpr std::string_view k_undeclared = ": field not declared in schema";

/// The paths that stand before k_undeclared, one in each line: "... patch object: .spec.foo: field not declared in schema".
std::set<std::string, std::less<>> undeclared_in(std::string_view message) {
    std::set<std::string, std::less<>> paths;
    for (const auto line : base::split(message, '\n')) {
        const auto end = line.find(k_undeclared);
        if (end == line.npos) continue;
        auto path = line.substr(0, end);
        if (const auto before = path.rfind(": ."); before != path.npos) path.remove_prefix(before + 2);
        paths.emplace(base::trim(path));
    }
    return paths;
}

/// The step to a list's item as the server writes it: "[name=\"web\"]", "[containerPort=80,protocol=\"TCP\"]", else "[3]".
std::string step_to(const Value& item, std::size_t index, const kube::Type& list) {
    std::string keys;
    if (list.merge() == kube::Merge::associative)
        for (const auto key : list.keys())
            if (const auto* value = item.find(key))
                keys += (keys.empty() ? "" : ",") + std::string(key) + "=" + doc::write_json(*value);
    return "[" + (keys.empty() ? std::to_string(index) : keys) + "]";
}

class Remover {
  public:
    explicit Remover(std::string_view message) : m_paths(undeclared_in(message)) {}

    void remove_from(Value& value, const kube::Type& type) {
        const auto length = m_path.size();
        for (std::size_t i = 0; value.is_list() && i < value.size(); ++i) {
            m_path += step_to(value.items()[i], i, type);
            remove_from(value.item(i), type.element());
            m_path.resize(length);
        }
        if (!value.is_map()) return;
        const Value before = value;
        for (const auto& entry : before.entries()) {
            m_path.append(".").append(entry.name());
            if (m_paths.contains(m_path)) {
                value.erase(entry.name());
                m_removed = true;
            } else if (!entry.value.is_scalar()) {
                remove_from(*value.find_mutable(entry.name()), type.field(entry.name()).value_or(kube::Type()));
            }
            m_path.resize(length);
        }
    }

    bool found_any() const { return !m_paths.empty(); }
    bool removed() const { return m_removed; }

  private:
    std::set<std::string, std::less<>> m_paths;
    std::string m_path;
    bool m_removed = false;
};

}  // namespace

std::optional<Value> without_undeclared(const Value& config, std::string_view message) {
    Remover remover(message);
    if (!remover.found_any()) return std::nullopt;
    Value rest = config;
    remover.remove_from(rest, kube::Schema::kubernetes().root(kube::gvk_of(config)));
    return remover.removed() ? std::optional(std::move(rest)) : std::nullopt;
}

}  // namespace gitops::backend
