#include "core/app/progressive/selector_edit.hpp"

#include <algorithm>
#include <set>

#include "core/app/compare.hpp"
#include "core/base/error.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Error;
using doc::Value;

/// Renderings that are tried before an edit is given up.
constexpr int k_most_attempts = 64;

struct LabelChange {
    std::string key, from, to;
};

/// Where the old value of a label stands in a text.
struct Spot {
    std::size_t at = 0;
    const LabelChange* change = nullptr;
};

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.' || c == '/'; }

std::size_t skip(const std::string& text, std::size_t at, std::string_view what) {
    while (at < text.size() && what.find(text[at]) != std::string_view::npos) ++at;
    return at;
}

/// Whether the old value stands at `at`, alone.
bool stands_at(const std::string& text, std::size_t at, const std::string& value) {
    const auto end = at + value.size();
    return text.compare(at, value.size(), value) == 0 && (end == text.size() || !is_word(text[end]));
}

/// The value of a JSON patch for the label: "path: /spec/selector/KEY" and "value: VALUE" near it.
void add_patch_spots(const std::string& text, const LabelChange& change, std::vector<Spot>& spots) {
    constexpr std::string_view k_value = "value";
    constexpr std::size_t k_near = 200;
    auto pointer = "/spec/selector/" + change.key;
    for (auto slash = pointer.find('/', 15); slash != std::string::npos; slash = pointer.find('/', slash)) pointer.replace(slash, 1, "~1");
    for (auto path = text.find(pointer); path != std::string::npos; path = text.find(pointer, path + 1)) {
        const auto begin = path < k_near ? 0 : path - k_near;
        for (auto at = text.find(k_value, begin); at < path + k_near; at = text.find(k_value, at + 1)) {
            const auto value = skip(text, at + k_value.size(), "\"': ");
            if (stands_at(text, value, change.from)) spots.push_back({value, &change});
        }
    }
}

/// "key: value" in any style of YAML that keeps both on one line, quoted or not, and JSON patches.
std::vector<Spot> spots_of(const std::string& text, const LabelChange& change) {
    std::vector<Spot> spots;
    add_patch_spots(text, change, spots);
    for (auto at = text.find(change.key); at != std::string::npos; at = text.find(change.key, at + 1)) {
        if (at > 0 && is_word(text[at - 1])) continue;
        auto value = skip(text, at + change.key.size(), "\"'");
        value = skip(text, value, " ");
        if (value >= text.size() || text[value] != ':') continue;
        value = skip(text, skip(text, value + 1, " "), "\"'");
        if (stands_at(text, value, change.from)) spots.push_back({value, &change});
    }
    return spots;
}

/// Each spot of the first change, with the nearest of every other one.
std::vector<std::vector<Spot>> candidates_of(const std::string& text, const std::vector<LabelChange>& changes) {
    std::vector<std::vector<Spot>> candidates;
    for (const auto& first : spots_of(text, changes.front())) {
        std::vector<Spot> spots{first};
        for (auto change = changes.begin() + 1; change != changes.end(); ++change) {
            const auto others = spots_of(text, *change);
            const auto distance = [&](const Spot& spot) { return spot.at > first.at ? spot.at - first.at : first.at - spot.at; };
            const auto nearest = std::ranges::min_element(others, {}, distance);
            if (nearest != others.end()) spots.push_back(*nearest);
        }
        if (spots.size() == changes.size()) candidates.push_back(std::move(spots));
    }
    return candidates;
}

std::string replaced(std::string text, std::vector<Spot> spots) {
    std::ranges::sort(spots, std::ranges::greater{}, &Spot::at);
    for (const auto& spot : spots) text.replace(spot.at, spot.change->from.size(), spot.change->to);
    return text;
}

const Value* selector_of(const render::Rendered& rendered, const kube::ResourceKey& service) {
    const auto* object = find_rendered(rendered, service);
    return object == nullptr ? nullptr : object->path("spec", "selector");
}

/// The Service as it is beside its selector.
Value without_selector(const render::Rendered& rendered, const kube::ResourceKey& service) {
    auto object = *find_rendered(rendered, service);
    object.at("spec").set("selector", Value());
    return object;
}

bool same_texts(const Value& a, const Value& b) {
    return a.size() == b.size() && std::ranges::all_of(a.entries(), [&](const auto& entry) { return b.text_at(entry.name()) == entry.value.text(); });
}

[[noreturn]] void refuse(const Application& application, const kube::ResourceKey& service, const std::string& why) {
    throw Error(Code::conflict, "no file of " + application.name + " can be edited so that " + service.text() + " selects the other side: " + why)
        .hint("write the label that differs on one line of the Service, such as version: blue, or commit the change yourself");
}

/// The values that change. Keys that come or go are no edit of a value.
std::vector<LabelChange> changes_of(const Application& application, const kube::ResourceKey& service, const Value& now, const Value& wanted) {
    std::vector<LabelChange> changes;
    for (const auto& entry : wanted.entries()) {
        const auto* old = now.find(entry.name());
        if (old == nullptr) refuse(application, service, "its selector has no label " + std::string(entry.name()) + " yet");
        if (old->text() != entry.value.text()) changes.push_back({std::string(entry.name()), std::string(old->text()), std::string(entry.value.text())});
    }
    if (now.size() != wanted.size()) refuse(application, service, "its selector has labels that the other side does not have");
    return changes;
}

}  // namespace

Files edit_selector(const Services& services, const Application& application, const base::FileTree& tree, const kube::ResourceKey& service, const Value& wanted) {
    const auto before = render_application(services, application, tree);
    const auto* now = selector_of(before, service);
    if (now == nullptr) throw Error(Code::not_found, "application " + application.name + " has no " + service.text() + " with a selector in Git");
    const auto changes = changes_of(application, service, *now, wanted);
    if (changes.empty()) return {};
    int attempts = 0;
    for (const auto& path : editable_files(before)) {
        const auto text = tree.read(path);
        for (const auto& spots : candidates_of(text, changes)) {
            if (++attempts > k_most_attempts) refuse(application, service, "too many places hold its labels");
            Files files{{path, replaced(text, spots)}};
            render::Rendered after;
            try {
                after = render_application(services, application, EditedTree(tree, files));
            } catch (const Error&) {
                continue;  // it was no place to edit
            }
            const auto* then = selector_of(after, service);
            if (then == nullptr || !same_texts(*then, wanted) || changed_keys(before, after) != std::vector{service}) continue;
            if (without_selector(before, service) == without_selector(after, service)) return files;
        }
    }
    refuse(application, service, "nothing but its selector may change by it");
}

}  // namespace gitops::app
