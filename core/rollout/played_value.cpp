#include "core/rollout/played_value.hpp"

#include <charconv>
#include <cmath>

#include "core/base/text.hpp"

namespace gitops::rollout {

using Kind = Reading::Kind;

namespace {

std::optional<double> number(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

PlayedValue of_number(double value) { return {std::isnan(value) ? Kind::not_a_number : Kind::value, value}; }

}  // namespace

std::optional<PlayedValue> played_text(std::string_view text) {
    text = base::trim(text);
    const std::string lowered = base::lower(text);
    if (lowered.empty() || lowered == "nodata") return PlayedValue{Kind::no_data};
    if (lowered == "nan") return PlayedValue{Kind::not_a_number};
    if (lowered == "unreachable") return PlayedValue{Kind::unreachable};
    const auto value = number(text);
    return value ? std::optional(of_number(*value)) : std::nullopt;
}

std::optional<PlayedValue> played_node(const doc::Value& node) {
    auto played = node.is_null()     ? std::optional(PlayedValue{})
                  : node.is_string() ? played_text(node.text())
                  : node.is_number() ? std::optional(of_number(node.to_double().value_or(0)))
                                     : std::nullopt;
    if (played) played->line = static_cast<int>(node.line());
    return played;
}

Reading reading_of(const PlayedValue& played, const std::string& file) {
    const std::string place = file + ":" + std::to_string(played.line);
    switch (played.kind) {
        case Kind::value: return {played.kind, played.value};
        case Kind::no_data: return {played.kind, 0, "no value at " + place};
        case Kind::not_a_number: return {played.kind, 0, "NaN at " + place};
        case Kind::unreachable: return {played.kind, 0, "unreachable at " + place};
        case Kind::refused: break;
    }
    return {Kind::refused, 0, "refused at " + place};
}

Reading unknown_metric(const std::string& name, const std::vector<std::string>& known, const std::string& file) {
    std::string detail = file + " has no metric " + name;
    const auto near = base::near_names(name, known);
    if (!near.empty()) detail += " (did you mean " + near.front() + "?)";
    else if (!known.empty()) detail += "; it has " + base::join(known, ", ");
    return {Kind::refused, 0, detail};
}

}  // namespace gitops::rollout
