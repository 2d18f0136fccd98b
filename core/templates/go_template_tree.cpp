#include "core/templates/go_template_tree.hpp"

#include <algorithm>

#include "core/templates/go_print.hpp"

namespace gitops::templates::detail {

namespace {

std::string dotted(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& name : names) out += "." + name;
    return out;
}

std::string joined(const Node& node, std::string_view separator) {
    std::string out;
    for (const auto& child : node.children) {
        if (!out.empty()) out += separator;
        const bool nested = child->type == NodeType::pipeline;
        out += nested ? "(" + node_text(*child) + ")" : node_text(*child);
    }
    return out;
}

}  // namespace

std::string node_text(const Node& node) {
    switch (node.type) {
        case NodeType::pipeline: {
            std::string out;
            for (const auto& name : node.names) out += (out.empty() ? "" : ", ") + name;
            if (!out.empty()) out += node.assigns ? " = " : " := ";
            return out + joined(node, " | ");
        }
        case NodeType::command: return joined(node, " ");
        case NodeType::field: return dotted(node.names);
        case NodeType::variable: return dotted(node.names).substr(1);
        case NodeType::chain: return joined(node, "") + dotted(node.names);
        case NodeType::dot: return ".";
        case NodeType::nil: return "nil";
        case NodeType::identifier:
        case NodeType::boolean:
        case NodeType::number:
        case NodeType::string: return node.text;
        case NodeType::text: return node.text;
        case NodeType::call_template:
            return "{{template " + go_quote(node.text) + (node.pipe ? " " + node_text(*node.pipe) : "") + "}}";
        case NodeType::break_loop: return "{{break}}";
        case NodeType::continue_loop: return "{{continue}}";
        case NodeType::action: return "{{" + node_text(*node.pipe) + "}}";
        case NodeType::branch_if: return "{{if " + node_text(*node.pipe) + "}}";
        case NodeType::branch_with: return "{{with " + node_text(*node.pipe) + "}}";
        case NodeType::range: return "{{range " + node_text(*node.pipe) + "}}";
        case NodeType::list: return {};
    }
    return {};
}

std::string place_of(const Tree& tree, std::uint32_t position) {
    const std::string_view before = std::string_view(*tree.text).substr(0, position);
    const std::size_t newline = before.rfind('\n');
    const std::size_t column = newline == std::string_view::npos ? before.size() : before.size() - newline - 1;
    const auto line = 1 + std::ranges::count(before, '\n');
    return tree.parsed_in + ":" + std::to_string(line) + ":" + std::to_string(column);
}

}  // namespace gitops::templates::detail
