#include "core/doc/jq_syntax.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/text.hpp"
#include "core/doc/jq_functions.hpp"
#include "core/doc/jq_path.hpp"
#include "core/doc/jq_tokens.hpp"

namespace gitops::doc::detail {

namespace {

constexpr std::array<std::string_view, 12> k_not_supported = {"as",    "def",  "reduce", "foreach", "label", "break",
                                                              "import", "include", "input", "inputs", "env", "debug"};
constexpr std::array<std::string_view, 9> k_keywords = {"then", "elif", "else", "end", "and", "or", "catch", "try", "if"};

template <class Range>
bool listed(const Range& range, std::string_view name) {
    return std::ranges::find(range, name) != std::end(range);
}

class Parser {
  public:
    explicit Parser(std::string_view text) : m_text(text), m_tokens(jq_tokens(text)) {}

    JqNode run() {
        if (peek().kind == JqTokenKind::end) fail(peek(), "the expression is empty");
        auto root = pipe();
        if (peek().kind != JqTokenKind::end) unexpected();
        return root;
    }

  private:
    const JqToken& peek() const { return m_tokens[m_at]; }
    JqToken take() { return m_tokens[m_at++]; }
    bool at_sign(std::string_view sign) const { return peek().kind == JqTokenKind::sign && peek().text == sign; }
    bool at_word(std::string_view word) const { return peek().kind == JqTokenKind::word && peek().text == word; }
    bool take_sign(std::string_view sign) {
        if (!at_sign(sign)) return false;
        ++m_at;
        return true;
    }

    [[noreturn]] void fail(const JqToken& token, std::string_view message) const { throw jq_error(m_text, token.column, message); }

    [[noreturn]] void unexpected() const {
        const auto& token = peek();
        if (token.kind == JqTokenKind::word && listed(k_not_supported, token.text)) fail(token, token.text + " is not supported");
        fail(token, token.kind == JqTokenKind::end ? "the expression ends too early" : "unexpected \"" + token.text.substr(0, 40) + "\"");
    }

    void expect_sign(std::string_view sign) {
        if (!take_sign(sign)) expected(sign);
    }
    void expect_word(std::string_view word) {
        if (!at_word(word)) expected(word);
        ++m_at;
    }
    [[noreturn]] void expected(std::string_view what) const {
        if (peek().kind == JqTokenKind::end) fail(peek(), "expected \"" + std::string(what) + "\" before the end");
        if (peek().kind == JqTokenKind::word && listed(k_not_supported, peek().text)) unexpected();
        fail(peek(), "expected \"" + std::string(what) + "\", found \"" + peek().text.substr(0, 40) + "\"");
    }

    JqNode node(JqOp op, int column, std::vector<JqNode> children = {}, std::string text = {}) {
        if (++m_nodes > k_most_jq_nodes)
            throw jq_error(m_text, column, "the expression has more than " + std::to_string(k_most_jq_nodes) + " parts");
        JqNode made;
        made.op = op;
        made.column = column;
        made.text = std::move(text);
        made.children = std::move(children);
        return made;
    }

    static std::vector<JqNode> both(JqNode left, JqNode right) {
        std::vector<JqNode> children;
        children.push_back(std::move(left));
        children.push_back(std::move(right));
        return children;
    }

    /// Guards the recursion of the reader.
    class Nesting {
      public:
        explicit Nesting(Parser& parser) : m_parser(parser) {
            if (++parser.m_depth > k_deepest_jq_nesting)
                parser.fail(parser.peek(), "nested deeper than " + std::to_string(k_deepest_jq_nesting) + " levels");
        }
        ~Nesting() { --m_parser.m_depth; }
        Nesting(const Nesting&) = delete;
        Nesting& operator=(const Nesting&) = delete;

      private:
        Parser& m_parser;
    };

    /// Lowest first: `|`, `,`, `//`, `or`, `and`, comparison, `+ -`, `* / %`.
    JqNode pipe() {
        const Nesting nesting(*this);
        auto left = comma();
        while (at_sign("|")) {
            const int column = take().column;
            left = node(JqOp::pipe, column, both(std::move(left), comma()));
        }
        return left;
    }

    JqNode comma() {
        auto left = alternative();
        while (at_sign(",")) {
            const int column = take().column;
            left = node(JqOp::comma, column, both(std::move(left), alternative()));
        }
        return left;
    }

    JqNode alternative() {
        const Nesting nesting(*this);
        auto left = disjunction();
        if (!at_sign("//")) return left;
        const int column = take().column;
        return node(JqOp::alternative, column, both(std::move(left), alternative()));
    }

    JqNode disjunction() {
        auto left = conjunction();
        while (at_word("or")) {
            const int column = take().column;
            left = node(JqOp::logical_or, column, both(std::move(left), conjunction()));
        }
        return left;
    }

    JqNode conjunction() {
        auto left = comparison();
        while (at_word("and")) {
            const int column = take().column;
            left = node(JqOp::logical_and, column, both(std::move(left), comparison()));
        }
        return left;
    }

    bool at_any(std::initializer_list<std::string_view> signs) const {
        return std::ranges::any_of(signs, [&](std::string_view sign) { return at_sign(sign); });
    }

