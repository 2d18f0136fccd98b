// Tokens -> tree, with Go's checks and Go's words for what is wrong.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <deque>

#include "core/base/error.hpp"
#include "core/doc/number.hpp"
#include "core/templates/go_print.hpp"
#include "core/templates/go_template_lexer.hpp"
#include "core/templates/go_template_tree.hpp"

namespace gitops::templates::detail {

namespace {

using base::Code;
using base::Error;

/// Nested branches and parentheses; Go has no limit for branches, people need twenty.
constexpr int k_max_nesting = 500;

NodePtr make(NodeType type, std::uint32_t position) {
    auto node = std::make_unique<Node>();
    node->type = type;
    node->position = position;
    return node;
}

bool is_blank_text(const Node& node) { return node.text.find_first_not_of(" \t\r\n\v\f") == std::string::npos; }

bool is_empty_tree(const Node& list) {
    return std::ranges::all_of(list.children,
                               [](const NodePtr& node) { return node->type == NodeType::text && is_blank_text(*node); });
}

/// Both readings of a number, as Go's parser makes them: what it is alone, and what an integer parameter gets.
bool read_number(Node& node, TokenType type, std::string_view text) {
    if (type == TokenType::character_constant) {
        const auto content = go_unquote(text);
        if (!content || content->empty()) return false;
        std::string_view rest = *content;
        const std::uint32_t rune = take_rune(rest);
        if (!rest.empty()) return false;
        node.whole = rune;
        node.is_whole = true;
        node.constant = Datum::integer(rune);
        return true;
    }
    const bool is_hex = text.find_first_of("xX") != std::string_view::npos;
    const bool looks_floating = is_hex ? text.find_first_of(".pP") != std::string_view::npos
                                       : text.find_first_of(".eEpP") != std::string_view::npos;
    if (text.find('i') != std::string_view::npos) return false;
    if (!looks_floating) {
        const auto whole = doc::parse_int(text);
        // "089" is octal for Go, and wrong.
        const bool is_octal = text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
        if (!whole || (is_octal && text.find_first_of("89") != std::string_view::npos)) return false;
        node.whole = *whole;
        node.is_whole = true;
        node.constant = Datum::integer(*whole);
        return true;
    }
    std::string plain(text);
    std::erase(plain, '_');
    const auto number = is_hex ? std::optional<double>(std::strtod(plain.c_str(), nullptr)) : doc::parse_double(plain);
    if (!number) return false;
    node.constant = Datum(*number);
    if (std::floor(*number) == *number && std::fabs(*number) < 9.2e18) {
        node.is_whole = true;
        node.whole = static_cast<std::int64_t>(*number);
    }
    return true;
}

class Parser {
  public:
    Parser(const std::string& name, std::shared_ptr<const std::string> text, const GoFunctions& functions, Trees& trees)
        : m_name(name), m_text(std::move(text)), m_functions(functions), m_trees(trees), m_lexer(*m_text) {}

    void run() {
        auto root = make(NodeType::list, 0);
        while (peek().type != TokenType::end_of_text) {
            if (peek().type == TokenType::left_delimiter) {
                const Token delimiter = next();
                if (const Token word = next_non_space(); word.type == TokenType::word_define) {
                    parse_definition();
                    continue;
                } else {
                    backup(word);
                }
                backup(delimiter);
            }
            NodePtr node = text_or_action();
            if (is_end(*node)) fail("unexpected " + told_end(*node));
            root->children.push_back(std::move(node));
        }
        add(m_name, std::move(root));
    }

  private:
    // Ends of lists are nodes without a type of their own: an empty list, "else" in its text.
    static bool is_end(const Node& node) { return node.type == NodeType::list; }
    static std::string told_end(const Node& node) { return node.text == "else" ? "{{else}}" : "{{end}}"; }

    Token next() {
        if (m_pending.empty()) m_pending.push_back(m_lexer.next());
        Token token = m_pending.front();
        m_pending.pop_front();
        m_line = token.line;
        return token;
    }
    void backup(const Token& token) { m_pending.push_front(token); }
    const Token& peek() {
        if (m_pending.empty()) m_pending.push_back(m_lexer.next());
        m_line = m_pending.front().line;
        return m_pending.front();
    }
    Token next_non_space() {
        Token token = next();
        while (token.type == TokenType::space) token = next();
        return token;
    }
    Token peek_non_space() {
        Token token = next_non_space();
        backup(token);
        return token;
    }

