// Walks the tree of a Go template over a Datum.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/templates/go_print.hpp"
#include "core/templates/go_template.hpp"
#include "core/templates/go_time.hpp"

namespace gitops::templates {

namespace {

using base::Code;
using base::Error;
using detail::Node;
using detail::NodeType;
using detail::Tree;

/// Bodies and pipelines inside each other, over all templates under way: what the stack of a thread bears.
constexpr int k_max_levels = 4000;
constexpr int k_max_texts = 100;  ///< each parses and runs a text, and so takes much of the stack

enum class Flow { normal, break_loop, continue_loop };

struct Variable {
    std::string_view name;
    Datum value;
};

std::string_view expected_type(char letter) {
    switch (letter) {
        case 's': return "string";
        case 'i': return "int";
        case 'l': return "int64";
        case 'f': return "float64";
        case 'b': return "bool";
        case 'm': return "map[string]interface {}";
        case 't': return "time.Time";
        default: return "interface {}";
    }
}

bool is_assignable(const Datum& value, char letter) {
    switch (letter) {
        case 's': return value.is_string();
        case 'i': return value.is_integer() && value.width() == IntWidth::plain;
        case 'l': return value.is_integer() && value.width() == IntWidth::wide;
        case 'f': return value.is_floating();
        case 'b': return value.kind() == Datum::Kind::boolean;
        case 'm': return value.is_map() && value.elements() == Elements::any;
        case 't': return value.kind() == Datum::Kind::time;
        default: return true;
    }
}

bool takes_nil(char letter) { return letter == 'a' || letter == 'm'; }

class Run final : public GoRun {
  public:
    Run(const detail::Trees& trees, const GoFunctions& functions, const GoOptions& options)
        : m_trees(trees),
          m_functions(functions),
          m_options(options),
          m_most_work(options.budget ? std::min(options.max_work, *options.budget) : options.max_work) {}
    ~Run() override {
        if (m_options.budget) *m_options.budget -= std::min(m_work, *m_options.budget);
    }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    base::Time now() const override { return m_options.now; }

    void spend(std::size_t amount) override {
        m_work += amount;
        if (m_work > m_most_work) throw Error(Code::invalid, too_much());
    }

    std::string execute(std::string_view name, const Datum& data) override {
        const auto found = m_trees.find(name);
        if (found == m_trees.end())
            throw Error(Code::invalid, fmt::format("template: no template {} associated with this set", go_quote(name)));
        return execute_tree(*found->second, data, m_trees);
    }

    std::string execute_text(std::string_view text, const Datum& data) override {
        detail::Trees trees = m_trees;
        const std::string name = m_tree == nullptr ? "tpl" : m_tree->name;
        trees.erase(name);
        parse_template(name, text, m_functions, trees);
        const auto found = trees.find(name);
        if (found == trees.end()) return {};
        const Level within(*this, m_texts, k_max_texts);
        return execute_tree(*found->second, data, trees);
    }

  private:
    /// A nesting level while it lives.
    class Level {
      public:
        explicit Level(Run& run) : Level(run, run.m_levels, k_max_levels) {}
        Level(const Run& run, int& count, int most) : m_count(count) {
            if (count >= most) run.fail("exceeded maximum template depth");
            ++m_count;
        }
        ~Level() { --m_count; }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;

      private:
        int& m_count;
    };

    std::string execute_tree(const Tree& tree, const Datum& data, const detail::Trees& trees) {
        // A frame of its own: output, variables and the place of errors.
        const Level level(*this);
        auto output = std::exchange(m_output, {});
        auto variables = std::exchange(m_variables, {{"$", data}});
        const auto* outer_trees = std::exchange(m_active, &trees);
        const Tree* outer_tree = std::exchange(m_tree, &tree);
        const Node* outer_node = m_node;
        const auto restore = [&] {
            m_active = outer_trees;
            m_tree = outer_tree;
            m_node = outer_node;
            m_variables = std::move(variables);
            std::swap(m_output, output);
        };
        try {
            walk(data, *tree.root);
        } catch (...) {
            restore();
            throw;
        }
        restore();
        return output;
    }

