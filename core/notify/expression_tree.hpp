// How an expression looks inside. For this folder only.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/doc/value.hpp"

namespace gitops::notify::detail {

enum class Op {
    literal,    // value
    list,       // parts
    name,       // text
    item,       // the # of a predicate
    member,     // parts[0] . text
    index,      // parts[0] [ parts[1] ]
    call,       // text of a function ("len", "time.Now") with parts
    method,     // parts[0] . text ( parts[1...] )
    predicate,  // parts[0], evaluated for each item
    negate, invert,
    equal, unequal, less, less_equal, greater, greater_equal,
    in, not_in, contains, starts_with, ends_with, matches,
    both, either, otherwise,  // and, or, ??
    add, subtract, multiply, divide, modulo,
    choose,     // parts[0] ? parts[1] : parts[2]
};

struct Node {
    Op op = Op::literal;
    std::size_t column = 0;  ///< counted from 1
    doc::Value value{};
    std::string text{};
    std::vector<std::shared_ptr<const Node>> parts{};
};

std::shared_ptr<const Node> parse_expression(std::string_view text);

}  // namespace gitops::notify::detail
