#include "core/doc/jq_path.hpp"

#include <algorithm>
#include <charconv>

#include "core/base/error.hpp"
#include "core/doc/jq_run.hpp"

namespace gitops::doc {

namespace {

using detail::JqFlow;
using detail::JqItem;
using detail::JqNode;
using detail::JqOp;

std::optional<std::size_t> number_of(std::string_view step) {
    std::size_t number = 0;
    const auto [end, code] = std::from_chars(step.data(), step.data() + step.size(), number);
    if (code != std::errc() || end != step.data() + step.size()) return std::nullopt;
    return number;
}

/// Numbers by their amount and before names: of two, the later one is to be removed first.
bool stands_before(const Pointer& a, const Pointer& b) {
    return std::ranges::lexicographical_compare(a, b, [](const std::string& x, const std::string& y) {
        const auto left = number_of(x), right = number_of(y);
        if (left && right && *left != *right) return *left < *right;
        return left.has_value() == right.has_value() ? x < y : left.has_value();
    });
}

/// Every pattern that stands in the expression is tried once, so that a bad one is told before anything is compared.
void check_patterns(const JqNode& node, std::string_view text, const JqMatcher& matcher) {
    for (const auto& child : node.children) check_patterns(child, text, matcher);
    if (node.op != JqOp::call || node.function->form != detail::JqForm::test) return;
    if (!matcher) throw detail::jq_error(text, node.column, "test is not supported here");
    const auto& pattern = node.children[0];
    const auto flags = node.children.size() == 2 ? node.children[1].value : Value();
    if (pattern.op != JqOp::literal || !pattern.value.is_string()) return;
    if (node.children.size() == 2 && node.children[1].op != JqOp::literal) return;
    try {
        matcher(pattern.value.text(), flags.text(), "");
    } catch (const base::Error& error) {
        throw detail::jq_error(text, pattern.column, error.message());
    }
}

}  // namespace

JqPath JqPath::compile(std::string_view text, JqMatcher matcher) {
    JqPath path;
    path.m_root = std::make_shared<const JqNode>(detail::parse_jq(text));
    check_patterns(*path.m_root, text, matcher);
    path.m_text = text;
    path.m_matcher = std::move(matcher);
    return path;
}

JqPlaces JqPath::places(const Value& document) const {
    detail::JqRun run(m_matcher);
    JqPlaces answer;
    const auto flow = run.run(*m_root, {document, JqItem::Kind::place, {}, {}}, [&](const JqItem& item) {
        if (item.kind != JqItem::Kind::place) {
            answer.outcome = JqPlaces::Outcome::not_a_path;
            return JqFlow::stop;
        }
        append_places(item, answer.places);
        return JqFlow::more;
    });
    if (answer.outcome == JqPlaces::Outcome::not_a_path) {
        answer.message = "the expression yields values of its own, not places in the document";
    } else if (flow == JqFlow::failed) {
        answer.outcome = run.outcome();
        answer.message = run.message();
    }
    if (answer.outcome != JqPlaces::Outcome::found) {
        answer.places.clear();
        return answer;
    }
    std::erase_if(answer.places, [&](const Pointer& place) { return find(document, place) == nullptr; });
    std::ranges::sort(answer.places, stands_before);
    const auto same = std::ranges::unique(answer.places);
    answer.places.erase(same.begin(), same.end());
    return answer;
}

void remove_places(Value& document, std::vector<Pointer> places) {
    std::ranges::sort(places, stands_before);
    const auto same = std::ranges::unique(places);
    places.erase(same.begin(), same.end());
    for (auto place = places.rbegin(); place != places.rend(); ++place)
        if (!place->empty()) remove(document, *place);
}

}  // namespace gitops::doc
