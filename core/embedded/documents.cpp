#include "core/embedded/documents.hpp"

#include <algorithm>

#include "core/base/digest.hpp"
#include "core/doc/number.hpp"

namespace gitops::embedded {

using doc::Value;

Value map_of(std::initializer_list<Field> fields) {
    std::vector<doc::Entry> entries;
    entries.reserve(fields.size());
    for (const auto& [key, value] : fields) entries.push_back({Value(key), value});
    return Value::map(std::move(entries));
}

void set_count(Value& map, std::string_view key, std::int64_t number) {
    if (number != 0) map.set(key, number);
}

std::int64_t int_or(const Value* value, std::int64_t fallback) {
    return value == nullptr ? fallback : value->to_int().value_or(fallback);
}

std::string text_or(const Value* value, std::string_view fallback) {
    return std::string(value != nullptr && value->is_string() && !value->text().empty() ? value->text() : fallback);
}

Value copy_or_null(const Value* value) { return value == nullptr ? Value() : *value; }

std::string short_hash(std::string_view text, std::size_t count) {
    constexpr std::string_view alphabet = "bcdfghjklmnpqrstvwxz2456789";
    std::uint64_t number = 14695981039346656037ULL;  // FNV-1a
    for (unsigned char byte : text) number = (number ^ byte) * 1099511628211ULL;
    number ^= number >> 29;
    std::string hash;
    for (std::size_t i = 0; i < count && i < 12; ++i, number /= alphabet.size())
        hash.push_back(alphabet[number % alphabet.size()]);
    return hash;
}

std::string uuid_of(std::string_view text) {
    std::string digits = base::sha256_hex(text).substr(0, 32);
    digits[12] = '8';
    constexpr std::string_view variant = "89ab";
    digits[16] = variant[static_cast<unsigned char>(digits[16]) % variant.size()];
    for (std::size_t at : {8, 13, 18, 23}) digits.insert(at, 1, '-');
    return digits;
}

void set_condition(Value& status, const Condition& condition, base::Time at, ConditionStamps stamps) {
    Value entry = map_of({{"type", condition.type}, {"status", condition.status}});
    std::string when = base::to_rfc3339(at);
    Value& conditions = status.at("conditions");
    auto items = conditions.items();
    auto old = std::ranges::find_if(items, [&](const Value& item) { return item.text_at("type") == condition.type; });
    bool known = old != items.end();
    bool same_status = known && old->text_at("status") == entry.text_at("status");
    bool same = same_status && old->text_at("reason") == condition.reason && old->text_at("message") == condition.message;
    if (same) return;
    std::string transition = same_status ? std::string(old->text_at("lastTransitionTime")) : when;
    if (stamps == ConditionStamps::update_and_transition) entry.set("lastUpdateTime", when);
    entry.set("lastTransitionTime", transition);
    entry.set("reason", condition.reason);
    entry.set("message", condition.message);
    if (known) conditions.item(static_cast<std::size_t>(old - items.begin())) = std::move(entry);
    else conditions.push_back(std::move(entry));
}

const Value* find_condition(const Value& object, std::string_view type) {
    const Value* conditions = object.path("status", "conditions");
    if (conditions == nullptr) return nullptr;
    for (const Value& item : conditions->items())
        if (item.text_at("type") == type) return &item;
    return nullptr;
}

std::int64_t scaled_count(const Value* value, std::int64_t total, std::int64_t fallback, Rounding rounding) {
    if (value == nullptr || value->is_null()) return fallback;
    std::string_view text = value->text();
    if (!text.ends_with('%')) return std::max<std::int64_t>(0, doc::parse_int(text).value_or(fallback));
    auto percent = doc::parse_int(text.substr(0, text.size() - 1));
    if (!percent || *percent < 0 || *percent > 1000) return fallback;
    std::int64_t hundredths = total * *percent;
    return rounding == Rounding::up ? (hundredths + 99) / 100 : hundredths / 100;
}

}  // namespace gitops::embedded
