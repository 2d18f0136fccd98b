// jq's functions over expressions and places; declared in jq_run.hpp.
#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/doc/jq_run.hpp"

namespace gitops::doc::detail {

namespace {

bool is_of_kind(const Value& value, std::string_view function) {
    if (function == "values") return !value.is_null();
    if (function == "iterables") return value.is_list() || value.is_map();
    if (function == "scalars") return value.is_scalar();
    return std::string(jq_type(value)) + "s" == function;  // "strings", "nulls", ...
}

const JqNode& whole() {
    static const JqNode node{};
    return node;
}

const JqNode& every_item() {
    static const JqNode node = [] {
        JqNode made;
        made.op = JqOp::iterate;
        made.children.emplace_back();
        return made;
    }();
    return node;
}

}  // namespace

JqFlow JqRun::call(const JqNode& node, const JqItem& in, JqNext next) {
    if (node.function->form != JqForm::value) return call_on_places(node, in, next);
    std::vector<Value> given;
    return call_value(node, given, in, next);
}

JqFlow JqRun::call_value(const JqNode& node, std::vector<Value>& given, const JqItem& in, JqNext next) {
    if (given.size() < node.children.size()) {
        return values(node.children[given.size()], in, [&](const JqItem& argument) {
            given.push_back(argument.value);
            const auto flow = call_value(node, given, in, next);
            given.pop_back();
            return flow;
        });
    }
    Value made;
    const auto arguments = given;  // what comes next may evaluate the same call again
    if (!node.function->make(in.value, arguments, made, m_work)) return refused();
    return hand_on(in, std::move(made), next);
}

JqFlow JqRun::call_on_places(const JqNode& node, const JqItem& in, JqNext next) {
    const auto& given = node.children;
    switch (node.function->form) {
        case JqForm::value:
        case JqForm::empty: return JqFlow::more;
        case JqForm::error: return mismatch("the expression says error");
        case JqForm::select:
            return values(given[0], in, [&](const JqItem& answer) { return jq_truth(answer.value) ? next(in) : JqFlow::more; });
        case JqForm::recurse: return recurse(in, next);
        case JqForm::recurse_by: return recurse_by(given[0], in, next);
        case JqForm::first: return limited(given[0], 1, in, next);
        case JqForm::last: return last_of(given[0], in, next);
        case JqForm::limit:
            return values(given[0], in, [&](const JqItem& count) { return limited(given[1], count.value.to_double().value_or(0), in, next); });
        case JqForm::nth:
            if (given.empty()) return index(in, Value(node.text == "first" ? 0 : -1), next);
            return values(given[0], in, [&](const JqItem& number) { return index(in, number.value, next); });
        case JqForm::get_path: return values(given[0], in, [&](const JqItem& steps) { return get_path(in, steps.value, next); });
        case JqForm::path:
            return run(given[0], {in.value, JqItem::Kind::place, {}, {}}, [&](const JqItem& item) {
                return item.kind == JqItem::Kind::place ? hand_on(in, jq_way_value(item), next) : not_a_place();
            });
        case JqForm::paths:
        case JqForm::paths_by: return paths(node, in, next);
        case JqForm::map: return map_items(given[0], in, next);
        case JqForm::any:
        case JqForm::all: return quantifier(node, in, next);
        case JqForm::is_empty: {
            bool none = true;
            const auto flow = values(given[0], in, [&](const JqItem&) {
                none = false;
                return JqFlow::stop;
            });
            return flow == JqFlow::failed ? flow : hand_on(in, Value(none), next);
        }
        case JqForm::range: return range(node, in, next);
        case JqForm::in_set: {
            bool found = false;
            const auto flow = values(given[0], in, [&](const JqItem& item) {
                found = jq_order(item.value, in.value) == 0;
                return found ? JqFlow::stop : JqFlow::more;
            });
            return flow == JqFlow::failed ? flow : hand_on(in, Value(found), next);
        }
        case JqForm::only: return is_of_kind(in.value, node.text) ? next(in) : JqFlow::more;
        case JqForm::test: return test(node, in, next);
        case JqForm::with_entries: return with_entries(given[0], in, next);
        case JqForm::map_values: return map_values(given[0], in, next);
        case JqForm::del: return without(given[0], in, next);
    }
    return JqFlow::more;
}

JqFlow JqRun::recurse_by(const JqNode& step, const JqItem& in, JqNext next) {
    const auto flow = next(in);
    if (flow != JqFlow::more) return flow;
    return run(step, in, [&](const JqItem& item) { return m_depth < 1000 ? recurse_by(step, item, next) : too_much(); });
}

JqFlow JqRun::limited(const JqNode& node, double count, const JqItem& in, JqNext next) {
    if (!(count > 0)) return JqFlow::more;
    double seen = 0;
    auto after = JqFlow::more;
    const auto flow = run(node, in, [&](const JqItem& item) {
        after = next(item);
        return ++seen >= count && after == JqFlow::more ? JqFlow::stop : after;
    });
    return flow == JqFlow::stop ? after : flow;
}

JqFlow JqRun::last_of(const JqNode& node, const JqItem& in, JqNext next) {
    std::optional<JqItem> last;
    const auto flow = run(node, in, [&](const JqItem& item) {
        last = item;
        return JqFlow::more;
    });
    return flow == JqFlow::more && last ? next(*last) : flow;
}

JqFlow JqRun::get_path(const JqItem& in, const Value& steps, JqNext next) {
    if (!steps.is_list()) return mismatch("a path must be an array");
    JqItem here = in;
    for (const auto& step : steps.items()) {
        const auto flow = index(here, step, [&](const JqItem& item) {
            here = JqItem(item);
            return JqFlow::more;
        });
        if (flow != JqFlow::more) return flow;
    }
    return next(here);
}

JqFlow JqRun::paths(const JqNode& node, const JqItem& in, JqNext next) {
    return recurse({in.value, JqItem::Kind::place, {}, {}}, [&](const JqItem& item) {
        if (!item.way || (node.text == "leaf_paths" && !item.value.is_scalar())) return JqFlow::more;
        if (node.children.empty()) return hand_on(in, jq_way_value(item), next);
        return values(node.children[0], item, [&](const JqItem& answer) {
            return jq_truth(answer.value) ? hand_on(in, jq_way_value(item), next) : JqFlow::more;
        });
    });
}

JqFlow JqRun::quantifier(const JqNode& node, const JqItem& in, JqNext next) {
    const auto& given = node.children;
    const bool any = node.function->form == JqForm::any;
    const auto& items = given.size() == 2 ? given[0] : every_item();
    const auto& condition = given.empty() ? whole() : given.back();
    bool answer = !any;
    const auto flow = values(items, in, [&](const JqItem& item) {
        return values(condition, item, [&](const JqItem& one) {
            if (jq_truth(one.value) != any) return JqFlow::more;
            answer = any;
            return JqFlow::stop;
        });
    });
    return flow == JqFlow::failed ? flow : hand_on(in, Value(answer), next);
}

JqFlow JqRun::range(const JqNode& node, const JqItem& in, JqNext next) {
    const auto count = [&](const Value& from, const Value& to) {
        if (!from.is_number() || !to.is_number()) return mismatch("range wants numbers");
        const double end = to.to_double().value_or(0);
        for (double at = from.to_double().value_or(0); at < end; at += 1) {
            if (!m_work.spend(1)) return too_much();
            const bool whole_number = std::floor(at) == at && std::abs(at) < 1e15;
            const auto flow = hand_on(in, whole_number ? Value(static_cast<std::int64_t>(at)) : Value(at), next);
            if (flow != JqFlow::more) return flow;
        }
        return JqFlow::more;
    };
    if (node.children.size() == 1) return values(node.children[0], in, [&](const JqItem& to) { return count(Value(0), to.value); });
    return values(node.children[0], in, [&](const JqItem& from) {
        return values(node.children[1], in, [&](const JqItem& to) { return count(from.value, to.value); });
    });
}

JqFlow JqRun::test(const JqNode& node, const JqItem& in, JqNext next) {
    const auto decide = [&](const Value& pattern, const Value& flags) {
        if (!in.value.is_string()) return mismatch(std::string(jq_type(in.value)) + " cannot be matched, as it is not a string");
        if (!pattern.is_string() || (!flags.is_string() && !flags.is_null())) return mismatch("test wants a string as pattern and as flags");
        if (!m_work.spend(20 + (in.value.text().size() + pattern.text().size()) / 16)) return too_much();
        try {
            return hand_on(in, Value(m_matcher(pattern.text(), flags.text(), in.value.text())), next);
        } catch (const base::Error& error) {
            return mismatch(error.message());
        }
    };
    return values(node.children[0], in, [&](const JqItem& pattern) {
        if (node.children.size() == 2)
            return values(node.children[1], in, [&](const JqItem& flags) { return decide(pattern.value, flags.value); });
        if (!pattern.value.is_list()) return decide(pattern.value, {});
        const auto parts = pattern.value.items();
        return decide(parts.empty() ? Value() : parts[0], parts.size() > 1 ? parts[1] : Value());
    });
}

JqFlow JqRun::map_items(const JqNode& change, const JqItem& in, JqNext next) {
    std::vector<Value> made;
    const JqItem input{in.value, JqItem::Kind::value, {}, {}};
    const auto flow = iterate(input, [&](const JqItem& item) {
        return values(change, item, [&](const JqItem& one) {
            made.push_back(one.value);
            return JqFlow::more;
        });
    });
    return flow == JqFlow::more ? hand_on(in, Value::list(std::move(made)), next) : flow;
}

JqFlow JqRun::map_values(const JqNode& change, const JqItem& in, JqNext next) {
    Value made = in.value.is_map() ? Value::map() : Value::list();
    const JqItem input{in.value, JqItem::Kind::place, {}, {}};
    const auto flow = iterate(input, [&](const JqItem& item) {
        const auto one = values(change, item, [&](const JqItem& answer) {
            if (made.is_map()) made.set(item.way->step.text(), answer.value);
            else made.push_back(answer.value);
            return JqFlow::stop;
        });
        return one == JqFlow::failed ? one : JqFlow::more;
    });
    return flow == JqFlow::more ? hand_on(in, std::move(made), next) : flow;
}

JqFlow JqRun::with_entries(const JqNode& change, const JqItem& in, JqNext next) {
    Value entries;
    if (!find_jq_function("to_entries", 0)->make(in.value, {}, entries, m_work)) return refused();
    return map_items(change, {entries, JqItem::Kind::value, {}, {}}, [&](const JqItem& changed) {
        Value made;
        if (!find_jq_function("from_entries", 0)->make(changed.value, {}, made, m_work)) return refused();
        return hand_on(in, std::move(made), next);
    });
}

JqFlow JqRun::without(const JqNode& what, const JqItem& in, JqNext next) {
    std::vector<Pointer> places;
    const auto flow = run(what, {in.value, JqItem::Kind::place, {}, {}}, [&](const JqItem& item) {
        if (item.kind != JqItem::Kind::place) return not_a_place();
        append_places(item, places);
        return JqFlow::more;
    });
    if (flow != JqFlow::more) return flow;
    Value rest = in.value;
    if (!m_work.spend(places.size())) return too_much();
    remove_places(rest, std::move(places));
    return hand_on(in, std::move(rest), next);
}

}  // namespace gitops::doc::detail
