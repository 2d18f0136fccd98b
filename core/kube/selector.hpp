#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/doc/value.hpp"

namespace gitops::kube {

/// Label selector in kubectl's text form ("a=b,c!=d,e in (x,y),!f,g") or from a metav1.LabelSelector value.
class Selector {
  public:
    Selector() = default;  ///< selects everything
    static Selector parse(std::string_view text);          ///< Error(invalid)
    static Selector from_value(const doc::Value& selector);  ///< matchLabels + matchExpressions, or a plain map
    /// `labels` is a map of strings, or null.
    bool matches(const doc::Value& labels) const;
    bool empty() const { return m_terms.empty(); }

  private:
    enum class Op { in, not_in, exists, absent };
    struct Term {
        std::string key;
        Op op = Op::exists;
        std::vector<std::string> values;
    };
    std::vector<Term> m_terms;
};

}  // namespace gitops::kube