    [[noreturn]] void fail(const std::string& message) const {
        throw Error(Code::invalid, "template: " + m_name + ":" + std::to_string(m_line) + ": " + message);
    }
    [[noreturn]] void unexpected(const Token& token, std::string_view where) const {
        if (token.type == TokenType::error) {
            std::string extra;
            if (m_action_line != 0 && m_action_line != token.line) {
                extra = " in action started at " + m_name + ":" + std::to_string(m_action_line);
                if (token.problem.ends_with(" action")) extra = extra.substr(std::string_view(" in action").size());
            }
            fail(token.problem + extra);
        }
        fail("unexpected " + token.told() + " in " + std::string(where));
    }
    void expect(TokenType type, std::string_view where) {
        if (const Token token = next_non_space(); token.type != type) unexpected(token, where);
    }

    void add(const std::string& name, NodePtr root) {
        auto tree = std::make_shared<Tree>();
        *tree = {name, m_name, m_text, std::move(root)};
        const auto found = m_trees.find(name);
        if (found != m_trees.end() && is_empty_tree(*tree->root)) return;
        m_trees[name] = std::move(tree);
    }

    std::string template_name(const Token& token, std::string_view where) {
        if (token.type != TokenType::string && token.type != TokenType::raw_string) unexpected(token, where);
        const auto name = go_unquote(token.text);
        if (!name) fail("invalid syntax");
        return *name;
    }

    void parse_definition() {
        constexpr std::string_view k_where = "define clause";
        const std::string name = template_name(next_non_space(), k_where);
        expect(TokenType::right_delimiter, k_where);
        auto variables = std::exchange(m_variables, {"$"});
        auto list = item_list();
        if (list.end->text == "else") fail("unexpected {{else}} in " + std::string(k_where));
        m_variables = std::move(variables);
        add(name, std::move(list.body));
    }

    struct Items {
        NodePtr body;
        NodePtr end;
    };
    Items item_list() {
        if (++m_nesting > k_max_nesting) fail("nested too deeply");
        auto list = make(NodeType::list, peek_non_space().position);
        while (peek_non_space().type != TokenType::end_of_text) {
            NodePtr node = text_or_action();
            if (is_end(*node)) {
                --m_nesting;
                return {std::move(list), std::move(node)};
            }
            list->children.push_back(std::move(node));
        }
        fail("unexpected EOF");
    }

    NodePtr text_or_action() {
        const Token token = next_non_space();
        if (token.type == TokenType::text) {
            auto node = make(NodeType::text, token.position);
            node->text = token.text;
            return node;
        }
        if (token.type != TokenType::left_delimiter) unexpected(token, "input");
        m_action_line = token.line;
        NodePtr node = action();
        m_action_line = 0;
        return node;
    }

    NodePtr action() {
        const Token token = next_non_space();
        switch (token.type) {
            case TokenType::word_block: return block();
            case TokenType::word_else: return otherwise(token);
            case TokenType::word_end: {
                expect(TokenType::right_delimiter, "end");
                return make(NodeType::list, token.position);
            }
            case TokenType::word_if: return branch(NodeType::branch_if, token, "if");
            case TokenType::word_range: return branch(NodeType::range, token, "range");
            case TokenType::word_with: return branch(NodeType::branch_with, token, "with");
            case TokenType::word_template: return call_template();
            case TokenType::word_break: return loop_word(NodeType::break_loop, token);
            case TokenType::word_continue: return loop_word(NodeType::continue_loop, token);
            default: break;
        }
        backup(token);
        auto node = make(NodeType::action, peek().position);
        node->pipe = pipeline("command", TokenType::right_delimiter);
        return node;
    }

    NodePtr loop_word(NodeType type, const Token& word) {
        const std::string told = "{{" + std::string(word.text) + "}}";
        if (const Token token = next_non_space(); token.type != TokenType::right_delimiter) unexpected(token, told);
        if (m_range_depth == 0) fail(told + " outside {{range}}");
        return make(type, word.position);
    }

    NodePtr otherwise(const Token& word) {
        auto node = make(NodeType::list, word.position);
        node->text = "else";
        const Token ahead = peek_non_space();
        if (ahead.type == TokenType::word_if || ahead.type == TokenType::word_with) return node;
        expect(TokenType::right_delimiter, "else");
        return node;
    }

