#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "core/base/error.hpp"
#include "core/notify/expression_tree.hpp"

namespace gitops::notify::detail {

namespace {

using base::Code;
using base::Error;

constexpr std::size_t k_longest = 4096;
constexpr int k_deepest = 64;

enum class Kind { end, word, number, text, mark };

struct Token {
    Kind kind = Kind::end;
    std::string text;
    std::size_t column = 0;
};

[[noreturn]] void fail(std::size_t column, const std::string& what) {
    throw Error(Code::invalid, "column " + std::to_string(column) + " of the condition: " + what);
}

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Scanner {
  public:
    explicit Scanner(std::string_view text) : m_text(text) {}

    std::vector<Token> scan() {
        std::vector<Token> tokens;
        while (true) {
            while (m_at < m_text.size() && std::isspace(static_cast<unsigned char>(m_text[m_at])) != 0) ++m_at;
            if (m_at == m_text.size()) break;
            tokens.push_back(next());
        }
        tokens.push_back({Kind::end, "", m_text.size() + 1});
        return tokens;
    }

  private:
    Token next() {
        const auto begin = m_at;
        const char c = m_text[m_at];
        if (c == '\'' || c == '"') return {Kind::text, quoted(c), begin + 1};
        if (is_letter(c)) {
            while (m_at < m_text.size() && (is_letter(m_text[m_at]) || is_digit(m_text[m_at]))) ++m_at;
            return {Kind::word, std::string(m_text.substr(begin, m_at - begin)), begin + 1};
        }
        if (is_digit(c)) {
            while (m_at < m_text.size() && (is_digit(m_text[m_at]) || m_text[m_at] == '.' || m_text[m_at] == '_')) ++m_at;
            std::string digits(m_text.substr(begin, m_at - begin));
            std::erase(digits, '_');
            return {Kind::number, digits, begin + 1};
        }
        constexpr std::array<std::string_view, 8> k_pairs{"==", "!=", "<=", ">=", "&&", "||", "?.", "??"};
        const auto pair = m_text.substr(m_at, 2);
        if (std::ranges::find(k_pairs, pair) != k_pairs.end()) {
            m_at += 2;
            return {Kind::mark, std::string(pair), begin + 1};
        }
        if (std::string_view("!<>+-*/%()[]{}.,?:#").find(c) == std::string_view::npos)
            fail(begin + 1, std::string("'") + c + "' means nothing here");
        ++m_at;
        return {Kind::mark, std::string(1, c), begin + 1};
    }

    std::string quoted(char quote) {
        const auto begin = m_at++;
        std::string text;
        while (m_at < m_text.size() && m_text[m_at] != quote) {
            if (m_text[m_at] != '\\') {
                text += m_text[m_at++];
                continue;
            }
            if (++m_at == m_text.size()) break;
            const char c = m_text[m_at++];
            text += c == 'n' ? '\n' : c == 't' ? '\t' : c;
        }
        if (m_at >= m_text.size()) fail(begin + 1, "the text that begins here has no end");
        ++m_at;
        return text;
    }

    std::string_view m_text;
    std::size_t m_at = 0;
};

struct Binary {
    Op op;
    int rank;
};

using Tree = std::shared_ptr<const Node>;

class Parser {
  public:
    explicit Parser(std::vector<Token> tokens) : m_tokens(std::move(tokens)) {}

    Tree parse() {
        auto tree = expression();
        if (now().kind != Kind::end) fail(now().column, "\"" + now().text + "\" was not expected");
        return tree;
    }

  private:
    const Token& now() const { return m_tokens[m_at]; }
    bool at(std::string_view text) const {
        return (now().kind == Kind::mark || now().kind == Kind::word) && now().text == text;
    }
    bool take(std::string_view text) {
        if (!at(text)) return false;
        ++m_at;
        return true;
    }
    void require(std::string_view text) {
        if (!take(text))
            fail(now().column, "expected \"" + std::string(text) + "\"" +
                                   (now().kind == Kind::end ? ", and it ends here" : ", found \"" + now().text + "\""));
    }

    static Tree make(Op op, std::size_t column, std::vector<Tree> parts, std::string text = {}) {
        return std::make_shared<const Node>(Node{op, column, {}, std::move(text), std::move(parts)});
    }

    Tree expression() {
        if (++m_depth > k_deepest) fail(now().column, "nested too deep");
        auto condition = binary(0);
        if (const auto column = now().column; take("?")) {
            auto yes = expression();
            require(":");
            auto no = expression();
            condition = make(Op::choose, column, {std::move(condition), std::move(yes), std::move(no)});
        }
        --m_depth;
        return condition;
    }