    [[noreturn]] void fail(const std::string& message) const {
        if (m_tree == nullptr || m_node == nullptr) throw Error(Code::invalid, message);
        throw Error(Code::invalid, fmt::format("template: {}: executing {} at <{}>: {}", place_of(*m_tree, m_node->position),
                                               go_quote(m_tree->name), node_text(*m_node), message));
    }

    void step() {
        if (++m_work > m_most_work) fail(too_much());
    }

    void write(std::string_view text) {
        if (m_output.size() + text.size() > m_options.max_output)
            fail(fmt::format("the output is larger than {} bytes", m_options.max_output));
        m_output += text;
    }

    Flow walk(const Datum& dot, const Node& node) {
        step();
        switch (node.type) {
            case NodeType::list: {
                const Level level(*this);
                for (const auto& child : node.children)
                    if (const Flow flow = walk(dot, *child); flow != Flow::normal) return flow;
                return Flow::normal;
            }
            case NodeType::text: write(node.text); return Flow::normal;
            case NodeType::action: {
                m_node = &node;
                const Datum value = pipeline(dot, node.pipe.get());
                if (node.pipe->names.empty()) print(value);
                return Flow::normal;
            }
            case NodeType::branch_if:
            case NodeType::branch_with: return walk_branch(dot, node);
            case NodeType::range: return walk_range(dot, node);
            case NodeType::call_template: walk_template(dot, node); return Flow::normal;
            case NodeType::break_loop: return Flow::break_loop;
            case NodeType::continue_loop: return Flow::continue_loop;
            default: return Flow::normal;
        }
    }

    void print(const Datum& value) {
        if (value.is_nothing()) write("<no value>");
        else if (value.is_string()) write(value.text());
        else write(go_text(value));
    }

    Flow walk_branch(const Datum& dot, const Node& node) {
        const std::size_t mark = m_variables.size();
        const Datum value = pipeline(dot, node.pipe.get());
        Flow flow = Flow::normal;
        if (value.truth()) flow = walk(node.type == NodeType::branch_with ? value : dot, *node.body);
        else if (node.otherwise) flow = walk(dot, *node.otherwise);
        m_variables.resize(mark);
        return flow;
    }

    Flow one_round(const Node& node, const Datum& index, const Datum& element) {
        const auto& names = node.pipe->names;
        const std::size_t count = m_variables.size();
        if (node.pipe->assigns) {
            if (names.size() > 1) assign(names[0], index);
            if (!names.empty()) assign(names.back(), element);
        } else {
            if (names.size() > 1) m_variables[count - 2].value = index;
            if (!names.empty()) m_variables[count - 1].value = element;
        }
        const Flow flow = walk(element, *node.body);
        m_variables.resize(count);
        return flow;
    }

    Flow walk_range(const Datum& dot, const Node& node) {
        m_node = &node;
        const std::size_t mark = m_variables.size();
        const Datum value = pipeline(dot, node.pipe.get());
        bool ran = false;
        const auto round = [&](const Datum& index, const Datum& element) {
            ran = true;
            return one_round(node, index, element) == Flow::break_loop;
        };
        switch (value.kind()) {
            case Datum::Kind::missing:
            case Datum::Kind::nil: break;
            case Datum::Kind::integer:
                if (node.pipe->names.size() > 1)
                    fail("can't use " + std::to_string(value.number()) + " to iterate over more than one variable");
                for (std::int64_t i = 0; i < value.number(); ++i)
                    if (round({}, Datum::integer(i, value.width()))) break;
                break;
            case Datum::Kind::list:
                for (std::size_t i = 0; i < value.items().size(); ++i) {
                    const Datum element = value.items()[i];
                    if (round(Datum::integer(static_cast<std::int64_t>(i)), element)) break;
                }
                break;
            case Datum::Kind::map: {
                const auto entries = value.entries();  // as it was: the body may change it
                for (const auto& [key, element] : entries)
                    if (round(key, element)) break;
                break;
            }
            default: fail("range can't iterate over " + go_text(value));
        }
        Flow flow = Flow::normal;
        m_variables.resize(mark + (ran ? 0 : node.pipe->assigns ? 0 : node.pipe->names.size()));
        if (!ran && node.otherwise) flow = walk(dot, *node.otherwise);
        m_variables.resize(mark);
        return flow;
    }

