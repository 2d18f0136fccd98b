// Scripts of measurements; declared in replay.hpp.
#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/glob.hpp"
#include "core/base/text.hpp"
#include "core/doc/fields_reader.hpp"
#include "core/doc/number.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/rollout/played_value.hpp"
#include "core/rollout/replay/replay.hpp"

namespace gitops::rollout {

namespace {

using base::Code;
using base::Duration;
using base::Error;
using doc::FieldsReader;
using doc::Value;

constexpr std::size_t k_most_rules = 10'000;

enum class Order { equal, at_least, at_most, above, below };

struct Sign {
    std::string_view text;
    Order order;
};
constexpr std::array k_signs{Sign{">=", Order::at_least}, Sign{"<=", Order::at_most}, Sign{"==", Order::equal},
                             Sign{">", Order::above},     Sign{"<", Order::below},    Sign{"=", Order::equal}};

struct WeightBound {
    Order order = Order::equal;
    std::int64_t weight = 0;

    bool holds(std::int64_t now) const {
        switch (order) {
            case Order::equal: return now == weight;
            case Order::at_least: return now >= weight;
            case Order::at_most: return now <= weight;
            case Order::above: return now > weight;
            case Order::below: return now < weight;
        }
        return false;
    }
};

struct Rule {
    std::optional<WeightBound> weight;
    std::optional<Duration> after;
    std::string revision, image;  ///< globs; "" matches everything
    PlayedValue value;
};

bool matches(const std::string& glob, const std::string& text) {
    return glob.empty() || base::glob_match(glob, text, base::GlobMode::name);
}

bool matches(const Rule& rule, const Moment& moment) {
    if (rule.weight && !rule.weight->holds(moment.weight)) return false;
    if (rule.after && moment.since_start < *rule.after) return false;
    return matches(rule.revision, moment.revision) && matches(rule.image, moment.image);
}

std::optional<WeightBound> weight_bound(const Value& node) {
    if (const auto number = node.to_int()) return WeightBound{Order::equal, *number};
    if (!node.is_string()) return std::nullopt;
    std::string_view text = base::trim(node.text());
    WeightBound bound;
    for (const Sign& sign : k_signs) {
        if (!text.starts_with(sign.text)) continue;
        bound.order = sign.order;
        text = base::trim(text.substr(sign.text.size()));
        break;
    }
    if (text.ends_with('%')) text.remove_suffix(1);
    const auto number = doc::parse_int(text);
    if (!number) return std::nullopt;
    bound.weight = *number;
    return bound;
}

/// A duration, or whole seconds.
std::optional<Duration> duration_at(FieldsReader& reader, std::string_view key) {
    const Value* node = reader.raw(key);
    if (node == nullptr) return std::nullopt;
    try {
        return base::parse_duration(node->is_number() || node->is_string() ? node->text() : std::string_view());
    } catch (const Error&) {
        throw reader.error(key, "expected a duration such as 30s");
    }
}

/// A rule written as a map, in the metric's list.
Rule read_rule(FieldsReader reader, const Value& node) {
    Rule rule;
    if (const Value* weight = reader.raw("weight")) {
        rule.weight = weight_bound(*weight);
        if (!rule.weight) throw reader.error("weight", "expected a percentage, or a bound such as \">=50\"");
    }
    rule.after = duration_at(reader, "after");
    rule.revision = reader.text("revision");
    rule.image = reader.text("image");
    reader.raw("value");
    const Value* value = node.find("value");
    if (value == nullptr) throw Error(Code::invalid, "a rule has no value");
    const auto played = played_node(*value);
    if (!played) throw reader.error("value", "expected a number, noData, NaN or unreachable");
    rule.value = *played;
    if (const auto unknown = reader.unknown(); !unknown.empty()) {
        Error error(Code::invalid, unknown.front() + " is not known");
        throw error.hint("a rule has weight, after, revision, image and value");
    }
    return rule;
}

class Script {
  public:
    explicit Script(std::string file) : m_file(std::move(file)) {}

    void read(const Value& document) {
        FieldsReader root(&document, "", m_file);
        const Value* metrics = root.raw("metrics");
        if (metrics == nullptr || !metrics->is_map()) throw wrong(document, "expected a map named metrics");
        if (const auto unknown = root.unknown(); !unknown.empty()) throw wrong(document, unknown.front() + " is not known");
        for (const auto& entry : metrics->entries()) read_metric(std::string(entry.name()), entry.value);
    }

    Reading at(const MetricRequest& request) const {
        const auto rules = m_rules.find(request.name);
        if (rules == m_rules.end()) return unknown_metric(request.name, names(), m_file);
        for (const Rule& rule : rules->second)
            if (matches(rule, request.moment)) return reading_of(rule.value, m_file);
        return {Reading::Kind::no_data, 0, "no rule of " + m_file + " matches"};
    }

  private:
    void read_metric(const std::string& name, const Value& node) {
        const std::string path = "metrics." + name;
        auto& rules = m_rules[name];
        if (!node.is_list()) {
            rules.push_back(read_item(node, path));
            return;
        }
        std::size_t index = 0;
        for (const Value& item : node.items()) {
            if (rules.size() == k_most_rules) throw wrong(item, path + " has more than " + std::to_string(k_most_rules) + " rules");
            rules.push_back(read_item(item, path + "[" + std::to_string(index++) + "]"));
        }
    }

    Rule read_item(const Value& node, const std::string& path) const {
        if (node.is_map()) {
            try {
                return read_rule(FieldsReader(&node, path, m_file), node);
            } catch (Error& error) {
                throw error.at({m_file, static_cast<int>(node.line()), 0});
            }
        }
        const auto played = played_node(node);
        if (!played) throw wrong(node, path + ": expected a number, noData, NaN, unreachable or a rule");
        Rule rule;
        rule.value = *played;
        return rule;
    }

    Error wrong(const Value& node, std::string_view message) const {
        Error error(Code::invalid, message);
        error.at({m_file, static_cast<int>(node.line()), 0});
        return error;
    }

    std::vector<std::string> names() const {
        std::vector<std::string> known;
        for (const auto& [name, rules] : m_rules) known.push_back(name);
        return known;
    }

    std::string m_file;
    std::map<std::string, std::vector<Rule>> m_rules;
};

class ScriptMetrics final : public MetricsProvider {
  public:
    explicit ScriptMetrics(Script script) : m_script(std::move(script)) {}

    Reading read(const MetricRequest& request, std::stop_token stop) override {
        if (stop.stop_requested()) throw Error(Code::cancelled, "stopped");
        return m_script.at(request);
    }

  private:
    Script m_script;
};

}  // namespace

std::unique_ptr<MetricsProvider> rehearse(std::string_view text, const std::string& file) {
    Script script(file);
    script.read(doc::read_yaml_one(text, {.file = file}));
    return std::make_unique<ScriptMetrics>(std::move(script));
}

}  // namespace gitops::rollout
