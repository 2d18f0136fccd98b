// Without a mesh: traffic goes where the apex Service selects pods. `kubernetes` selects one side or the other; `replicas` both,
// so that the number of pods on each side is the share of the requests.
#include <array>
#include <fmt/format.h>

#include "core/base/error.hpp"
#include "core/rollout/services.hpp"
#include "core/rollout/traffic/traffic_provider.hpp"

namespace gitops::rollout {

namespace {

using base::Code;
using base::Error;
using doc::Value;

constexpr std::string_view k_weight = "gitopsctl.io/weight";      ///< of the canary, on the apex
constexpr std::string_view k_replicas = "gitopsctl.io/replicas";  ///< of the primary before the run, on the apex

kube::ObjectRef apex_ref(const CanarySpec& spec) { return {.gvk = {"", "v1", "Service"}, .ns = spec.ns, .name = spec.apex()}; }

kube::ObjectRef workload_ref(const CanarySpec& spec, const std::string& name) {
    return {.gvk = {kube::group_of(spec.target.api_version), kube::version_of(spec.target.api_version), spec.target.kind},
            .ns = spec.ns,
            .name = name};
}

std::vector<kube::ObjectRef> objects(const CanarySpec& spec, const TrafficProvider&) {
    return {apex_ref(spec), workload_ref(spec, spec.target.name), workload_ref(spec, spec.primary_name())};
}

const Value& required(const RouteInput& input, const kube::ObjectRef& ref) {
    const auto* object = input.find(ref);
    if (object == nullptr)
        throw Error(Code::not_found, fmt::format("{} {}/{} is not in the cluster", ref.gvk.kind, ref.ns, ref.name));
    return *object;
}

Value with_selector(const Value& apex, const Texts& selector) {
    auto next = apex;
    next.at("spec").set("selector", to_value(selector));
    return next;
}

std::vector<Value> build_switch(const RouteInput& input, const Split& split) {
    const auto& target = required(input, workload_ref(input.spec, input.spec.target.name));
    const auto selector = apex_selector(input.spec, selector_label(target), split);
    if (!selector) return {};
    return {with_selector(required(input, apex_ref(input.spec)), *selector)};
}

/// Only the state of the run knows the weight: between 0 and 100 nothing in the cluster shows it.
std::optional<Split> read_switch(const RouteInput&) { return std::nullopt; }

int status_of(const Value& workload, std::string_view field) {
    const auto* status = workload.find("status");
    return status == nullptr ? 0 : weight_at(*status, field, 0);
}

/// One side on its way to a number of pods.
struct Side {
    const Value& workload;
    int wanted = 0;

