#include "core/rollout/service_selector.hpp"

#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/kube/selector.hpp"

namespace gitops::rollout {

namespace {

using base::Code;
using base::Error;
using doc::Value;

Value pod_labels(const Value& deployment) {
    const auto* labels = deployment.path("spec", "template", "metadata", "labels");
    return labels == nullptr || !labels->is_map() ? Value::map() : *labels;
}

bool selects(const Value& selector, const Value& labels) { return kube::Selector::from_value(selector).matches(labels); }

bool differs(const Selection& selection, std::string_view key) {
    const auto* blue = selection.blue.find(key);
    const auto* green = selection.green.find(key);
    if (blue == nullptr || green == nullptr) return blue != green;
    return blue->text() != green->text();
}

std::string text_of(const Value& labels) {
    std::vector<std::string> words;
    for (const auto& entry : labels.entries()) words.push_back(std::string(entry.name()) + "=" + std::string(entry.value.text()));
    return words.empty() ? "nothing" : base::join(words, ",");
}

/// "version=blue and version=green": what the sides do not share.
std::string difference_of(const Selection& selection) {
    auto part = [&](Color color) {
        auto own = Value::map();
        for (const auto& entry : selection.labels(color).entries())
            if (differs(selection, entry.name())) own.set(entry.name(), entry.value);
        return text_of(own);
    };
    return "blue has " + part(Color::blue) + ", green has " + part(Color::green);
}

[[noreturn]] void refuse_alike(const Selection& selection) {
    throw Error(Code::invalid, "no selector can tell the sides apart: " + difference_of(selection) + " of its own")
        .hint("give the Pods of each side a label with a value of its own, such as version: blue and version: green");
}

}  // namespace

Selection selection_of(const Value& blue, const Value& green, const Value& service) {
    const auto* selector = service.path("spec", "selector");
    if (selector == nullptr || !selector->is_map() || selector->empty())
        throw Error(Code::invalid, "Service " + std::string(kube::name_of(service)) + " has no selector to switch");
    return {pod_labels(blue), pod_labels(green), *selector};
}

Color routed_to(const Selection& selection) {
    const bool blue = selects(selection.selector, selection.blue);
    const bool green = selects(selection.selector, selection.green);
    if (blue != green) return blue ? Color::blue : Color::green;
    const auto selector = text_of(selection.selector);
    if (blue)
        throw Error(Code::invalid, "the Service's selector " + selector + " selects both sides: " + difference_of(selection))
            .hint("add a label to it that only one side has");
    throw Error(Code::invalid, "the Service's selector " + selector + " selects neither side: blue is " + text_of(selection.blue) +
                                   ", green is " + text_of(selection.green));
}

Value selector_for(const Selection& selection, Color color) {
    const auto& own = selection.labels(color);
    const auto& others = selection.labels(other(color));
    auto next = Value::map();
    for (const auto& entry : selection.selector.entries()) {
        if (!differs(selection, entry.name())) next.set(entry.name(), entry.value);
        else if (const auto* value = own.find(entry.name())) next.set(entry.name(), *value);
    }
    for (const auto& entry : own.entries()) {
        if (!next.empty() && !selects(next, others)) break;
        if (differs(selection, entry.name())) next.set(entry.name(), entry.value);
    }
    if (next.empty() || selects(next, others) || !selects(next, own)) refuse_alike(selection);
    return next;
}

std::optional<kube::Patch> selector_patch(const Value& service, const Value& selector) {
    const auto* now = service.path("spec", "selector");
    auto change = Value::map();
    if (now != nullptr)
        for (const auto& entry : now->entries())
            if (selector.find(entry.name()) == nullptr) change.set(entry.name(), Value());
    for (const auto& entry : selector.entries()) {
        const auto* old = now == nullptr ? nullptr : now->find(entry.name());
        if (old == nullptr || old->text() != entry.value.text()) change.set(entry.name(), entry.value);
    }
    if (change.empty()) return std::nullopt;
    auto patch = Value::map({{"spec", Value::map({{"selector", std::move(change)}})}});
    return kube::Patch{kube::ref_of(service), kube::PatchKind::merge, std::move(patch), "", std::string(kube::resource_version_of(service))};
}

}  // namespace gitops::rollout