    void walk_template(const Datum& dot, const Node& node) {
        m_node = &node;
        const auto found = m_active->find(node.text);
        if (found == m_active->end()) fail("template " + go_quote(node.text) + " not defined");
        if (m_depth >= m_options.max_depth) fail(fmt::format("exceeded maximum template depth ({})", m_options.max_depth));
        const Datum data = pipeline(dot, node.pipe.get());
        const Level level(*this);
        auto variables = std::exchange(m_variables, {{"$", data}});
        const Tree* outer = std::exchange(m_tree, found->second.get());
        ++m_depth;
        const auto restore = [&] {
            --m_depth;
            m_tree = outer;
            m_variables = std::move(variables);
        };
        try {
            walk(data, *found->second->root);
        } catch (...) {
            restore();
            throw;
        }
        restore();
    }

    void assign(std::string_view name, const Datum& value) {
        for (auto variable = m_variables.rbegin(); variable != m_variables.rend(); ++variable) {
            if (variable->name != name) continue;
            variable->value = value;
            return;
        }
        fail("undefined variable: " + std::string(name));
    }

    Datum variable(std::string_view name) const {
        for (auto variable = m_variables.rbegin(); variable != m_variables.rend(); ++variable)
            if (variable->name == name) return variable->value;
        fail("undefined variable: " + std::string(name));
    }

    Datum pipeline(const Datum& dot, const Node* pipe) {
        if (pipe == nullptr) return Datum::missing();
        const Level level(*this);
        step();
        m_node = pipe;
        Datum value = Datum::missing();
        bool has_final = false;
        for (const auto& child : pipe->children) {
            Datum result = command(dot, *child, has_final ? &value : nullptr);
            value = result.is_nothing() ? Datum::missing() : std::move(result);
            has_final = true;
        }
        for (const auto& name : pipe->names) {
            if (pipe->assigns) assign(name, value);
            else m_variables.push_back({name, value});
        }
        return value;
    }

    using Operands = std::span<const detail::NodePtr>;

    /// What a field or a chain is given: of the values here only times have methods.
    struct Arguments {
        Operands operands;
        const Datum* final = nullptr;
        bool any() const { return !operands.empty() || final != nullptr; }
    };

    void require_alone(const Operands& operands, const Datum* final) {
        if (operands.size() > 1 || final != nullptr)
            fail("can't give argument to non-function " + node_text(*operands[0]));
    }

    Datum command(const Datum& dot, const Node& node, const Datum* final) {
        const Operands operands(node.children);
        const Node& first = *operands[0];
        switch (first.type) {
            case NodeType::field:
            case NodeType::chain:
            case NodeType::variable: return chain(dot, first, {operands.subspan(1), final});
            case NodeType::identifier: return call(dot, first, node, operands.subspan(1), final);
            case NodeType::pipeline: require_alone(operands, final); return pipeline(dot, &first);
            default: break;
        }
        m_node = &first;
        require_alone(operands, final);
        if (first.type == NodeType::dot) return dot;
        if (first.type == NodeType::nil) fail("nil is not a command");
        return first.constant;
    }

    /// .a.b, $x.a.b, (pipe).a.b
    Datum chain(const Datum& dot, const Node& node, const Arguments& given) {
        m_node = &node;
        std::span<const std::string> names(node.names);
        if (node.type == NodeType::field) return fields(dot, dot, node, names, given);
        if (node.type == NodeType::variable) {
            Datum value = variable(names.front());
            if (names.size() > 1) return fields(dot, value, node, names.subspan(1), given);
            if (given.any()) fail("can't give argument to non-function " + node_text(node));
            return value;
        }
        const Node& first = *node.children.front();
        const Datum value = first.type == NodeType::pipeline ? pipeline(dot, &first) : call(dot, first, first, {}, nullptr);
        m_node = &node;
        return fields(dot, value, node, names, given);
    }

