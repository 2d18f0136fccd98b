#include "core/rollout/lint_notes.hpp"

#include <algorithm>
#include <charconv>

namespace gitops::rollout {

namespace {

using doc::Value;

/// Follows a dotted path as far as it goes, and says how far that was.
struct Found {
    const Value* value;
    int line;
    bool is_whole;
};

const Value* item_of(const Value& list, std::string_view index) {
    std::size_t number = 0;
    std::from_chars(index.data(), index.data() + index.size(), number);
    return number < list.size() && list.is_list() ? &list.items()[number] : nullptr;
}

Found follow(const Value& document, std::string_view field) {
    const Value* at = &document;
    int line = 0;
    while (!field.empty()) {
        const auto end = field.find_first_of(".[", 1);
        auto step = field.substr(0, end);
        field = end == std::string_view::npos ? std::string_view{} : field.substr(end);
        if (step.starts_with('.')) step.remove_prefix(1);
        const auto* next = step.starts_with('[') ? item_of(*at, step.substr(1)) : at->find(step);
        if (next == nullptr) return {at, line, false};
        at = next;
        if (at->line() != 0) line = static_cast<int>(at->line());
    }
    return {at, line, true};
}

}  // namespace

void LintNotes::add(Severity severity, std::string field, std::string message, std::string hint) {
    const int line = follow(m_document, field).line;
    m_findings.push_back({severity, std::move(field), std::move(message), std::move(hint), line});
}

void LintNotes::refuse(std::string field, std::string message, std::string hint) {
    add(Severity::error, std::move(field), std::move(message), std::move(hint));
}

void LintNotes::warn(std::string field, std::string message, std::string hint) {
    add(Severity::warning, std::move(field), std::move(message), std::move(hint));
}

void LintNotes::inform(std::string field, std::string message, std::string hint) {
    add(Severity::info, std::move(field), std::move(message), std::move(hint));
}

bool LintNotes::has_deprecated_analysis() const {
    const auto* analysis = m_document.path("spec", "analysis");
    const auto* deprecated = m_document.path("spec", "canaryAnalysis");
    return (analysis == nullptr || analysis->is_null()) && deprecated != nullptr && !deprecated->is_null();
}

std::string LintNotes::analysis(std::string_view key) const {
    std::string field = has_deprecated_analysis() ? "spec.canaryAnalysis" : "spec.analysis";
    return key.empty() ? field : field + "." + std::string(key);
}

const Value* LintNotes::find(std::string_view field) const {
    const auto found = follow(m_document, field);
    return found.is_whole ? found.value : nullptr;
}

std::vector<Finding> LintNotes::sorted() {
    std::ranges::stable_sort(m_findings, {}, [](const Finding& finding) { return finding.severity; });
    return std::move(m_findings);
}

}  // namespace gitops::rollout
