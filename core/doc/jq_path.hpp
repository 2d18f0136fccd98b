// jq path expressions: the places in a document that an expression names, as in jq's `path(f)` and `del(f)`.
//
// Overview: compile() parses the text once, places() evaluates it on one document. Understood is what people write to
// name fields: `.a.b`, `."a-b"`, `.["x"]`, `.[]`, `.[0]`, `.[-1]`, `.[1:3]`, `..`, `?`, pipes, commas, `select`, `if`,
// `//`, comparisons, arithmetic, literals, `[f]`, `{a: f}`, and jq's functions over values as far as they concern places
// (see jq_functions.cpp). What jq can do beyond that (variables, `def`, `reduce`, assignments, formats) is refused with
// its column, never skipped. Rules: jq 1.7's manual and gojq, which Argo CD runs; numbers of lists count as gojq counts
// them: negative ones from the end of the document as it was given.
//
// Expressions come from strangers: text, nesting, work and results are bounded, by counts instead of a clock, so that
// the answer is the same on every machine. Argo CD allows a second; a million steps take less.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/doc/path.hpp"
#include "core/doc/value.hpp"

namespace gitops::doc {

namespace detail {
struct JqNode;
}

inline constexpr std::size_t k_longest_jq_text = 8192;    ///< bytes of an expression
inline constexpr std::size_t k_deepest_jq_nesting = 60;   ///< brackets in brackets
inline constexpr std::size_t k_most_jq_nodes = 1000;      ///< parts of an expression
inline constexpr std::size_t k_most_jq_steps = 1'000'000; ///< per document

/// Decides `test(pattern; flags)` on a text. Error(invalid) for a pattern or a flag it does not take. Called from
/// several threads at once.
using JqMatcher = std::function<bool(std::string_view pattern, std::string_view flags, std::string_view text)>;

/// What became of an expression on one document.
struct JqPlaces {
    enum class Outcome {
        found,       ///< `places` may still be empty: nothing stands there
        mismatch,    ///< the document has another shape ("cannot iterate over null"); jq stops, so no place counts
        not_a_path,  ///< the expression yields values, not places ("length")
        too_much     ///< it takes more steps than are allowed
    };
    Outcome outcome = Outcome::found;
    std::vector<Pointer> places;  ///< what exists, each once, in document order of lists; lists by number
    std::string message;          ///< why not, "" when found
};

class JqPath {
  public:
    /// Error(invalid) for what cannot be read or is not supported: the place's column (from 1) counts in `text`, a note
    /// shows it. Without a matcher test() is refused.
    static JqPath compile(std::string_view text, JqMatcher matcher = {});

    JqPlaces places(const Value& document) const;
    const std::string& text() const { return m_text; }

  private:
    JqPath() = default;

    std::string m_text;
    std::shared_ptr<const detail::JqNode> m_root;
    JqMatcher m_matcher;
};

/// Removes what stands at `places`, as jq's delpaths: all numbers of lists count in the document as it is given. A
/// place with nothing there, and the root, are passed over.
void remove_places(Value& document, std::vector<Pointer> places);

}  // namespace gitops::doc