    Datum fields(const Datum& dot, const Datum& start, const Node& node, std::span<const std::string> names, const Arguments& given) {
        m_node = &node;
        const Datum* receiver = &start;
        Datum absent;
        for (std::size_t i = 0; i < names.size(); ++i) {
            const std::string& name = names[i];
            const bool is_last = i + 1 == names.size();
            if (receiver->kind() == Datum::Kind::missing) {
                if (m_options.missing_key == MissingKey::error) fail("nil data; no entry for key " + go_quote(name));
                return Datum::missing();
            }
            if (receiver->kind() == Datum::Kind::nil) fail("nil pointer evaluating interface {}." + name);
            if (receiver->kind() == Datum::Kind::time) {
                absent = time_method(dot, receiver->time(), name, is_last ? given : Arguments{});
                receiver = &absent;
                continue;
            }
            if (!receiver->is_map())
                fail("can't evaluate field " + name + " in type " + (i == 0 ? receiver->type_name() : "interface {}"));
            if (is_last && given.any()) fail(name + " is not a method but has arguments");
            const Datum* found = receiver->find(name);
            if (found == nullptr) {
                absent = absent_entry(*receiver, name);
                found = &absent;
            }
            receiver = found;
        }
        return *receiver;
    }

    /// Local is UTC here: what is told must not depend on whose machine tells it.
    Datum time_method(const Datum& dot, base::Time time, const std::string& name, const Arguments& given) {
        const std::size_t wanted = name == "Format" ? 1 : 0;
        const std::size_t count = given.operands.size() + (given.final != nullptr ? 1 : 0);
        if (name != "Format" && name != "Local" && name != "UTC" && name != "Unix") fail("can't evaluate field " + name + " in type time.Time");
        if (count != wanted) fail(fmt::format("wrong number of args for {}: want {} got {}", name, wanted, count));
        if (name == "Unix") return Datum::integer(time.time_since_epoch().count() / 1000, IntWidth::wide);
        if (name != "Format") return time;
        const Datum layout = given.operands.empty() ? checked(*given.final, 's') : argument(dot, *given.operands[0], 's');
        return format_time(layout.text(), time);
    }

    Datum absent_entry(const Datum& map, const std::string& name) {
        switch (m_options.missing_key) {
            case MissingKey::nothing: return Datum::missing();
            case MissingKey::zero: return map.elements() == Elements::string ? Datum("") : Datum();
            case MissingKey::error: fail("map has no entry for key " + go_quote(name));
        }
        return Datum::missing();
    }

    Datum checked(Datum value, char letter) {
        if (value.kind() == Datum::Kind::missing) {
            if (takes_nil(letter)) return {};
            fail("invalid value; expected " + std::string(expected_type(letter)));
        }
        if (is_assignable(value, letter)) return value;
        fail(fmt::format("wrong type for value; expected {}; got {}", expected_type(letter),
                         value.is_nothing() ? "interface {}" : value.type_name()));
    }

    Datum argument(const Datum& dot, const Node& node, char letter) {
        step();
        m_node = &node;
        switch (node.type) {
            case NodeType::dot: return checked(dot, letter);
            case NodeType::nil:
                if (takes_nil(letter)) return {};
                fail("cannot assign nil to " + std::string(expected_type(letter)));
            case NodeType::field:
            case NodeType::variable:
            case NodeType::chain: return checked(chain(dot, node, {}), letter);
            case NodeType::pipeline: return checked(pipeline(dot, &node), letter);
            case NodeType::identifier: return checked(call(dot, node, node, {}, nullptr), letter);
            default: return literal(node, letter);
        }
    }