    /// The operator that stands here; "not in" is two words.
    std::optional<Binary> operation() const {
        struct Row {
            std::string_view text;
            Binary binary;
        };
        static constexpr std::array k_rows{
            Row{"or", {Op::either, 1}},          Row{"||", {Op::either, 1}},         Row{"and", {Op::both, 2}},
            Row{"&&", {Op::both, 2}},            Row{"==", {Op::equal, 3}},          Row{"!=", {Op::unequal, 3}},
            Row{"<", {Op::less, 3}},             Row{"<=", {Op::less_equal, 3}},     Row{">", {Op::greater, 3}},
            Row{">=", {Op::greater_equal, 3}},   Row{"in", {Op::in, 3}},             Row{"not", {Op::not_in, 3}},
            Row{"contains", {Op::contains, 3}},  Row{"startsWith", {Op::starts_with, 3}}, Row{"endsWith", {Op::ends_with, 3}},
            Row{"matches", {Op::matches, 3}},
            Row{"+", {Op::add, 4}},              Row{"-", {Op::subtract, 4}},        Row{"*", {Op::multiply, 5}},
            Row{"/", {Op::divide, 5}},           Row{"%", {Op::modulo, 5}},          Row{"??", {Op::otherwise, 6}},
        };
        for (const auto& row : k_rows)
            if (at(row.text)) return row.binary;
        return std::nullopt;
    }

    Tree binary(int weakest) {
        if (++m_depth > k_deepest) fail(now().column, "nested too deep");
        auto left = unary();
        for (auto found = operation(); found && found->rank > weakest; found = operation()) {
            const auto column = now().column;
            ++m_at;
            if (found->op == Op::not_in) require("in");
            auto right = binary(found->rank);
            left = make(found->op, column, {std::move(left), std::move(right)});
        }
        --m_depth;
        return left;
    }

    Tree unary() {
        if (++m_depth > k_deepest) fail(now().column, "nested too deep");
        const auto column = now().column;
        Tree tree;
        // expr's "not" binds looser than a comparison, "!" and "-" tighter.
        if (take("not")) tree = make(Op::invert, column, {binary(2)});
        else if (take("!")) tree = make(Op::invert, column, {unary()});
        else if (take("-")) tree = make(Op::negate, column, {unary()});
        else tree = chain(primary());
        --m_depth;
        return tree;
    }

    Tree primary() {
        const Token token = now();
        ++m_at;
        if (token.kind == Kind::text) return literal(token, doc::Value(token.text));
        if (token.kind == Kind::number) return literal(token, number(token));
        if (token.kind == Kind::word) return word(token);
        if (token.text == "(") {
            auto inner = expression();
            require(")");
            return inner;
        }
        if (token.text == "[") return make(Op::list, token.column, arguments("]"));
        if (token.text == "#") return make(Op::item, token.column, {});
        if (token.text == ".") {  // in a predicate: a field of the item
            --m_at;
            return make(Op::item, token.column, {});
        }
        fail(token.column, token.kind == Kind::end ? "something is missing at the end" : "\"" + token.text + "\" was not expected");
    }

    static Tree literal(const Token& token, doc::Value value) {
        return std::make_shared<const Node>(Node{Op::literal, token.column, std::move(value), {}, {}});
    }

    static doc::Value number(const Token& token) {
        const auto dots = std::ranges::count(token.text, '.');
        if (dots > 1 || token.text.back() == '.') fail(token.column, "\"" + token.text + "\" is no number");
        return doc::Value::number(dots == 0 ? doc::Value::Kind::integer : doc::Value::Kind::floating, token.text);
    }

    Tree word(const Token& token) {
        if (token.text == "true") return literal(token, doc::Value(true));
        if (token.text == "false") return literal(token, doc::Value(false));
        if (token.text == "nil" || token.text == "null") return literal(token, doc::Value());
        if (take("(")) return make(Op::call, token.column, arguments(")"), token.text);
        constexpr std::array<std::string_view, 4> k_rooms{"time", "strings", "repo", "sync"};
        if (std::ranges::find(k_rooms, token.text) != k_rooms.end() && at(".")) {
            ++m_at;
            const Token function = now();
            ++m_at;
            if (function.kind != Kind::word) fail(function.column, "expected a function of " + token.text);
            require("(");
            return make(Op::call, token.column, arguments(")"), token.text + "." + function.text);
        }
        return make(Op::name, token.column, {}, token.text);
    }

    std::vector<Tree> arguments(std::string_view closing) {
        std::vector<Tree> parts;
        while (!take(closing)) {
            if (!parts.empty()) require(",");
            if (const auto column = now().column; take("{")) {
                auto body = expression();
                require("}");
                parts.push_back(make(Op::predicate, column, {std::move(body)}));
            } else {
                parts.push_back(expression());
            }
        }
        return parts;
    }

    Tree chain(Tree tree) {
        while (true) {
            const auto column = now().column;
            if (take(".") || take("?.")) {
                const Token name = now();
                ++m_at;
                if (name.kind != Kind::word) fail(name.column, "expected the name of a member");
                if (!take("(")) {
                    tree = make(Op::member, column, {std::move(tree)}, name.text);
                    continue;
                }
                auto parts = arguments(")");
                parts.insert(parts.begin(), std::move(tree));
                tree = make(Op::method, column, std::move(parts), name.text);
            } else if (take("[")) {
                auto index = expression();
                require("]");
                tree = make(Op::index, column, {std::move(tree), std::move(index)});
            } else {
                return tree;
            }
        }
    }

    std::vector<Token> m_tokens;
    std::size_t m_at = 0;
    int m_depth = 0;
};

}  // namespace

std::shared_ptr<const Node> parse_expression(std::string_view text) {
    if (text.size() > k_longest) throw Error(Code::invalid, "a condition may have 4096 bytes, this one has " + std::to_string(text.size()));
    return Parser(Scanner(text).scan()).parse();
}

}  // namespace gitops::notify::detail