    int now() const { return replicas_of(workload); }
    /// As many as wanted can take requests.
    bool serves() const { return status_of(workload, "availableReplicas") >= wanted; }
    /// No more than wanted are left.
    bool has_shrunk() const { return now() <= wanted && status_of(workload, "replicas") <= wanted; }
    Value scaled(int replicas) const {
        auto next = workload;
        next.at("spec").set("replicas", replicas);
        return next;
    }
};

struct Shares {
    Side primary;
    Side canary;
    int total = 1;
};

Shares shares_of(const RouteInput& input, const Split& split, const Value& apex) {
    const auto& spec = input.spec;
    if (spec.target.kind != "Deployment")
        throw Error(Code::invalid,
                    fmt::format("provider replicas divides traffic by the number of pods, which a {} has no choice of",
                                spec.target.kind));
    const auto& target = required(input, workload_ref(spec, spec.target.name));
    const auto& primary = required(input, workload_ref(spec, spec.primary_name()));
    const int noted = [&] {
        auto number = Value::map();
        const auto text = kube::annotation_of(apex, k_replicas);
        if (!text.empty()) number.set("replicas", Value::number(Value::Kind::integer, text));
        return weight_at(number, "replicas", 0);
    }();
    const int total = std::max(1, noted > 0 ? noted : replicas_of(primary));
    auto counts = replica_counts(split.canary, total, total);
    if (spec.autoscaler && split.canary > 0) {  // the primary is sized by its autoscaler, the canary in proportion to it
        counts.primary = replicas_of(primary);
        const std::int64_t rest = 100 - split.canary;
        const auto nearest = rest > 0 ? (std::int64_t{counts.primary} * split.canary * 2 + rest) / (rest * 2) : 0;
        if (rest > 0) counts.canary = std::max(1, static_cast<int>(nearest));
        else counts.canary = counts.primary;
    }
    return {{primary, counts.primary}, {target, counts.canary}, total};
}

/// The order keeps users served: a side grows first, and the other one shrinks when that is ready; the canary is selected beside
/// the primary only when it has no more pods than its share.
std::vector<Value> build_shares(const RouteInput& input, const Split& split) {
    const auto& apex = required(input, apex_ref(input.spec));
    const auto shares = shares_of(input, split, apex);
    const auto& primary = shares.primary;
    const auto& canary = shares.canary;
    const auto label = selector_label(canary.workload);
    const auto selector = *apex_selector(input.spec, label, split);
    const auto selector_now = texts_of(apex.path("spec", "selector"));
    const bool is_selected = selector_now == selector;
    const bool serves_nobody = selector_now == *apex_selector(input.spec, label, {});  // the canary
    bool may_select = true;
    if (split.canary >= 100) may_select = canary.serves();
    else if (split.canary > 0) may_select = !serves_nobody || canary.has_shrunk();

    auto next = may_select ? with_selector(apex, selector) : apex;
    kube::set_annotation(next, k_weight, std::to_string(split.canary));
    if (split.canary > 0) kube::set_annotation(next, k_replicas, std::to_string(shares.total));
    else if (primary.now() == shares.total) next.at("metadata").at("annotations").erase(k_replicas);
    std::vector<Value> documents{std::move(next)};

    if (primary.now() < primary.wanted) documents.push_back(primary.scaled(primary.wanted));
    if (split.canary == 0) return documents;  // the target is scaled down by whoever ends the run
    if (canary.now() < canary.wanted) documents.push_back(canary.scaled(canary.wanted));
    if (canary.now() > canary.wanted && (serves_nobody || primary.serves())) documents.push_back(canary.scaled(canary.wanted));
    if (primary.now() > primary.wanted && canary.serves() && is_selected) documents.push_back(primary.scaled(primary.wanted));
    return documents;
}

bool have_shares_arrived(const RouteInput& input, const Split& split) {
    const auto& apex = required(input, apex_ref(input.spec));
    const auto shares = shares_of(input, split, apex);
    const auto selector = *apex_selector(input.spec, selector_label(shares.canary.workload), split);
    if (texts_of(apex.path("spec", "selector")) != selector) return false;
    const bool is_primary_there = shares.primary.serves() && (split.canary >= 100 || shares.primary.has_shrunk());
    return is_primary_there && (split.canary == 0 || (shares.canary.serves() && shares.canary.has_shrunk()));
}

std::optional<Split> read_shares(const RouteInput& input) {
    const auto* apex = input.find(apex_ref(input.spec));
    const auto text = apex == nullptr ? std::string_view{} : kube::annotation_of(*apex, k_weight);
    if (text.empty()) return std::nullopt;
    auto number = Value::map();
    number.set("weight", Value::number(Value::Kind::integer, text));
    return Split{std::min(100, weight_at(number, "weight", 0)), false, false};
}

constexpr std::array k_rows{
    TrafficProvider{"kubernetes", "v1", {}, objects, build_switch, read_switch},
    TrafficProvider{"replicas", "v1", {.has_weights = true}, objects, build_shares, read_shares, nullptr, have_shares_arrived},
};

}  // namespace

std::span<const TrafficProvider> service_providers() { return k_rows; }

}  // namespace gitops::rollout
