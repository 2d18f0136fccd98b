#include "tests/arch/house_rules.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>

namespace gitops::test {

namespace {

constexpr std::size_t k_longest_file = 700;
constexpr std::size_t k_longest_header = 200;

/// An include points to a lower rank or into its own folder.
const std::map<std::string_view, int> k_ranks{{"base", 0},    {"doc", 1},     {"kube", 2},   {"io", 2},   {"templates", 2},
                                              {"render", 3},  {"deliver", 3}, {"rollout", 3}, {"policy", 3},
                                              {"secrets", 3}, {"sources", 3}, {"notify", 3},  {"app", 4},    {"backend", 4},
                                              {"embedded", 4}, {"cli", 5}};

struct FolderPair {
    std::string_view from, to;
};
/// Lower, and yet not allowed: bytes and connections know no documents.
constexpr std::array k_denied{FolderPair{"io", "doc"}, FolderPair{"backend", "render"}, FolderPair{"backend", "deliver"},
                              FolderPair{"backend", "policy"}, FolderPair{"backend", "secrets"}, FolderPair{"backend", "sources"},
                              FolderPair{"backend", "notify"},
                              FolderPair{"embedded", "render"}, FolderPair{"embedded", "deliver"}};
/// Sideways, and yet allowed.
constexpr std::array k_allowed{FolderPair{"sources", "render"}};
/// What an adapter may know of the engines whose ports it implements.
constexpr std::array<std::string_view, 2> k_adapter_ports{"core/rollout/ports.hpp", "core/notify/letter.hpp"};

/// Libraries, and the folders that may know them; "" is any folder.
struct Library {
    std::string_view header;
    std::vector<std::string_view> homes;
};
const std::vector<Library> k_libraries{
    {"fmt/", {""}},        {"git2", {"io"}},        {"sqlite3.h", {"io"}},        {"curl/", {"io"}},        {"lua", {"io"}},
    {"yaml.h", {"doc"}},   {"nlohmann/", {"doc"}},  {"yaml-cpp/", {"cli", "backend"}}, {"CLI/", {"cli"}},
    {"openssl/", {"base", "secrets", "io"}}, {"re2/", {"render", "deliver", "policy", "templates", "sources", "notify"}}, {"catch2/", {}}};

struct Forbidden {
    std::string_view word;
    std::string_view instead;
    std::string_view except;  ///< the one file that may
};
constexpr std::array k_forbidden_in_core{
    Forbidden{"std::cout", "core never prints: return a value or emit an event", ""},
    Forbidden{"std::cerr", "core never prints: return a value or emit an event", ""},
    Forbidden{"printf(", "core never prints: return a value or emit an event", ""},
    Forbidden{"std::puts", "core never prints: return a value or emit an event", ""},
    Forbidden{"getenv", "core never reads the environment: take it as a parameter", ""},
    Forbidden{"exit(", "core never ends the program: throw", ""},
    Forbidden{"abort(", "core never ends the program: throw", ""},
    Forbidden{"system_clock::now", "core takes the time from a base::Clock", "core/base/clock.cpp"},
    Forbidden{"steady_clock::now", "core takes the time from a base::Clock", "core/base/clock.cpp"},
    Forbidden{"sleep_for(std::", "core sleeps on a base::Clock", ""},
};

/// "core/doc/value.hpp" -> "doc", "cli/output/table.hpp" -> "cli"; "" for anything else.
std::string_view folder_of(std::string_view path) {
    if (path.starts_with("cli/")) return "cli";
    if (!path.starts_with("core/")) return {};
    path.remove_prefix(5);
    const auto slash = path.find('/');
    return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

/// A program that runs while building may do what programs do.
bool is_build_program(std::string_view path) { return path.find("_compiler/") != std::string_view::npos; }

bool listed(const auto& pairs, std::string_view from, std::string_view to) {
    return std::any_of(pairs.begin(), pairs.end(), [&](const FolderPair& p) { return p.from == from && p.to == to; });
}

std::optional<std::string> wrong_direction(std::string_view from, std::string_view header) {
    const std::string_view to = folder_of(header);
    if (to == from || (from == "backend" && std::ranges::find(k_adapter_ports, header) != k_adapter_ports.end())) return std::nullopt;
    const auto rank = k_ranks.find(to);
    if (rank == k_ranks.end()) return "includes are rooted at the repository and name a known folder: " + std::string(header);
    const bool is_lower = rank->second < k_ranks.at(from) && !listed(k_denied, from, to);
    if (is_lower || listed(k_allowed, from, to)) return std::nullopt;
    return std::string(from) + " may not include " + std::string(header);
}

std::optional<std::string> wrong_library(std::string_view path, std::string_view header) {
    const auto library = std::find_if(k_libraries.begin(), k_libraries.end(),
                                      [&](const Library& l) { return header.starts_with(l.header); });
    if (library == k_libraries.end() || is_build_program(path)) return std::nullopt;
    if (path.ends_with(".hpp")) return "a library's header belongs into a .cpp file: " + std::string(header);
    const auto is_home = [&](std::string_view home) { return home.empty() || home == folder_of(path); };
    if (std::any_of(library->homes.begin(), library->homes.end(), is_home)) return std::nullopt;
    return std::string(folder_of(path)) + " is no home of " + std::string(header);
}

std::optional<std::string> wrong_include(std::string_view path, std::string_view line) {
    if (!line.starts_with("#include ")) return std::nullopt;
    line.remove_prefix(9);
    const auto end = line.find_first_of("\">", 1);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view header = line.substr(1, end - 1);
    return line.front() == '"' ? wrong_direction(folder_of(path), header) : wrong_library(path, header);
}

/// The line without its string literals and its comment; good enough for lines that hold no raw strings.
std::string code_of(std::string_view line) {
    std::string code;
    char quote = '\0';
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quote == '\0' && line.substr(i).starts_with("//")) break;
        if (quote != '\0' && c == '\\') {
            ++i;
        } else if (quote != '\0') {
            if (c == quote) quote = '\0';
        } else if (c == '"' || (c == '\'' && (i == 0 || !std::isalnum(static_cast<unsigned char>(line[i - 1]))))) {
            quote = c;
        } else {
            code += c;
        }
    }
    return code;
}

bool has_word(std::string_view code, std::string_view word) {
    for (auto at = code.find(word); at != std::string_view::npos; at = code.find(word, at + 1)) {
        const char before = at == 0 ? ' ' : code[at - 1];
        const bool is_start = !std::isalnum(static_cast<unsigned char>(before)) && before != '_' && before != '.';
        // fprintf prints, snprintf into a buffer does not
        if (is_start || (word == "printf(" && before == 'f')) return true;
    }
    return false;
}

std::optional<std::string> forbidden_word(std::string_view path, std::string_view line) {
    const std::string code = code_of(line);
    for (const Forbidden& forbidden : k_forbidden_in_core) {
        if (path != forbidden.except && has_word(code, forbidden.word)) {
            return std::string(forbidden.word) + ": " + std::string(forbidden.instead);
        }
    }
    return std::nullopt;
}

}  // namespace

std::vector<std::string> broken_rules(std::string_view path, std::string_view text) {
    std::vector<std::string> problems;
    std::size_t number = 0;
    const auto tell = [&](const std::optional<std::string>& sentence) {
        if (sentence) problems.push_back(std::string(path) + ":" + std::to_string(number) + ": " + *sentence);
    };
    if (!k_ranks.contains(folder_of(path))) tell("a folder the plan of the house does not know");
    if (!problems.empty()) return problems;
    const bool is_core = path.starts_with("core/") && !is_build_program(path);
    while (!text.empty()) {
        ++number;
        const auto end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        tell(wrong_include(path, line));
        if (is_core) tell(forbidden_word(path, line));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    const std::size_t limit = path.ends_with(".hpp") ? k_longest_header : k_longest_file;
    if (number > limit) tell("longer than " + std::to_string(limit) + " lines: split it by idea");
    return problems;
}

}  // namespace gitops::test