    JqNode comparison() {
        auto left = sum();
        if (!at_any({"==", "!=", "<", "<=", ">", ">="})) return left;
        const auto sign = take();
        left = node(JqOp::compare, sign.column, both(std::move(left), sum()), sign.text);
        if (at_any({"==", "!=", "<", "<=", ">", ">="})) fail(peek(), "comparisons do not chain: use and, or brackets");
        return left;
    }

    JqNode sum() {
        auto left = product();
        while (at_any({"+", "-"})) {
            const auto sign = take();
            left = node(JqOp::arithmetic, sign.column, both(std::move(left), product()), sign.text);
        }
        return left;
    }

    JqNode product() {
        auto left = signed_term();
        while (at_any({"*", "/", "%"})) {
            const auto sign = take();
            left = node(JqOp::arithmetic, sign.column, both(std::move(left), signed_term()), sign.text);
        }
        return left;
    }

    JqNode signed_term() {
        if (!at_sign("-")) return postfix();
        const Nesting nesting(*this);
        const int column = take().column;
        std::vector<JqNode> children;
        children.push_back(signed_term());
        return node(JqOp::negate, column, std::move(children));
    }

    JqNode postfix() {
        auto term = primary();
        while (true) {
            const auto& token = peek();
            if (token.kind == JqTokenKind::field) {
                const auto field = take();
                term = node(JqOp::field, field.column, one(std::move(term)), field.text);
            } else if (at_sign(".")) {
                term = after_dot(std::move(term));
            } else if (at_sign("[")) {
                term = brackets(std::move(term));
            } else if (at_sign("?")) {
                term = node(JqOp::attempt, take().column, one(std::move(term)));
            } else {
                if (at_word("as")) unexpected();
                return term;
            }
        }
    }

    static std::vector<JqNode> one(JqNode child) {
        std::vector<JqNode> children;
        children.push_back(std::move(child));
        return children;
    }

    /// `."a"` and `.[`, after a term.
    JqNode after_dot(JqNode term) {
        const auto dot = take();
        if (peek().kind == JqTokenKind::text) return node(JqOp::field, dot.column, one(std::move(term)), take().text);
        if (at_sign("[")) return brackets(std::move(term));
        unexpected();
    }

    JqNode literal_null(int column) { return node(JqOp::literal, column); }

    JqNode brackets(JqNode term) {
        const int column = take().column;
        if (take_sign("]")) return node(JqOp::iterate, column, one(std::move(term)));
        if (take_sign(":")) {
            auto end = pipe();
            expect_sign("]");
            return slice(column, std::move(term), literal_null(column), std::move(end));
        }
        auto first = pipe();
        if (take_sign(":")) {
            auto end = at_sign("]") ? literal_null(column) : pipe();
            expect_sign("]");
            return slice(column, std::move(term), std::move(first), std::move(end));
        }
        expect_sign("]");
        return node(JqOp::index, column, both(std::move(term), std::move(first)));
    }

    JqNode slice(int column, JqNode term, JqNode from, JqNode to) {
        auto children = both(std::move(term), std::move(from));
        children.push_back(std::move(to));
        return node(JqOp::slice, column, std::move(children));
    }

    JqNode primary() {
        const auto token = peek();
        switch (token.kind) {
            case JqTokenKind::field: ++m_at; return node(JqOp::field, token.column, one(node(JqOp::identity, token.column)), token.text);
            case JqTokenKind::text: ++m_at; return literal(token, Value(token.text));
            case JqTokenKind::number: ++m_at; return literal(token, number_of(token.text));
            case JqTokenKind::word: return word();
            case JqTokenKind::sign: return sign();
            case JqTokenKind::end: break;
        }
        unexpected();
    }

    static Value number_of(const std::string& spelled) {
        const bool whole = spelled.find_first_of(".eE") == std::string::npos && spelled.size() < 19;
        if (whole) {
            std::int64_t number = 0;
            std::from_chars(spelled.data(), spelled.data() + spelled.size(), number);
            return Value(number);
        }
        double number = 0;
        std::from_chars(spelled.data(), spelled.data() + spelled.size(), number);
        return Value(number);
    }

    JqNode literal(const JqToken& token, Value value) {
        auto made = node(JqOp::literal, token.column);
        made.value = std::move(value);
        return made;
    }

    JqNode sign() {
        const auto token = take();
        if (token.text == "..") return node(JqOp::recurse, token.column);
        if (token.text == ".") {
            auto self = node(JqOp::identity, token.column);
            if (peek().kind == JqTokenKind::text) return node(JqOp::field, token.column, one(std::move(self)), take().text);
            return self;  // `.[0]` goes on in postfix()
        }
        if (token.text == "(") {
            auto inner = pipe();
            expect_sign(")");
            return inner;
        }
        if (token.text == "[") {
            if (take_sign("]")) return node(JqOp::list, token.column);
            auto inner = pipe();
            expect_sign("]");
            return node(JqOp::list, token.column, one(std::move(inner)));
        }
        if (token.text == "{") return map(token.column);
        --m_at;
        unexpected();
    }