    NodePtr branch(NodeType type, const Token& word, std::string_view what) {
        auto node = make(type, word.position);
        const std::size_t variables = m_variables.size();
        node->pipe = pipeline(what, TokenType::right_delimiter);
        m_range_depth += type == NodeType::range ? 1 : 0;
        auto list = item_list();
        m_range_depth -= type == NodeType::range ? 1 : 0;
        node->body = std::move(list.body);
        if (list.end->text == "else") parse_otherwise(*node, type);
        m_variables.resize(variables);
        return node;
    }

    void parse_otherwise(Node& node, NodeType type) {
        const Token ahead = peek_non_space();
        const bool continues = (type == NodeType::branch_if && ahead.type == TokenType::word_if) ||
                               (type == NodeType::branch_with && ahead.type == TokenType::word_with);
        if (continues) {
            const Token word = next_non_space();
            node.otherwise = make(NodeType::list, word.position);
            if (++m_nesting > k_max_nesting) fail("nested too deeply");
            node.otherwise->children.push_back(branch(type, word, type == NodeType::branch_if ? "if" : "with"));
            --m_nesting;
            return;
        }
        if (ahead.type == TokenType::word_if || ahead.type == TokenType::word_with) unexpected(next_non_space(), "input");
        auto list = item_list();
        if (list.end->text == "else") fail("expected end; found {{else}}");
        node.otherwise = std::move(list.body);
    }

    NodePtr block() {
        constexpr std::string_view k_where = "block clause";
        const Token name = next_non_space();
        auto node = make(NodeType::call_template, name.position);
        node->text = template_name(name, k_where);
        node->pipe = pipeline(k_where, TokenType::right_delimiter);
        auto variables = std::exchange(m_variables, {"$"});
        const int range_depth = std::exchange(m_range_depth, 0);
        auto list = item_list();
        if (list.end->text == "else") fail("unexpected {{else}} in " + std::string(k_where));
        m_variables = std::move(variables);
        m_range_depth = range_depth;
        add(node->text, std::move(list.body));
        return node;
    }

    NodePtr call_template() {
        constexpr std::string_view k_where = "template clause";
        const Token name = next_non_space();
        auto node = make(NodeType::call_template, name.position);
        node->text = template_name(name, k_where);
        if (const Token token = next_non_space(); token.type != TokenType::right_delimiter) {
            backup(token);
            node->pipe = pipeline(k_where, TokenType::right_delimiter);
        }
        return node;
    }

    NodePtr pipeline(std::string_view where, TokenType end) {
        if (++m_nesting > k_max_nesting) fail("nested too deeply");
        auto pipe = make(NodeType::pipeline, peek_non_space().position);
        parse_declarations(*pipe, where);
        while (true) {
            const Token token = next_non_space();
            if (token.type == end) {
                check_pipeline(*pipe, where);
                --m_nesting;
                return pipe;
            }
            if (!begins_operand(token.type)) unexpected(token, where);
            backup(token);
            pipe->children.push_back(command());
        }
    }

    static bool begins_operand(TokenType type) {
        constexpr TokenType k_all[] = {TokenType::boolean,    TokenType::character_constant, TokenType::dot,
                                       TokenType::field,      TokenType::identifier,         TokenType::number,
                                       TokenType::nil,        TokenType::raw_string,         TokenType::string,
                                       TokenType::variable,   TokenType::left_paren};
        return std::ranges::find(k_all, type) != std::end(k_all);
    }

    void parse_declarations(Node& pipe, std::string_view where) {
        while (peek_non_space().type == TokenType::variable) {
            const Token variable = next_non_space();
            const Token after = peek();
            const Token token = peek_non_space();
            if (token.type == TokenType::assign || token.type == TokenType::declare) {
                pipe.assigns = token.type == TokenType::assign;
                next_non_space();
                declare(pipe, variable);
                return;
            }
            if (token.type != TokenType::character || token.text != ",") {
                if (after.type == TokenType::space) backup(after);  // "$x .y" is not "$x.y"
                backup(variable);
                return;
            }
            next_non_space();
            declare(pipe, variable);
            if (where != "range" || pipe.names.size() >= 2) fail("too many declarations in " + std::string(where));
            const TokenType ahead = peek_non_space().type;
            if (ahead != TokenType::variable && ahead != TokenType::right_delimiter && ahead != TokenType::right_paren)
                fail("range can only initialize variables");
        }
    }

    void declare(Node& pipe, const Token& variable) {
        pipe.names.emplace_back(variable.text);
        m_variables.emplace_back(variable.text);
    }

