#include "core/deliver/plan_order.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "core/kube/catalog.hpp"

namespace gitops::deliver {
namespace {

constexpr std::string_view k_hook_weight = "helm.sh/hook-weight";

std::optional<int> parse_wave(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    int wave = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), wave);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return wave;
}

bool is_prune(const Step& step) { return step.desired.is_null(); }

/// Objects leave in the reverse order of waves in which they came: the lowest wave swaps with the highest.
void mirror_prune_waves(std::vector<Step>& steps) {
    std::set<int> distinct;
    for (const auto& step : steps)
        if (is_prune(step)) distinct.insert(step.wave);
    std::map<int, int> mirrored;
    auto highest = distinct.rbegin();
    for (const int wave : distinct) mirrored.emplace(wave, *highest++);
    for (auto& step : steps)
        if (is_prune(step)) step.wave = mirrored.at(step.wave);
}

void put_prunes_last(std::vector<Step>& steps) {
    int last = 0;
    for (const auto& step : steps)
        if (step.phase == Phase::sync) last = std::max(last, step.wave);
    for (auto& step : steps)
        if (is_prune(step) && step.options.prune_last) step.wave = last == std::numeric_limits<int>::max() ? last : last + 1;
}

void sort_steps(std::vector<Step>& steps) {
    const auto rank = [](const Step& step) {
        return std::tuple(step.phase, step.wave, !is_prune(step), kube::apply_rank(step.key.kind));
    };
    const auto name = [](const Step& step) {
        return std::tie(step.key.name, step.key.group, step.key.kind, step.key.ns);
    };
    std::vector<std::pair<decltype(rank(steps[0])), Step>> ranked;
    ranked.reserve(steps.size());
    for (auto& step : steps) ranked.emplace_back(rank(step), std::move(step));
    std::sort(ranked.begin(), ranked.end(), [&](const auto& a, const auto& b) {
        return a.first != b.first ? a.first < b.first : name(a.second) < name(b.second);
    });
    for (std::size_t i = 0; i < steps.size(); ++i) steps[i] = std::move(ranked[i].second);
}

using KindKey = std::pair<std::string, std::string>;

/// Where the first applied object of each namespace and of each kind stands.
struct FirstUsers {
    std::map<std::string, std::size_t> of_namespace;
    std::map<KindKey, std::size_t> of_kind;
};

FirstUsers first_users(const std::vector<Step>& steps) {
    FirstUsers users;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (is_prune(steps[i]) || steps[i].action == Action::skip) continue;
        const auto& key = steps[i].key;
        if (!key.ns.empty()) users.of_namespace.try_emplace(key.ns, i);
        users.of_kind.try_emplace(KindKey(key.group, key.kind), i);
    }
    return users;
}

/// The step that `step` must not come after, when it provides something another needs.
std::optional<std::size_t> first_user(const Step& step, const FirstUsers& users) {
    if (is_prune(step)) return std::nullopt;
    if (step.key.kind == "Namespace" && step.key.group.empty()) {
        const auto found = users.of_namespace.find(step.key.name);
        return found == users.of_namespace.end() ? std::nullopt : std::optional(found->second);
    }
    if (step.key.kind != "CustomResourceDefinition") return std::nullopt;
    const auto* group = step.desired.path("spec", "group");
    const auto* kind = step.desired.path("spec", "names", "kind");
    if (group == nullptr || kind == nullptr) return std::nullopt;
    const auto found = users.of_kind.find(KindKey(group->text(), kind->text()));
    return found == users.of_kind.end() ? std::nullopt : std::optional(found->second);
}

void pull_providers_forward(std::vector<Step>& steps) {
    const auto users = first_users(steps);
    std::map<std::size_t, std::vector<std::size_t>> in_front_of;
    std::vector<bool> moved(steps.size(), false);
    for (std::size_t i = 0; i < steps.size(); ++i)
        if (const auto user = first_user(steps[i], users); user && *user < i) {
            in_front_of[*user].push_back(i);
            moved[i] = true;
        }
    if (in_front_of.empty()) return;
    std::vector<Step> ordered;
    ordered.reserve(steps.size());
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (const auto providers = in_front_of.find(i); providers != in_front_of.end())
            for (const auto provider : providers->second) {
                steps[provider].phase = steps[i].phase;
                steps[provider].wave = steps[i].wave;
                ordered.push_back(std::move(steps[provider]));
            }
        if (!moved[i]) ordered.push_back(std::move(steps[i]));
    }
    steps = std::move(ordered);
}

}  // namespace

int wave_of(const doc::Value& object) {
    for (const auto key : {k_sync_wave_annotation, k_hook_weight})
        if (const auto wave = parse_wave(kube::annotation_of(object, key))) return *wave;
    return 0;
}

std::optional<std::string> wave_problem(const doc::Value& object) {
    const auto text = kube::annotation_of(object, k_sync_wave_annotation);
    if (text.empty() || parse_wave(text)) return std::nullopt;
    return fmt::format("the sync wave \"{}\" is no whole number, so wave {} counts", text, wave_of(object));
}

void order_steps(std::vector<Step>& steps) {
    if (steps.empty()) return;
    mirror_prune_waves(steps);
    put_prunes_last(steps);
    sort_steps(steps);
    pull_providers_forward(steps);
}

}  // namespace gitops::deliver