    Datum literal(const Node& node, char letter) {
        const bool is_number = node.type == NodeType::number;
        switch (letter) {
            case 'a': return node.constant;
            case 's':
                if (node.type != NodeType::string) fail("expected string; found " + node_text(node));
                return node.constant;
            case 'i':
            case 'l':
                if (!is_number || !node.is_whole) fail("expected integer; found " + node_text(node));
                return Datum::integer(node.whole, letter == 'l' ? IntWidth::wide : IntWidth::plain);
            case 'f':
                if (!is_number) fail("expected float; found " + node_text(node));
                return node.constant.is_floating() ? node.constant : Datum(static_cast<double>(node.whole));
            case 'b':
                if (node.type != NodeType::boolean) fail("expected bool; found " + node_text(node));
                return node.constant;
            default: fail(fmt::format("can't handle {} for arg of type {}", node_text(node), expected_type(letter)));
        }
    }

    Datum call_and_or(const Datum& dot, const Node& name, Operands operands, const Datum* final) {
        if (operands.empty() && final == nullptr) fail("wrong number of args for " + name.text + ": want at least 1 got 0");
        Datum value;
        for (const auto& operand : operands) {
            value = argument(dot, *operand, 'a');
            if (value.truth() == (name.text == "or")) return value;
        }
        return final != nullptr ? checked(*final, 'a') : value;
    }

    Datum call(const Datum& dot, const Node& name, const Node& command, Operands operands, const Datum* final) {
        m_node = &name;
        if (name.function == nullptr) return call_and_or(dot, name, operands, final);
        const GoFunction& function = *name.function;
        const bool variadic = function.signature.ends_with('*');
        const std::size_t letters = function.signature.size() - (variadic ? 1 : 0);
        const std::size_t fixed = variadic ? letters - 1 : letters;
        const std::size_t count = operands.size() + (final != nullptr ? 1 : 0);
        if (variadic && count < fixed)
            fail(fmt::format("wrong number of args for {}: want at least {} got {}", name.text, fixed, operands.size()));
        if (!variadic && count != fixed)
            fail(fmt::format("wrong number of args for {}: want {} got {}", name.text, fixed, count));
        const auto letter_of = [&](std::size_t index) { return function.signature[std::min(index, letters - 1)]; };
        std::vector<Datum> arguments;
        arguments.reserve(count);
        for (std::size_t i = 0; i < operands.size(); ++i) arguments.push_back(argument(dot, *operands[i], letter_of(i)));
        if (final != nullptr) arguments.push_back(checked(*final, letter_of(operands.size())));
        step();
        GoCall made{name.text, arguments, *this};
        try {
            auto result = function.call(made);
            if (result.is_string()) spend(result.text().size());
            return result;
        } catch (const Error& error) {
            if (error.code() == Code::cancelled) throw;
            m_node = &command;
            fail("error calling " + name.text + ": " + error.message());
        }
    }

    const detail::Trees& m_trees;
    const GoFunctions& m_functions;
    std::string too_much() const {
        return "the template does too much work: more than " + std::to_string(m_most_work) + " steps" +
               (m_most_work < m_options.max_work ? " are left for all of them" : "");
    }

    const GoOptions& m_options;
    std::size_t m_most_work;
    const detail::Trees* m_active = nullptr;
    const Tree* m_tree = nullptr;
    const Node* m_node = nullptr;
    std::vector<Variable> m_variables;
    std::string m_output;
    std::size_t m_work = 0;
    int m_depth = 0;
    int m_levels = 0;
    int m_texts = 0;  ///< texts within texts under way
};

}  // namespace

void read_go_option(std::string_view option, GoOptions& options) {
    if (option == "missingkey=default" || option == "missingkey=invalid") options.missing_key = MissingKey::nothing;
    else if (option == "missingkey=zero") options.missing_key = MissingKey::zero;
    else if (option == "missingkey=error") options.missing_key = MissingKey::error;
    else
        throw Error(Code::invalid, "unrecognized option " + go_quote(option))
            .hint("use missingkey=error, missingkey=zero or missingkey=default");
}

void GoTemplate::parse(const std::string& name, std::string_view text) {
    detail::parse_template(name, text, *m_functions, m_trees);
}

std::string GoTemplate::execute(std::string_view name, const Datum& data, const GoOptions& options) const {
    return Run(m_trees, *m_functions, options).execute(name, data);
}

}  // namespace gitops::templates
