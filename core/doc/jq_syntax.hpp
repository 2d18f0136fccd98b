// The tree of a jq expression and how it is read from text; see jq_path.hpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "core/doc/value.hpp"

namespace gitops::doc::detail {

enum class JqOp : std::uint8_t {
    identity,     ///< .
    recurse,      ///< ..
    field,        ///< child 0 . text
    index,        ///< child 0 [ child 1 ]
    slice,        ///< child 0 [ child 1 : child 2 ]; an open end is a null literal
    iterate,      ///< child 0 []
    pipe,         ///< child 0 | child 1
    comma,        ///< child 0 , child 1
    alternative,  ///< child 0 // child 1
    logical_or,
    logical_and,
    compare,      ///< by `text`: == != < <= > >=
    arithmetic,   ///< by `text`: + - * / %
    negate,       ///< - child 0
    literal,
    list,         ///< [child 0], or [] without one
    map,          ///< {child 0: child 1, child 2: child 3, ...}
    condition,    ///< if child 0 then child 1 else child 2
    attempt,      ///< child 0?, or try child 0 catch child 1
    call          ///< text(children)
};

struct JqFunction;

struct JqNode {
    JqOp op = JqOp::identity;
    int column = 0;  ///< where it begins, from 1
    std::string text;
    Value value;
    const JqFunction* function = nullptr;  ///< of a call
    std::vector<JqNode> children;
};

/// Error(invalid) with a column.
JqNode parse_jq(std::string_view text);

/// An Error(invalid) about the expression at `column`, with a note that points at it.
base::Error jq_error(std::string_view text, int column, std::string_view message);

}  // namespace gitops::doc::detail
