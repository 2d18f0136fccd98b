#include "core/deliver/health/health_book.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "core/base/error.hpp"
#include "core/base/glob.hpp"
#include "core/deliver/health/health_rules.hpp"
#include "core/io/lua.hpp"
#include "core/kube/catalog.hpp"
#include "core/kube/resource.hpp"

namespace gitops::deliver {
namespace {

using base::Code;
using base::Error;
using doc::Value;

constexpr std::size_t k_max_nodes = 500'000;  ///< of an object that a script is shown
constexpr std::array<std::string_view, 2> k_fields{"status", "message"};
constexpr std::array k_statuses{HealthStatus::healthy,  HealthStatus::suspended, HealthStatus::progressing,
                                HealthStatus::missing, HealthStatus::degraded,  HealthStatus::unknown};

using Nodes = std::vector<io::LuaNode>;

bool add_node(Nodes& nodes, std::string_view key, const Value& value, int depth);

/// Nulls are left out: in Lua a field that is nil is not there.
bool add_children(Nodes& nodes, const Value& value, int depth) {
    const std::size_t parent = nodes.size() - 1;
    const auto add = [&](std::string_view key, const Value& child) {
        if (child.is_null()) return true;
        ++nodes[parent].children;
        return add_node(nodes, key, child, depth + 1);
    };
    for (const auto& item : value.items())
        if (!add({}, item)) return false;
    for (const auto& entry : value.entries())
        if (!add(entry.name(), entry.value)) return false;
    return true;
}

/// False when the object is too large or too deep to be shown.
bool add_node(Nodes& nodes, std::string_view key, const Value& value, int depth) {
    using Kind = io::LuaNode::Kind;
    if (depth > io::k_max_lua_depth || nodes.size() >= k_max_nodes) return false;
    io::LuaNode node{.key = key};
    if (value.is_map() || value.is_list()) {
        node.kind = value.is_map() ? Kind::map : Kind::list;
        nodes.push_back(node);
        return add_children(nodes, value, depth);
    }
    const auto number = value.is_number() ? value.to_double() : std::nullopt;
    node.kind = value.is_bool() ? Kind::flag : number ? Kind::number : Kind::text;
    node.number = value.is_bool() ? (value.as_bool() ? 1 : 0) : number.value_or(0);
    if (node.kind == Kind::text) node.text = value.text();
    nodes.push_back(node);
    return true;
}

std::optional<HealthStatus> status_named(std::string_view name) {
    const auto found = std::find_if(k_statuses.begin(), k_statuses.end(), [&](HealthStatus s) { return health_name(s) == name; });
    return found == k_statuses.end() ? std::nullopt : std::optional(*found);
}

Health complaint(const HealthScript& script, std::string_view why) {
    return {HealthStatus::unknown, fmt::format("the health script {}: {}", script.origin, why)};
}

std::optional<Health> run(const HealthScript& script, const Value& object, const base::Clock& clock) {
    Nodes nodes;
    if (!add_node(nodes, {}, object, 1)) return complaint(script, "the object is too large or nested too deeply for it");
    auto answer = io::run_lua(script.text, script.origin, nodes, k_fields, clock);
    switch (answer.kind) {
        case io::LuaAnswer::Kind::nothing: return std::nullopt;
        case io::LuaAnswer::Kind::failed: return complaint(script, answer.text);
        case io::LuaAnswer::Kind::other:
            return complaint(script, fmt::format("it returned a {}, not a table with status and message", answer.text));
        case io::LuaAnswer::Kind::fields: break;
    }
    const auto status = status_named(answer.fields[0]);
    if (!status) return complaint(script, "it returned no status Argo CD knows");
    return Health{*status, std::move(answer.fields[1])};
}

bool is_wild(const HealthScript& script) {
    return script.group.find('*') != std::string::npos || script.kind.find('*') != std::string::npos;
}

std::string_view group_of(std::string_view api_version) {
    const auto slash = api_version.find('/');
    return slash == std::string_view::npos ? std::string_view{} : api_version.substr(0, slash);
}

/// A custom resource that nobody has looked at. One that is being deleted is told as any other.
bool waits_for_an_operator(const Value& object) {
    const auto* status = object.find("status");
    return (status == nullptr || status->empty()) && !kube::find_kind(kube::gvk_of(object)) && !kube::is_being_deleted(object);
}

std::string spread(std::string_view folder) {
    std::string pattern(folder);
    std::replace(pattern.begin(), pattern.end(), '_', '*');
    return pattern;
}

}  // namespace

struct HealthBook::Pages {
    std::vector<HealthScript> scripts;
    std::map<std::pair<std::string_view, std::string_view>, const HealthScript*> exact;
    std::vector<const HealthScript*> wild;
    const base::Clock& clock;

