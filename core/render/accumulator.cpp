#include "core/render/accumulator.hpp"

#include <algorithm>

#include "core/base/error.hpp"

namespace gitops::render {

std::shared_ptr<const TransformerConfig> default_config() {
    // Never freed: hundreds of small strings less to free when the program ends.
    static const auto* const config = [] {
        auto merged = std::make_shared<TransformerConfig>();
        merged->merge(make_default_config());
        return new std::shared_ptr<const TransformerConfig>(std::move(merged));
    }();
    return *config;
}

const TransformerConfig& Accumulator::config() const {
    static const TransformerConfig empty;
    return m_config == nullptr ? empty : *m_config;
}

void Accumulator::merge_config(const std::shared_ptr<const TransformerConfig>& more) {
    if (more == nullptr || more == m_config) return;
    if (m_config == nullptr && more == default_config()) {
        m_config = more;
        return;
    }
    auto merged = std::make_shared<TransformerConfig>(config());
    merged->merge(*more);
    m_config = std::move(merged);
}

void Accumulator::resettle_config() {
    if (m_config == nullptr || m_config == default_config()) return;
    auto merged = std::make_shared<TransformerConfig>();
    merged->merge(*m_config);
    m_config = std::move(merged);
}

void Accumulator::add_var(const VarEntry& var) {
    bool known = std::ranges::any_of(vars, [&](const VarEntry& old) { return old.name == var.name; });
    if (known) throw base::Error(base::Code::invalid, "var '" + var.name + "' already encountered");
    vars.push_back(var);
}

void Accumulator::add_vars(const std::vector<VarEntry>& more) {
    for (const auto& var : more) {
        Id id;
        id.gvk = var.gvk;
        id.name = var.object_name;
        id.ns = var.object_ns;
        auto matches = !id.ns.empty() ? objects.find_any(id) : objects.find_any_namespace(id);
        if (matches.size() > 1)
            throw base::Error(base::Code::invalid, "found " + std::to_string(matches.size()) + " resId matches for var " +
                                                       var.name + " (unable to disambiguate)");
        if (!matches.empty()) matches.front()->vars.push_back(var.name);
    }
    for (const auto& var : more) add_var(var);
}

void Accumulator::merge(Accumulator base) {
    objects.append_all(base.objects);
    merge_config(base.m_config);
    for (const auto& var : base.vars) add_var(var);
}

}  // namespace gitops::render
