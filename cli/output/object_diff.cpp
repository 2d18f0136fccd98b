#include "cli/output/object_diff.hpp"

#include "core/base/text.hpp"
#include "core/deliver/diff.hpp"
#include "core/deliver/text_diff.hpp"
#include "core/doc/yaml_write.hpp"
#include "core/kube/resource.hpp"

namespace gitops::cli {

namespace {

struct Sides {
    doc::Value live;
    doc::Value desired;
};

Sides sides_of(const deliver::Step& step) {
    if (step.desired.is_null()) return {deliver::diff_object(step.live, step.live).live, {}};
    if (step.live.is_null()) return {{}, step.desired};
    const deliver::ObjectDiff diff = deliver::diff_of(step);
    return {diff.live, diff.predicted};
}

std::string text_of(const doc::Value& object) { return object.is_null() ? std::string() : doc::write_yaml(object); }

Color line_color(std::string_view line) {
    if (line.starts_with("+++") || line.starts_with("---")) return Color::bold;
    if (line.starts_with('+')) return Color::green;
    if (line.starts_with('-')) return Color::red;
    return line.starts_with("@@") ? Color::cyan : Color::plain;
}

}  // namespace

std::string step_diff(const deliver::Step& step) {
    Sides sides = sides_of(step);
    const std::vector<doc::Value> masked = kube::mask_secrets({sides.live, sides.desired}, step.masked);
    return deliver::unified_diff(text_of(masked.at(0)), text_of(masked.at(1)), "live", "desired");
}

std::string painted_diff(std::string_view diff, Paint paint) {
    if (paint == Paint::no) return std::string(diff);
    std::string text;
    if (diff.ends_with('\n')) diff.remove_suffix(1);
    for (const std::string_view line : base::split(diff, '\n')) text += painted(line_color(line), line) + "\n";
    return text;
}

}  // namespace gitops::cli
