// The evaluation of a jq expression on one document; see jq_path.hpp.
//
// Overview: an expression yields any number of items, one after the other; each is handed to what comes next in the
// pipe before the following one is made. An item that is a place knows the way that leads to it. Arguments and
// conditions are evaluated without ways: only values count there.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "core/doc/jq_functions.hpp"
#include "core/doc/jq_path.hpp"
#include "core/doc/jq_syntax.hpp"

namespace gitops::doc::detail {

/// One step of a way, and those before it; the root has none.
struct JqStep {
    std::shared_ptr<const JqStep> before;
    Value step;  ///< a name, or the number of a list's item counted from its beginning
};
using JqWay = std::shared_ptr<const JqStep>;

struct JqItem {
    /// `value`: only values are asked for; `place`: stands in the document; `made`: was made on the way to places, so
    /// that nothing below it is one.
    enum class Kind : std::uint8_t { value, place, made };
    Value value;
    Kind kind = Kind::value;
    JqWay way;
    std::optional<std::pair<std::size_t, std::size_t>> window{};  ///< of a slice: which items of the list at `way`
};

enum class JqFlow : std::uint8_t { more, stop, failed };

/// What comes next; borrows what it calls.
class JqNext {
  public:
    template <class Call>
    JqNext(const Call& call)  // NOLINT: made in passing, from a lambda that outlives it
        : m_object(&call), m_call([](const void* object, const JqItem& item) { return (*static_cast<const Call*>(object))(item); }) {}
    JqFlow operator()(const JqItem& item) const { return m_call(m_object, item); }

  private:
    const void* m_object;
    JqFlow (*m_call)(const void*, const JqItem&);
};

class JqRun {
  public:
    explicit JqRun(const JqMatcher& matcher) : m_matcher(matcher) {}

    JqFlow run(const JqNode& node, const JqItem& in, JqNext next);
    /// Why the last flow failed.
    JqPlaces::Outcome outcome() const { return m_outcome; }
    const std::string& message() const { return m_work.message; }

  private:
    JqFlow evaluate(const JqNode& node, const JqItem& in, JqNext next);
    JqFlow field(const JqItem& target, std::string_view name, JqNext next);
    JqFlow index(const JqItem& target, const Value& key, JqNext next);
    JqFlow slice(const JqItem& target, const Value& from, const Value& to, JqNext next);
    JqFlow iterate(const JqItem& target, JqNext next);
    JqFlow recurse(const JqItem& item, JqNext next);
    JqFlow alternative(const JqNode& node, const JqItem& in, JqNext next);
    JqFlow logical(const JqNode& node, const JqItem& in, JqNext next);
    JqFlow compare(const JqNode& node, const JqItem& in, JqNext next);
    JqFlow arithmetic(const JqNode& node, const JqItem& in, JqNext next);
    JqFlow list(const JqNode& node, const JqItem& in, JqNext next);
    JqFlow map(const JqNode& node, std::size_t at, const Value& so_far, const JqItem& in, JqNext next);
    JqFlow attempt(const JqNode& node, const JqItem& in, JqNext next);

    JqFlow call(const JqNode& node, const JqItem& in, JqNext next);
    JqFlow call_value(const JqNode& node, std::vector<Value>& given, const JqItem& in, JqNext next);
    JqFlow call_on_places(const JqNode& node, const JqItem& in, JqNext next);
    JqFlow recurse_by(const JqNode& step, const JqItem& in, JqNext next);
    JqFlow limited(const JqNode& node, double count, const JqItem& in, JqNext next);
    JqFlow last_of(const JqNode& node, const JqItem& in, JqNext next);
    JqFlow get_path(const JqItem& in, const Value& steps, JqNext next);
    JqFlow paths(const JqNode& node, const JqItem& in, JqNext next);
    JqFlow quantifier(const JqNode& node, const JqItem& in, JqNext next);
    JqFlow range(const JqNode& node, const JqItem& in, JqNext next);
    JqFlow test(const JqNode& node, const JqItem& in, JqNext next);
    JqFlow map_items(const JqNode& change, const JqItem& in, JqNext next);
    JqFlow map_values(const JqNode& change, const JqItem& in, JqNext next);
    JqFlow with_entries(const JqNode& change, const JqItem& in, JqNext next);
    JqFlow without(const JqNode& what, const JqItem& in, JqNext next);
    JqFlow collected(const JqNode& node, const JqItem& in, Value& items);

    /// The values of `node` without ways.
    JqFlow values(const JqNode& node, const JqItem& in, JqNext next) { return run(node, {in.value, JqItem::Kind::value, {}, {}}, next); }
    JqFlow hand_on(const JqItem& in, Value made, JqNext next);
    JqFlow mismatch(std::string message);
    JqFlow not_a_place();
    JqFlow too_much();
    /// After work that failed: of the wrong kind, or too much of it.
    JqFlow refused() { return m_work.steps == 0 ? too_much() : mismatch(std::move(m_work.message)); }
    bool is_fatal() const { return m_outcome == JqPlaces::Outcome::too_much; }
    void forgive() { m_outcome = JqPlaces::Outcome::found; }

    const JqMatcher& m_matcher;
    JqWork m_work;
    JqPlaces::Outcome m_outcome = JqPlaces::Outcome::found;
    std::size_t m_depth = 0;
};

/// The steps that lead to a place as a list, its window as {"start", "end"} at the end.
Value jq_way_value(const JqItem& item);
/// The pointers of a place: one, or one per item of its window.
void append_places(const JqItem& item, std::vector<Pointer>& places);

}  // namespace gitops::doc::detail
