#include "core/rollout/journal.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/base/error.hpp"

namespace gitops::rollout {

namespace {

using doc::Value;

// What is read may have been written by anybody who may write a ConfigMap.
constexpr std::size_t k_most_entries = 20'000;
constexpr std::size_t k_most_checks = 100;
constexpr std::size_t k_most_text = std::size_t{4} << 10;
constexpr std::size_t k_most_query = std::size_t{16} << 10;

struct VerdictName {
    Verdict verdict;
    std::string_view name;
};
constexpr std::array k_verdicts{VerdictName{Verdict::pass, "pass"}, VerdictName{Verdict::fail, "fail"},
                                VerdictName{Verdict::no_data, "noData"}, VerdictName{Verdict::unreachable, "unreachable"},
                                VerdictName{Verdict::inconclusive, "inconclusive"}};

struct KindName {
    EntryKind kind;
    std::string_view name;
};
constexpr std::array k_kinds{KindName{EntryKind::phase, "phase"},       KindName{EntryKind::advance, "advance"},
                             KindName{EntryKind::halt, "halt"},         KindName{EntryKind::rollback, "rollback"},
                             KindName{EntryKind::promote, "promote"},   KindName{EntryKind::gate, "gate"},
                             KindName{EntryKind::command, "command"},   KindName{EntryKind::note, "note"}};

Value text_value(const std::string& text) { return text.empty() ? Value() : Value(text); }

/// JSON has no infinities, and measurements may be infinite: they are texts. NaN is no value.
Value number_value(const std::optional<double>& number) {
    if (!number || std::isnan(*number)) return {};
    if (std::isinf(*number)) return *number > 0 ? "+Inf" : "-Inf";
    return *number;
}

std::optional<double> number_at(const Value& map, std::string_view key) {
    const auto* value = map.find(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_string()) {
        if (value->text() == "+Inf") return std::numeric_limits<double>::infinity();
        if (value->text() == "-Inf") return -std::numeric_limits<double>::infinity();
        return std::nullopt;
    }
    const auto number = value->to_double();
    return number && std::isnan(*number) ? std::nullopt : number;
}

int count_at(const Value& map, std::string_view key, int most) {
    const auto* value = map.find(key);
    const auto number = value == nullptr ? 0 : value->to_int().value_or(0);
    return static_cast<int>(std::clamp<std::int64_t>(number, 0, most));
}

std::string text_at(const Value& map, std::string_view key, std::size_t most = k_most_text) {
    auto text = map.text_at(key);
    if (text.size() <= most) return std::string(text);
    // Not in the middle of a character.
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
    return std::string(text.substr(0, most));
}

CheckResult read_check(const Value& value) {
    CheckResult check;
    check.name = text_at(value, "name");
    // A word of a later version says nothing for the canary and nothing against it.
    check.verdict = Verdict::inconclusive;
    for (const auto& known : k_verdicts)
        if (known.name == value.text_at("verdict")) check.verdict = known.verdict;
    check.value = number_at(value, "value");
    check.range = {number_at(value, "min"), number_at(value, "max")};
    check.query = text_at(value, "query", k_most_query);
    check.detail = text_at(value, "detail");
    return check;
}

JournalEntry read_entry(const Value& value) {
    JournalEntry entry;
    entry.at = base::parse_rfc3339(value.text_at("at")).value_or(base::Time{});
    entry.tick = count_at(value, "tick", std::numeric_limits<int>::max() - 1);
    entry.phase = text_at(value, "phase");
    entry.weight = count_at(value, "weight", 100);
    for (const auto& known : k_kinds)
        if (known.name == value.text_at("kind")) entry.kind = known.kind;
    entry.message = text_at(value, "message");
    if (const auto* checks = value.find("checks"); checks != nullptr)
        for (const auto& check : checks->items().first(std::min(checks->size(), checks->is_list() ? k_most_checks : 0)))
            entry.checks.push_back(read_check(check));
    return entry;
}

}  // namespace

std::string_view verdict_name(Verdict verdict) {
    for (const auto& known : k_verdicts)
        if (known.verdict == verdict) return known.name;
    return "";
}

std::string_view entry_kind_name(EntryKind kind) {
    for (const auto& known : k_kinds)
        if (known.kind == kind) return known.name;
    return "";
}

Value to_value(const CheckResult& check) {
    auto value = Value::map();
    value.set("name", check.name);
    value.set("verdict", verdict_name(check.verdict));
    value.set("value", number_value(check.value));
    value.set("min", number_value(check.range.min));
    value.set("max", number_value(check.range.max));
    value.set("query", text_value(check.query));
    value.set("detail", text_value(check.detail));
    return value;
}

Value to_value(const JournalEntry& entry) {
    auto checks = Value::list();
    for (const auto& check : entry.checks) checks.push_back(to_value(check));
    auto value = Value::map();
    value.set("at", base::to_rfc3339_millis(entry.at));
    value.set("tick", entry.tick);
    value.set("phase", entry.phase);
    value.set("weight", entry.weight);
    value.set("kind", entry_kind_name(entry.kind));
    value.set("message", entry.message);
    value.set("checks", std::move(checks));
    return value;
}

Value to_value(const RunRecord& run) {
    auto entries = Value::list();
    for (const auto& entry : run.entries) entries.push_back(to_value(entry));
    auto value = Value::map();
    value.set("number", run.number);
    value.set("fromRevision", text_value(run.from_revision));
    value.set("toRevision", text_value(run.to_revision));
    value.set("fromImage", text_value(run.from_image));
    value.set("toImage", text_value(run.to_image));
    value.set("startedAt", base::to_rfc3339_millis(run.started_at));
    value.set("endedAt", run.ended_at ? Value(base::to_rfc3339_millis(*run.ended_at)) : Value());
    value.set("outcome", text_value(run.outcome));
    value.set("reason", text_value(run.reason));
    value.set("entries", std::move(entries));
    return value;
}

RunRecord read_run(const Value& value) {
    if (!value.is_map()) {
        throw base::Error(base::Code::invalid, "a run of a canary is a map, found a " + std::string(doc::kind_name(value.kind())))
            .hint("expected {number, startedAt, entries, ...}, as `canary history -o json` prints it");
    }
    RunRecord run;
    run.number = count_at(value, "number", std::numeric_limits<int>::max() - 1);
    run.from_revision = text_at(value, "fromRevision");
    run.to_revision = text_at(value, "toRevision");
    run.from_image = text_at(value, "fromImage");
    run.to_image = text_at(value, "toImage");
    run.ended_at = base::parse_rfc3339(value.text_at("endedAt"));
    run.outcome = text_at(value, "outcome");
    run.reason = text_at(value, "reason");
    if (const auto* entries = value.find("entries"); entries != nullptr)
        for (const auto& entry : entries->items().last(std::min(entries->size(), entries->is_list() ? k_most_entries : 0)))
            run.entries.push_back(read_entry(entry));
    const auto first = run.entries.empty() ? base::Time{} : run.entries.front().at;
    run.started_at = base::parse_rfc3339(value.text_at("startedAt")).value_or(first);
    return run;
}

}  // namespace gitops::rollout
