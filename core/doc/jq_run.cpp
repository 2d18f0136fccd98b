#include "core/doc/jq_run.hpp"

#include <algorithm>
#include <cmath>

namespace gitops::doc::detail {

namespace {

/// Steps into steps of one evaluation; bounds the stack.
constexpr std::size_t k_deepest_run = 3000;

JqItem child_of(const JqItem& item, Value value, Value step) {
    if (item.kind == JqItem::Kind::value) return {std::move(value), JqItem::Kind::value, {}, {}};
    return {std::move(value), JqItem::Kind::place, std::make_shared<const JqStep>(JqStep{item.way, std::move(step)}), {}};
}

/// A step to where nothing is: no number of a list is spelled so.
Value nowhere() { return Value("-"); }

std::size_t first_of(const JqItem& item) { return item.window ? item.window->first : 0; }

/// Where a slice's end lies in a list of `size`, as jq: negative counts from the end, and everything is clamped.
double clamped(const Value& end, double otherwise, double size) {
    if (end.is_null()) return otherwise;
    double at = end.to_double().value_or(0);
    if (at < 0) at += size;
    return std::clamp(at, 0.0, size);
}

bool holds_comparison(std::string_view sign, int order) {
    if (sign == "==") return order == 0;
    if (sign == "!=") return order != 0;
    if (sign == "<") return order < 0;
    if (sign == "<=") return order <= 0;
    return sign == ">" ? order > 0 : order >= 0;
}

}  // namespace

JqFlow JqRun::hand_on(const JqItem& in, Value made, JqNext next) {
    return next({std::move(made), in.kind == JqItem::Kind::value ? JqItem::Kind::value : JqItem::Kind::made, {}, {}});
}

JqFlow JqRun::mismatch(std::string message) {
    m_outcome = JqPlaces::Outcome::mismatch;
    m_work.message = std::move(message);
    return JqFlow::failed;
}

JqFlow JqRun::not_a_place() {
    m_outcome = JqPlaces::Outcome::not_a_path;
    m_work.message = "the expression yields values of its own, not places in the document";
    return JqFlow::failed;
}

JqFlow JqRun::too_much() {
    m_outcome = JqPlaces::Outcome::too_much;
    m_work.message = "the expression takes more than " + std::to_string(k_most_jq_steps) + " steps or nests too deeply";
    return JqFlow::failed;
}

JqFlow JqRun::run(const JqNode& node, const JqItem& in, JqNext next) {
    if (m_depth >= k_deepest_run || !m_work.spend(1)) return too_much();
    ++m_depth;
    const auto flow = evaluate(node, in, next);
    --m_depth;
    return flow;
}

JqFlow JqRun::evaluate(const JqNode& node, const JqItem& in, JqNext next) {
    const auto& children = node.children;
    switch (node.op) {
        case JqOp::identity: return next(in);
        case JqOp::recurse: return recurse(in, next);
        case JqOp::field: return run(children[0], in, [&](const JqItem& target) { return field(target, node.text, next); });
        case JqOp::index:
            return values(children[1], in, [&](const JqItem& key) {
                return run(children[0], in, [&](const JqItem& target) { return index(target, key.value, next); });
            });
        case JqOp::slice:
            return values(children[2], in, [&](const JqItem& to) {
                return values(children[1], in, [&](const JqItem& from) {
                    return run(children[0], in, [&](const JqItem& target) { return slice(target, from.value, to.value, next); });
                });
            });
        case JqOp::iterate: return run(children[0], in, [&](const JqItem& target) { return iterate(target, next); });
        case JqOp::pipe: return run(children[0], in, [&](const JqItem& item) { return run(children[1], item, next); });
        case JqOp::comma: {
            const auto flow = run(children[0], in, next);
            return flow == JqFlow::more ? run(children[1], in, next) : flow;
        }
        case JqOp::alternative: return alternative(node, in, next);
        case JqOp::logical_or:
        case JqOp::logical_and: return logical(node, in, next);
        case JqOp::compare: return compare(node, in, next);
        case JqOp::arithmetic: return arithmetic(node, in, next);
        case JqOp::negate:
            return values(children[0], in, [&](const JqItem& item) {
                Value made;
                if (!item.value.is_number()) return mismatch(std::string(jq_type(item.value)) + " cannot be negated");
                return jq_arithmetic('-', Value(0), item.value, made, m_work) ? hand_on(in, made, next) : refused();
            });
        case JqOp::literal: return hand_on(in, node.value, next);
        case JqOp::list: return list(node, in, next);
        case JqOp::map: return map(node, 0, Value::map(), in, next);
        case JqOp::condition:
            return values(children[0], in, [&](const JqItem& answer) { return run(children[jq_truth(answer.value) ? 1 : 2], in, next); });
        case JqOp::attempt: return attempt(node, in, next);
        case JqOp::call: return call(node, in, next);
    }
    return JqFlow::more;
}

JqFlow JqRun::field(const JqItem& target, std::string_view name, JqNext next) {
    if (target.kind == JqItem::Kind::made) return not_a_place();
    const auto& value = target.value;
    if (!value.is_map() && !value.is_null()) return mismatch("cannot index " + std::string(jq_type(value)) + " with \"" + std::string(name) + "\"");
    const auto* found = value.find(name);
    return next(child_of(target, found == nullptr ? Value() : *found, Value(name)));
}

JqFlow JqRun::index(const JqItem& target, const Value& key, JqNext next) {
    if (target.kind == JqItem::Kind::made) return not_a_place();
    const auto& value = target.value;
    if (key.is_string()) return field(target, key.text(), next);
    if (key.is_map() && (value.is_list() || value.is_null())) {
        const auto *from = key.find("start"), *to = key.find("end");
        return slice(target, from == nullptr ? Value() : *from, to == nullptr ? Value() : *to, next);
    }
    if (!key.is_number() || (!value.is_list() && !value.is_null()))
        return mismatch("cannot index " + std::string(jq_type(value)) + " with " + std::string(jq_type(key)));
    double at = std::floor(key.to_double().value_or(0));
    if (at < 0) at += static_cast<double>(value.size());
    if (!(at >= 0) || at >= static_cast<double>(value.size())) return next(child_of(target, Value(), nowhere()));
    const auto i = static_cast<std::size_t>(at);
    return next(child_of(target, value.items()[i], Value(static_cast<std::int64_t>(i + first_of(target)))));
}

JqFlow JqRun::slice(const JqItem& target, const Value& from, const Value& to, JqNext next) {
    if (target.kind == JqItem::Kind::made) return not_a_place();
    const auto& value = target.value;
    if ((!from.is_null() && !from.is_number()) || (!to.is_null() && !to.is_number())) return mismatch("the ends of a slice must be numbers");
    if (value.is_null()) return next(child_of(target, Value(), nowhere()));
    if (value.is_string() && target.kind == JqItem::Kind::place) return mismatch("part of a string is no place");
    if (!value.is_list()) return mismatch("cannot slice " + std::string(jq_type(value)));
    const auto size = static_cast<double>(value.size());
    const auto first = static_cast<std::size_t>(std::floor(clamped(from, 0, size)));
    const auto end = std::max(first, static_cast<std::size_t>(std::ceil(clamped(to, size, size))));
    if (!m_work.spend(end - first)) return too_much();
    const auto begin = value.items().begin() + static_cast<std::ptrdiff_t>(first);
    JqItem part{Value::list({begin, value.items().begin() + static_cast<std::ptrdiff_t>(end)}), target.kind, target.way, {}};
    part.window = {first_of(target) + first, first_of(target) + end};
    return next(part);
}

JqFlow JqRun::iterate(const JqItem& target, JqNext next) {
    if (target.kind == JqItem::Kind::made) return not_a_place();
    const Value value = target.value;  // keeps the items alive
    if (!value.is_list() && !value.is_map()) return mismatch("cannot iterate over " + std::string(jq_type(value)));
    if (!m_work.spend(value.size())) return too_much();
    for (std::size_t i = 0; i < value.items().size(); ++i) {
        const auto flow = next(child_of(target, value.items()[i], Value(static_cast<std::int64_t>(i + first_of(target)))));
        if (flow != JqFlow::more) return flow;
    }
    for (const auto& entry : value.entries()) {
        const auto flow = next(child_of(target, entry.value, entry.key));
        if (flow != JqFlow::more) return flow;
    }
    return JqFlow::more;
}

JqFlow JqRun::recurse(const JqItem& item, JqNext next) {
    if (item.kind == JqItem::Kind::made && !item.value.is_scalar()) return not_a_place();
    if (m_depth >= k_deepest_run || !m_work.spend(1)) return too_much();
    const auto flow = next(item);
    if (flow != JqFlow::more || item.value.is_scalar()) return flow;
    ++m_depth;
    const auto below = iterate(item, [&](const JqItem& child) { return recurse(child, next); });
    --m_depth;
    return below;
}

JqFlow JqRun::alternative(const JqNode& node, const JqItem& in, JqNext next) {
    bool found = false, beyond = false;
    const auto flow = run(node.children[0], in, [&](const JqItem& item) {
        if (!jq_truth(item.value)) return JqFlow::more;
        found = true;
        const auto after = next(item);
        beyond = after == JqFlow::failed;
        return after;
    });
    if (flow == JqFlow::stop || (flow == JqFlow::failed && (beyond || is_fatal()))) return flow;
    forgive();
    return found ? JqFlow::more : run(node.children[1], in, next);
}

JqFlow JqRun::logical(const JqNode& node, const JqItem& in, JqNext next) {
    const bool decides = node.op == JqOp::logical_or;  // what the left side alone is enough for
    return values(node.children[0], in, [&](const JqItem& left) {
        if (jq_truth(left.value) == decides) return hand_on(in, Value(decides), next);
        return values(node.children[1], in, [&](const JqItem& right) { return hand_on(in, Value(jq_truth(right.value)), next); });
    });
}

JqFlow JqRun::compare(const JqNode& node, const JqItem& in, JqNext next) {
    return values(node.children[1], in, [&](const JqItem& right) {
        return values(node.children[0], in, [&](const JqItem& left) {
            const bool large = !left.value.is_scalar() && !right.value.is_scalar();
            const auto cost = large ? jq_weight(left.value, m_work.steps + 1) : (left.value.text().size() + right.value.text().size()) / 64;
            if (!m_work.spend(cost)) return too_much();
            return hand_on(in, Value(holds_comparison(node.text, jq_order(left.value, right.value))), next);
        });
    });
}

JqFlow JqRun::arithmetic(const JqNode& node, const JqItem& in, JqNext next) {
    return values(node.children[1], in, [&](const JqItem& right) {
        return values(node.children[0], in, [&](const JqItem& left) {
            Value made;
            return jq_arithmetic(node.text[0], left.value, right.value, made, m_work) ? hand_on(in, std::move(made), next) : refused();
        });
    });
}

JqFlow JqRun::collected(const JqNode& node, const JqItem& in, Value& items) {
    std::vector<Value> found;
    const auto flow = values(node, in, [&](const JqItem& item) {
        found.push_back(item.value);
        return JqFlow::more;
    });
    items = Value::list(std::move(found));
    return flow;
}

JqFlow JqRun::list(const JqNode& node, const JqItem& in, JqNext next) {
    Value items = Value::list();
    const auto flow = node.children.empty() ? JqFlow::more : collected(node.children[0], in, items);
    return flow == JqFlow::more ? hand_on(in, std::move(items), next) : flow;
}

JqFlow JqRun::map(const JqNode& node, std::size_t at, const Value& so_far, const JqItem& in, JqNext next) {
    if (at == node.children.size()) return hand_on(in, so_far, next);
    return values(node.children[at], in, [&](const JqItem& key) {
        if (!key.value.is_string()) return mismatch("the key of an object must be a string, not " + std::string(jq_type(key.value)));
        return values(node.children[at + 1], in, [&](const JqItem& item) {
            Value more = so_far;
            more.set(key.value.text(), item.value);
            if (m_depth >= k_deepest_run || !m_work.spend(more.size())) return too_much();
            return map(node, at + 2, more, in, next);
        });
    });
}

JqFlow JqRun::attempt(const JqNode& node, const JqItem& in, JqNext next) {
    bool beyond = false;
    const auto flow = run(node.children[0], in, [&](const JqItem& item) {
        const auto after = next(item);
        beyond = after == JqFlow::failed;
        return after;
    });
    if (flow != JqFlow::failed || beyond || is_fatal()) return flow;
    forgive();
    if (node.children.size() < 2) return JqFlow::more;
    return run(node.children[1], {Value(m_work.message), in.kind == JqItem::Kind::value ? in.kind : JqItem::Kind::made, {}, {}}, next);
}

Value jq_way_value(const JqItem& item) {
    std::vector<Value> steps;
    for (auto step = item.way.get(); step != nullptr; step = step->before.get()) steps.push_back(step->step);
    std::ranges::reverse(steps);
    if (item.window)
        steps.push_back(Value::map({{"start", static_cast<std::int64_t>(item.window->first)}, {"end", static_cast<std::int64_t>(item.window->second)}}));
    return Value::list(std::move(steps));
}

void append_places(const JqItem& item, std::vector<Pointer>& places) {
    Pointer pointer;
    for (auto step = item.way.get(); step != nullptr; step = step->before.get()) pointer.emplace_back(step->step.text());
    std::ranges::reverse(pointer);
    if (!item.window) {
        places.push_back(std::move(pointer));
        return;
    }
    for (auto i = item.window->first; i < item.window->second; ++i) {
        auto place = pointer;
        place.push_back(std::to_string(i));
        places.push_back(std::move(place));
    }
}

}  // namespace gitops::doc::detail
