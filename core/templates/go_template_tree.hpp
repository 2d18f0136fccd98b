// The parse tree of a Go template.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/templates/go_functions.hpp"

namespace gitops::templates::detail {

struct Node;
using NodePtr = std::unique_ptr<Node>;

enum class NodeType : std::uint8_t {
    list,       ///< children
    text,       ///< text
    action,     ///< pipe
    branch_if,  ///< pipe, body, otherwise
    branch_with,
    range,
    call_template,  ///< text, pipe
    break_loop,
    continue_loop,
    pipeline,    ///< names, children: commands
    command,     ///< children: operands
    identifier,  ///< text, function
    field,       ///< names
    variable,    ///< names, the first with its '$'
    chain,       ///< children[0], names
    dot,
    nil,
    boolean,  ///< constant
    number,   ///< constant; text as written
    string    ///< constant; text as written
};

struct Node {
    NodeType type = NodeType::list;
    bool assigns = false;              ///< "=" where others have ":="
    bool is_whole = false;             ///< a number that an integer parameter takes
    std::uint32_t position = 0;        ///< byte in the template's text
    std::string text{};
    Datum constant{};
    std::int64_t whole = 0;
    const GoFunction* function = nullptr;
    std::vector<std::string> names{};
    std::vector<NodePtr> children{};
    NodePtr pipe{}, body{}, otherwise{};
};

/// The node as Go writes it in errors: `eq .a "b"`.
std::string node_text(const Node& node);

/// The body of one template, and the text its positions point into.
struct Tree {
    std::string name;         ///< its own
    std::string parsed_in;    ///< the template whose text defines it
    std::shared_ptr<const std::string> text;
    NodePtr root;
};

/// "NAME:LINE:COLUMN" of a byte, the column counted in bytes from 0 as Go does.
std::string place_of(const Tree& tree, std::uint32_t position);

using Trees = std::map<std::string, std::shared_ptr<const Tree>, std::less<>>;

/// Parses `text` and adds it and what it defines to `trees`. A body of nothing but blanks and comments does not replace
/// one that is there. Error(invalid) in Go's words: `template: NAME:LINE: ...`.
void parse_template(const std::string& name, std::string_view text, const GoFunctions& functions, Trees& trees);

}  // namespace gitops::templates::detail
