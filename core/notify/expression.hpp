// Expression is the condition of a notification trigger, in the part of the expr language that Argo CD's triggers are
// written in: "app.status.operationState.phase in ['Error', 'Failed']".
//
// What it knows: texts in ' or ", numbers, true, false, nil, [lists]; a.b, a?.b, a[i]; not ! -; == != < <= > >=, in, not in,
// contains, startsWith, endsWith, matches (RE2); and && or ||; ?: and ??; + - * / %; len(), any(), all(), none(), one(), filter(), map() and
// count() with a {predicate} in which # is the item and .name one of its fields; time.Now(), time.Parse(text) and of times
// Sub(), Add(), Before(), After(), of durations Seconds(), Minutes(), Hours(); strings.ToUpper(), strings.ToLower(),
// strings.ReplaceAll(), and the functions of its subject (subject.hpp). A member of nil is nil. Everything else is refused, with
// its place.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/doc/value.hpp"
#include "core/notify/subject.hpp"

namespace gitops::notify {

namespace detail {
struct Node;
}

class Expression {
  public:
    /// Error(invalid) that names the column. At most 4 KiB, and 64 levels deep.
    static Expression parse(std::string_view text);

    /// What it comes to; a time is told as RFC 3339, a duration as Go writes it. `scope` is a map of the names it may use.
    /// Error(invalid) for operands that do not fit, and after 100,000 steps.
    doc::Value evaluate(const doc::Value& scope, base::Time now, const SubjectFunctions& functions = {}) const;
    /// The same for a condition. Error(invalid) when it does not come to true or false.
    bool holds(const doc::Value& scope, base::Time now, const SubjectFunctions& functions = {}) const;

    const std::string& text() const { return m_text; }

  private:
    std::string m_text;
    std::shared_ptr<const detail::Node> m_root;
};

}  // namespace gitops::notify