    void require_variable(std::string_view name) const {
        if (std::ranges::find(m_variables, name) == m_variables.end())
            fail("undefined variable " + go_quote(name));
    }

    void check_pipeline(const Node& pipe, std::string_view where) const {
        if (pipe.children.empty()) fail("missing value for " + std::string(where));
        for (std::size_t i = 1; i < pipe.children.size(); ++i) {
            const NodeType type = pipe.children[i]->children.front()->type;
            if (type == NodeType::boolean || type == NodeType::dot || type == NodeType::nil ||
                type == NodeType::number || type == NodeType::string)
                fail("non executable command in pipeline stage " + std::to_string(i + 1));
        }
    }

    NodePtr command() {
        auto node = make(NodeType::command, peek_non_space().position);
        while (true) {
            peek_non_space();
            if (NodePtr part = operand()) node->children.push_back(std::move(part));
            const Token token = next();
            if (token.type == TokenType::space) continue;
            if (token.type == TokenType::right_delimiter || token.type == TokenType::right_paren) backup(token);
            else if (token.type != TokenType::pipe) unexpected(token, "operand");
            break;
        }
        if (node->children.empty()) fail("empty command");
        return node;
    }

    NodePtr operand() {
        NodePtr node = term();
        if (!node || peek().type != TokenType::field) return node;
        const std::uint32_t position = peek().position;
        std::vector<std::string> names;
        while (peek().type == TokenType::field) names.emplace_back(next().text.substr(1));
        if (node->type == NodeType::field || node->type == NodeType::variable) {
            node->position = position;
            node->names.insert(node->names.end(), names.begin(), names.end());
            return node;
        }
        if (node->type != NodeType::identifier && node->type != NodeType::pipeline)
            fail("unexpected . after term " + go_quote(node_text(*node)));
        auto chain = make(NodeType::chain, position);
        chain->children.push_back(std::move(node));
        chain->names = std::move(names);
        return chain;
    }

    NodePtr term() {
        const Token token = next_non_space();
        switch (token.type) {
            case TokenType::identifier: {
                auto node = make(NodeType::identifier, token.position);
                node->text = token.text;
                node->function = m_functions.find(token.text);
                if (node->function == nullptr && token.text != "and" && token.text != "or")
                    fail("function " + go_quote(token.text) + " not defined");
                return node;
            }
            case TokenType::dot: return make(NodeType::dot, token.position);
            case TokenType::nil: return make(NodeType::nil, token.position);
            case TokenType::variable: {
                require_variable(token.text);
                auto node = make(NodeType::variable, token.position);
                node->names.emplace_back(token.text);
                return node;
            }
            case TokenType::field: {
                auto node = make(NodeType::field, token.position);
                node->names.emplace_back(token.text.substr(1));
                return node;
            }
            case TokenType::boolean: {
                auto node = make(NodeType::boolean, token.position);
                node->text = token.text;
                node->constant = Datum(token.text == "true");
                return node;
            }
            case TokenType::character_constant:
            case TokenType::number: {
                auto node = make(NodeType::number, token.position);
                node->text = token.text;
                if (!read_number(*node, token.type, token.text))
                    fail((token.type == TokenType::number ? "illegal number syntax: " : "malformed character constant: ") +
                         (token.type == TokenType::number ? go_quote(token.text) : std::string(token.text)));
                return node;
            }
            case TokenType::left_paren: return pipeline("parenthesized pipeline", TokenType::right_paren);
            case TokenType::string:
            case TokenType::raw_string: {
                auto node = make(NodeType::string, token.position);
                node->text = token.text;
                auto content = go_unquote(token.text);
                if (!content) fail("invalid syntax");
                node->constant = Datum(std::move(*content));
                return node;
            }
            default: break;
        }
        backup(token);
        return nullptr;
    }

    const std::string& m_name;
    std::shared_ptr<const std::string> m_text;
    const GoFunctions& m_functions;
    Trees& m_trees;
    GoLexer m_lexer;
    std::deque<Token> m_pending;
    std::vector<std::string> m_variables{"$"};
    std::uint32_t m_line = 1;
    std::uint32_t m_action_line = 0;
    int m_range_depth = 0;
    int m_nesting = 0;
};

}  // namespace

void parse_template(const std::string& name, std::string_view text, const GoFunctions& functions, Trees& trees) {
    Parser(name, std::make_shared<const std::string>(text), functions, trees).run();
}

}  // namespace gitops::templates::detail