    Pages(std::vector<HealthScript> given, const base::Clock& timer) : scripts(std::move(given)), clock(timer) {
        for (const auto& script : scripts) {
            if (is_wild(script)) wild.push_back(&script);
            else exact.emplace(std::pair(std::string_view(script.group), std::string_view(script.kind)), &script);
        }
    }

    const HealthScript* find(std::string_view group, std::string_view kind) const {
        if (const auto found = exact.find({group, kind}); found != exact.end()) return found->second;
        const auto match = std::find_if(wild.begin(), wild.end(), [&](const HealthScript* script) {
            return base::glob_match(script->group, group, base::GlobMode::name) &&
                   base::glob_match(script->kind, kind, base::GlobMode::name);
        });
        return match == wild.end() ? nullptr : *match;
    }
};

HealthBook::HealthBook(std::vector<HealthScript> scripts, const base::Clock& clock) {
    if (scripts.size() > k_max_health_scripts)
        throw Error(Code::invalid, fmt::format("more than {} health scripts", k_max_health_scripts));
    for (const auto& script : scripts)
        if (script.text.size() > k_max_health_script)
            throw Error(Code::invalid,
                        fmt::format("the health script {} is longer than {} bytes", script.origin, k_max_health_script));
    if (!scripts.empty()) m_pages = std::make_shared<const Pages>(std::move(scripts), clock);
}

std::optional<Health> HealthBook::judge(const Value& live) const {
    const auto* script = m_pages ? m_pages->find(group_of(live.text_at("apiVersion")), live.text_at("kind")) : nullptr;
    if (script == nullptr) return m_operators == Operators::absent && waits_for_an_operator(live) ? std::nullopt : health_of(live);
    if (auto leaving = health_of_leaving(live)) return leaving;
    return run(*script, live, m_pages->clock);
}

HealthBook HealthBook::without_operators() const {
    auto book = *this;
    book.m_operators = Operators::absent;
    return book;
}

bool HealthBook::can_judge(const kube::Gvk& gvk) const {
    return can_have_health(gvk) || (m_pages && m_pages->find(gvk.group, gvk.kind) != nullptr);
}

HealthScript health_script_of_setting(std::string_view group_kind, std::string text, std::string origin) {
    const auto cut = group_kind.rfind('_');
    const bool is_core = cut == std::string_view::npos;
    return {std::string(is_core ? std::string_view{} : group_kind.substr(0, cut)),
            std::string(is_core ? group_kind : group_kind.substr(cut + 1)), std::move(text), std::move(origin)};
}

std::vector<HealthScript> health_scripts_in(const base::FileTree& tree, std::string_view origin) {
    std::vector<HealthScript> scripts;
    const auto take = [&](const std::string& folder, std::string_view group, std::string_view kind) {
        const auto path = folder + "/health.lua";
        if (tree.kind(path) != base::EntryKind::file) return;
        if (scripts.size() >= k_max_health_scripts)
            throw Error(Code::invalid, fmt::format("more than {} health scripts in {}", k_max_health_scripts, origin));
        scripts.push_back({spread(group), spread(kind), tree.read(path), fmt::format("{}/{}", origin, path)});
    };
    for (const auto& group : tree.list("")) {
        if (tree.kind(group.name) != base::EntryKind::directory) continue;
        take(group.name, "", group.name);
        for (const auto& kind : tree.list(group.name))
            if (tree.kind(group.name + "/" + kind.name) == base::EntryKind::directory)
                take(group.name + "/" + kind.name, group.name, kind.name);
    }
    return scripts;
}

}  // namespace gitops::deliver
