#include "core/render/helm_values.hpp"

#include <algorithm>
#include <set>

#include "core/base/error.hpp"
#include "core/base/glob.hpp"

namespace gitops::render {

namespace {

using base::Code;
using base::Error;

constexpr std::size_t k_most_files = 10'000;
constexpr std::size_t k_most_visited = 200'000;
constexpr int k_max_depth = 50;

/// A place in one of the trees.
struct Spot {
    const base::FileTree* tree;
    std::string path;
    bool own;
    auto operator<=>(const Spot&) const = default;
};

bool is_glob(std::string_view path) { return path.find_first_of("*?[") != std::string_view::npos; }

[[noreturn]] void leaves(const std::string& name) {
    throw Error(Code::denied, "the values file '" + name + "' lies outside of the repository");
}

/// Files below the folder that the pattern begins with.
class GlobWalk {
  public:
    GlobWalk(const base::FileTree& tree, const std::string& pattern) : m_tree(tree), m_pattern(pattern) {}

    std::vector<std::string> files() {
        const auto wild = m_pattern.find_first_of("*?[");
        const auto slash = m_pattern.rfind('/', wild);
        const std::string start = slash == std::string::npos ? std::string() : m_pattern.substr(0, slash);
        if (m_tree.kind(start) == base::EntryKind::directory) visit(start, 0);
        std::ranges::sort(m_found);
        return std::move(m_found);
    }

  private:
    void visit(const std::string& folder, int depth) {
        if (depth > k_max_depth) return;
        for (const auto& entry : m_tree.list(folder)) {
            if (++m_visited > k_most_visited)
                throw Error(Code::invalid, "the pattern '" + m_pattern + "' has too many files to look at");
            const std::string path = folder.empty() ? entry.name : folder + "/" + entry.name;
            if (entry.kind == base::EntryKind::directory && entry.name != ".git") visit(path, depth + 1);
            else if (base::glob_match(m_pattern, path, base::GlobMode::path) && m_tree.kind(path) == base::EntryKind::file)
                m_found.push_back(path);
        }
    }

    const base::FileTree& m_tree;
    const std::string& m_pattern;
    std::vector<std::string> m_found;
    std::size_t m_visited = 0;
};

class Finder {
  public:
    Finder(const ValueScope& scope, const std::vector<std::string>& names, bool ignore_missing)
        : m_scope(scope), m_ignore_missing(ignore_missing) {
        for (const auto& name : names) {
            if (is_web(name)) continue;
            if (const Spot spot = spot_of(name); !is_glob(spot.path)) m_named.insert(spot);
        }
    }

    void add(const std::string& name) {
        if (is_web(name)) return add_page(substitute(name, m_scope.environment));
        const Spot spot = spot_of(name);
        if (is_glob(spot.path)) return add_all(name, spot);
        if (spot.tree->kind(spot.path) != base::EntryKind::file) return miss(name);
        take(spot);
    }

    std::vector<ValueFile> files;

  private:
    bool is_web(const std::string& name) const { return is_web_file(substitute(name, m_scope.environment)); }

    Spot spot_of(const std::string& name) const {
        if (name.starts_with('$')) {
            const auto slash = name.find('/');
            if (const auto ref = m_scope.refs.find(name.substr(1, slash - 1)); ref != m_scope.refs.end()) {
                if (slash == std::string::npos) throw Error(Code::invalid, "'" + name + "' names no file of that source");
                return {ref->second.get(), inside("", substitute(name.substr(slash + 1), m_scope.environment), name), false};
            }
            if (slash != std::string::npos && substitute(name.substr(0, slash), m_scope.environment).empty())
                throw Error(Code::invalid, "'" + name + "' begins with $" + name.substr(1, slash - 1) + ", which no source has as its ref");
        }
        const std::string path = substitute(name, m_scope.environment);
        if (path.find("://") != std::string::npos)
            throw Error(Code::denied, "'" + path + "' is no address that values are read from").hint("http:// and https:// are");
        const bool from_root = path.starts_with('/');
        return {&m_scope.tree, inside(from_root ? "" : m_scope.path, from_root ? path.substr(1) : path, name), true};
    }

    static std::string inside(const std::string& folder, const std::string& path, const std::string& name) {
        const auto joined = base::join_path(folder, path);
        if (!joined) leaves(name);
        return *joined;
    }

    void add_page(const std::string& address) {
        if (m_scope.remotes == nullptr) throw Error(Code::unavailable, "the values at " + address + " cannot be fetched here");
        push({address, m_scope.remotes->read(address), false});
    }

    void add_all(const std::string& name, const Spot& pattern) {
        const auto found = GlobWalk(*pattern.tree, pattern.path).files();
        if (found.empty()) return miss(name);
        for (const auto& path : found) {
            const Spot spot{pattern.tree, path, pattern.own};
            if (!m_named.contains(spot) && m_opened.insert(spot).second) take(spot);
        }
    }

    void miss(const std::string& name) const {
        if (m_ignore_missing) return;
        Error error(Code::not_found, "there is no values file '" + name + "'");
        error.hint("paths are relative to the chart, or to the repository with a leading '/'; "
                   "ignoreMissingValueFiles: true passes over what is missing");
        throw error;
    }

    void take(const Spot& spot) { push({spot.path, spot.tree->read(spot.path), spot.own}); }

    void push(ValueFile file) {
        if (files.size() >= k_most_files) throw Error(Code::invalid, "more than 10000 files of values");
        files.push_back(std::move(file));
    }

    const ValueScope& m_scope;
    bool m_ignore_missing;
    std::set<Spot> m_named;
    std::set<Spot> m_opened;
};

}  // namespace

std::vector<ValueFile> find_value_files(const ValueScope& scope, const std::vector<std::string>& names, bool ignore_missing) {
    Finder finder(scope, names, ignore_missing);
    for (const auto& name : names) finder.add(name);
    return std::move(finder.files);
}

}  // namespace gitops::render