    JqNode map(int column) {
        std::vector<JqNode> children;
        while (!take_sign("}")) {
            if (!children.empty()) expect_sign(",");
            const auto token = peek();
            JqNode key;
            if (take_sign("(")) {
                key = pipe();
                expect_sign(")");
            } else if (token.kind == JqTokenKind::word || token.kind == JqTokenKind::text) {
                ++m_at;
                key = literal(token, Value(token.text));
            } else {
                unexpected();
            }
            const bool named = key.op == JqOp::literal;
            if (take_sign(":")) {
                children.push_back(std::move(key));
                children.push_back(map_value());
            } else {
                if (!named) expected(":");
                auto field = node(JqOp::field, token.column, one(node(JqOp::identity, token.column)), token.text);
                children.push_back(std::move(key));
                children.push_back(std::move(field));
            }
        }
        return node(JqOp::map, column, std::move(children));
    }

    JqNode map_value() {
        auto left = alternative();
        while (at_sign("|")) {
            const int column = take().column;
            left = node(JqOp::pipe, column, both(std::move(left), alternative()));
        }
        return left;
    }

    JqNode word() {
        const auto token = take();
        if (token.text == "true") return literal(token, Value(true));
        if (token.text == "false") return literal(token, Value(false));
        if (token.text == "null") return literal(token, Value());
        if (token.text == "if") return condition(token.column);
        if (token.text == "try") return attempt(token.column);
        if (listed(k_not_supported, token.text) || listed(k_keywords, token.text)) {
            --m_at;
            unexpected();
        }
        return call(token);
    }

    JqNode condition(int column) {
        const Nesting nesting(*this);
        auto children = one(pipe());
        expect_word("then");
        children.push_back(pipe());
        if (at_word("elif")) {
            children.push_back(condition(take().column));
            return node(JqOp::condition, column, std::move(children));
        }
        if (at_word("else")) {
            ++m_at;
            children.push_back(pipe());
        } else {
            children.push_back(node(JqOp::identity, peek().column));
        }
        expect_word("end");
        return node(JqOp::condition, column, std::move(children));
    }

    JqNode attempt(int column) {
        const Nesting nesting(*this);
        auto children = one(postfix());
        if (at_word("catch")) {
            ++m_at;
            children.push_back(postfix());
        }
        return node(JqOp::attempt, column, std::move(children));
    }

    JqNode call(const JqToken& name) {
        std::vector<JqNode> arguments;
        if (take_sign("(")) {
            do arguments.push_back(pipe());
            while (take_sign(";"));
            expect_sign(")");
        }
        const auto* function = find_jq_function(name.text, arguments.size());
        if (function == nullptr) unknown_call(name, arguments.size());
        auto made = node(JqOp::call, name.column, std::move(arguments), name.text);
        made.function = function;
        return made;
    }

    [[noreturn]] void unknown_call(const JqToken& name, std::size_t arity) const {
        const auto spelled = name.text.substr(0, 40);
        if (const auto other = jq_arities(name.text); !other.empty())
            fail(name, spelled + " takes " + other + ", not " + std::to_string(arity));
        auto error = jq_error(m_text, name.column, "the function " + spelled + " is not supported");
        throw error.suggest(base::near_names(name.text, jq_function_names()));
    }

    std::string_view m_text;
    std::vector<JqToken> m_tokens;
    std::size_t m_at = 0;
    std::size_t m_depth = 0;
    std::size_t m_nodes = 0;
};

/// The line of `text` around `column`, and below it a caret.
std::string pointed_at(std::string_view text, int column) {
    constexpr std::size_t k_before = 60, k_after = 30;
    const auto at = std::min(static_cast<std::size_t>(std::max(column, 1)) - 1, text.size());
    auto from = at > k_before ? at - k_before : 0;
    while (from > 0 && from < text.size() && (static_cast<unsigned char>(text[from]) & 0xC0) == 0x80) --from;
    auto to = std::min(text.size(), at + k_after);
    while (to < text.size() && (static_cast<unsigned char>(text[to]) & 0xC0) == 0x80) ++to;
    std::string line(text.substr(from, to - from));
    std::ranges::replace_if(line, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    const auto before = std::string_view(line).substr(0, at - from);
    const auto width = std::ranges::count_if(before, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    return line + "\n" + std::string(static_cast<std::size_t>(width), ' ') + "^";
}

}  // namespace

base::Error jq_error(std::string_view text, int column, std::string_view message) {
    base::Error error(base::Code::invalid, "jq path expression, column " + std::to_string(column) + ": " + std::string(message));
    error.at({{}, 0, column});
    return error.note("in\n" + pointed_at(text, column));
}

JqNode parse_jq(std::string_view text) {
    if (text.size() > k_longest_jq_text)
        throw base::Error(base::Code::invalid, "a jq path expression of more than " + std::to_string(k_longest_jq_text) + " bytes");
    if (!base::is_utf8(text)) throw base::Error(base::Code::invalid, "a jq path expression that is no UTF-8");
    return Parser(text).run();
}

}  // namespace gitops::doc::detail
