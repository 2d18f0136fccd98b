// The git generator: a result per directory, or per document in files.
#include <algorithm>
#include <functional>
#include <set>

#include "core/base/glob.hpp"
#include "core/base/text.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/sources/application_set_rows.hpp"
#include "core/templates/go_print.hpp"
#include "core/templates/sprig.hpp"

namespace gitops::sources::detail {

namespace {

using base::Error;
using doc::Value;

/// Entries of a repository that are looked at: more is no repository of configuration.
constexpr std::size_t k_max_entries = 2'000'000;
constexpr int k_max_depth = 200;

struct Patterns {
    std::vector<std::string> wanted, unwanted;
};

Patterns patterns_of(const Making& making, const Value& list) {
    Patterns patterns;
    for (const Value& item : list.items()) {
        const std::string path(item.text_at("path"));
        if (path.empty()) throw making.error(item, "a path is required");
        const Value* exclude = item.find("exclude");
        (exclude != nullptr && exclude->as_bool() ? patterns.unwanted : patterns.wanted).push_back(path);
    }
    return patterns;
}

/// Walks a tree; `enter` says whether a directory may hold something wanted.
class Walk {
  public:
    Walk(const base::FileTree& tree, std::function<bool(const std::string&)> enter,
         std::function<void(const std::string&, base::EntryKind)> found)
        : m_tree(tree), m_enter(std::move(enter)), m_found(std::move(found)) {}

    void run(const std::string& path, int depth = 0) {
        if (depth > k_max_depth) throw Error(base::Code::invalid, "folders are nested deeper than 200 levels");
        for (const base::TreeEntry& entry : m_tree.list(path)) {
            if (++m_entries > k_max_entries) throw Error(base::Code::invalid, "the repository has more than 2000000 entries");
            const std::string below = path.empty() ? entry.name : path + "/" + entry.name;
            m_found(below, entry.kind);
            if (entry.kind == base::EntryKind::directory && entry.name != ".git" && m_enter(below)) run(below, depth + 1);
        }
    }

  private:
    const base::FileTree& m_tree;
    std::function<bool(const std::string&)> m_enter;
    std::function<void(const std::string&, base::EntryKind)> m_found;
    std::size_t m_entries = 0;
};

/// True when some of the first folders of `pattern` match all those of `path`.
bool leads_to(std::string_view pattern, std::string_view path) {
    const auto wanted = base::split(pattern, '/'), parts = base::split(path, '/');
    if (parts.size() >= wanted.size()) return false;
    for (std::size_t i = 0; i < parts.size(); ++i)
        if (!path_match(wanted[i], parts[i])) return false;
    return true;
}

std::vector<std::string> directories(const base::FileTree& tree, const Patterns& patterns) {
    const auto matches = [](const std::string& path) { return [&path](const std::string& pattern) { return path_match(pattern, path); }; };
    std::vector<std::string> found;
    Walk(
        tree,
        [&](const std::string& path) {
            if (base::base_name(path).starts_with('.')) return false;
            return std::ranges::any_of(patterns.wanted, [&](const std::string& pattern) { return leads_to(pattern, path); });
        },
        [&](const std::string& path, base::EntryKind kind) {
            if (kind != base::EntryKind::directory || base::base_name(path).starts_with('.')) return;
            if (std::ranges::any_of(patterns.wanted, matches(path)) && std::ranges::none_of(patterns.unwanted, matches(path)))
                found.push_back(path);
        })
        .run("");
    std::ranges::sort(found);
    return found;
}

/// The folders of a glob before its first special character.
std::string fixed_part(const std::string& pattern) {
    const std::size_t special = pattern.find_first_of("*?[{\\");
    if (special == std::string::npos) return std::string(base::parent_path(pattern));
    const std::size_t slash = pattern.rfind('/', special);
    return slash == std::string::npos ? "" : pattern.substr(0, slash);
}

std::vector<std::string> files(const base::FileTree& tree, const Patterns& patterns) {
    const auto matches = [](const std::string& path) {
        return [&path](const std::string& pattern) { return base::glob_match(pattern, path, base::GlobMode::path); };
    };
    std::vector<std::string> starts;
    for (const auto& pattern : patterns.wanted) starts.push_back(fixed_part(pattern));
    const auto may_hold = [&](const std::string& path) {
        return std::ranges::any_of(starts, [&](const std::string& start) {
            return start.empty() || start == path || start.starts_with(path + "/") || path.starts_with(start + "/");
        });
    };
    std::vector<std::string> found;
    Walk(tree, may_hold, [&](const std::string& path, base::EntryKind kind) {
        if (kind != base::EntryKind::file && kind != base::EntryKind::symlink) return;
        if (std::ranges::any_of(patterns.wanted, matches(path)) && std::ranges::none_of(patterns.unwanted, matches(path)) &&
            tree.kind(path) == base::EntryKind::file)
            found.push_back(path);
    }).run("");
    std::ranges::sort(found);
    return found;
}

/// path, path.basename, path[n], ...: of a directory, and of a file in it when `file` is not "".
void add_path(const Making& making, const Value& git, Datum& parameters, const std::string& path, const std::string& file) {
    const std::string basename = path.empty() ? "." : std::string(base::base_name(path));
    const std::string shown = path.empty() ? "." : path;
    const std::string prefix(git.text_at("pathParamPrefix"));
    std::vector<std::string> segments;
    for (const std::string_view part : base::split(shown, '/')) segments.emplace_back(part);
    if (making.blanks.uses_go()) {
        Datum map = Datum::map();
        map.entries()["path"] = shown;
        map.entries()["basename"] = basename;
        map.entries()["basenameNormalized"] = templates::normalized_name(basename);
        map.entries()["segments"] = Datum::strings(segments);
        if (!file.empty()) {
            map.entries()["filename"] = file;
            map.entries()["filenameNormalized"] = templates::normalized_name(file);
        }
        if (prefix.empty()) {
            parameters.entries()["path"] = map;
        } else {
            Datum outer = Datum::map();
            outer.entries()["path"] = map;
            parameters.entries()[prefix] = outer;
        }
        return;
    }
    const std::string name = prefix.empty() ? "path" : prefix + ".path";
    auto& fields = parameters.entries();
    fields[name] = shown;
    fields[name + ".basename"] = basename;
    fields[name + ".basenameNormalized"] = templates::normalized_name(basename);
    if (!file.empty()) {
        fields[name + ".filename"] = file;
        fields[name + ".filenameNormalized"] = templates::normalized_name(file);
    }
    for (std::size_t i = 0; i < segments.size(); ++i)
        if (!segments[i].empty()) fields[name + "[" + std::to_string(i) + "]"] = segments[i];
}

/// The objects of a file: one, a list of them, or one empty one. Of several documents the first counts, as in Argo CD.
std::vector<Value> objects_of(const base::FileTree& tree, const std::string& path) {
    doc::YamlOptions options;
    options.file = path;
    options.dialect = doc::YamlDialect::v1_1;
    const auto documents = doc::read_yaml(tree.read(path), options);
    const Value content = documents.empty() ? Value() : documents.front();
    if (content.is_null()) return {Value::map()};
    if (content.is_map()) return {content};
    const bool all_maps = content.is_list() && std::ranges::all_of(content.items(),
        [](const Value& item) { return item.is_map(); });
    if (!all_maps) throw Error(base::Code::invalid, "expected an object or a list of objects, found a " +
            std::string(doc::kind_name(content.kind()))).at({path, 1, 0});
    return {content.items().begin(), content.items().end()};
}

Datum content_parameters(const Making& making, const Value& object) {
    Datum nested = templates::to_datum(object, templates::Numbers::as_float);
    if (making.blanks.uses_go()) return nested;
    Datum flat = Datum::map();
    flatten(nested, "", flat);
    return flat;
}

std::vector<Row> file_rows(const Making& making, const Value& git, const base::FileTree& tree, const Datum& outer) {
    std::vector<Row> rows;
    for (const std::string& path : files(tree, patterns_of(making, *git.find("files")))) {
        const auto objects = objects_of(tree, path);
        for (std::size_t i = 0; i < objects.size(); ++i) {
            Row row{content_parameters(making, objects[i]), "git " + path +
                (objects.size() > 1 ? "[" + std::to_string(i) + "]" : "")};
            add_path(making, git, row.parameters, std::string(base::parent_path(path)), std::string(base::base_name(path)));
            add_values(making, git, row, outer);
            rows.push_back(std::move(row));
        }
        if (rows.size() > k_max_results)
            throw making.error(git, "the generator gives more than " + std::to_string(k_max_results) + " results");
    }
    return rows;
}

std::vector<Row> directory_rows(const Making& making, const Value& git, const base::FileTree& tree, const Datum& outer) {
    std::vector<Row> rows;
    for (const std::string& path : directories(tree, patterns_of(making, *git.find("directories")))) {
        Row row{Datum::map(), "git " + path};
        add_path(making, git, row.parameters, path, "");
        add_values(making, git, row, outer);
        rows.push_back(std::move(row));
    }
    return rows;
}

/// One character of a class or a plain one, taken off the pattern.
char take_plain(std::string_view& pattern) {
    if (pattern.starts_with('\\')) pattern.remove_prefix(1);
    if (pattern.empty()) throw Error(base::Code::invalid, "syntax error in pattern");
    const char c = pattern.front();
    pattern.remove_prefix(1);
    return c;
}

bool class_matches(std::string_view& pattern, char c) {
    pattern.remove_prefix(1);
    const bool negated = pattern.starts_with('^');
    if (negated) pattern.remove_prefix(1);
    bool matches = false;
    for (bool first = true; first || !pattern.starts_with(']'); first = false) {
        if (pattern.empty() || (first && pattern.starts_with(']'))) throw Error(base::Code::invalid, "syntax error in pattern");
        if (pattern.starts_with('-')) throw Error(base::Code::invalid, "syntax error in pattern");
        const char low = take_plain(pattern);
        char high = low;
        if (pattern.starts_with('-')) {
            pattern.remove_prefix(1);
            high = take_plain(pattern);
        }
        matches |= low <= c && c <= high;
    }
    pattern.remove_prefix(1);
    return matches != negated;
}

/// One element of the pattern other than '*' against the front of the name.
bool element_matches(std::string_view& pattern, std::string_view& name) {
    if (name.empty()) return false;
    if (pattern.front() == '[') {
        const bool matches = class_matches(pattern, name.front()) && name.front() != '/';
        name.remove_prefix(1);
        return matches;
    }
    if (pattern.front() == '?') {
        pattern.remove_prefix(1);
        if (name.front() == '/') return false;
        templates::take_rune(name);
        return true;
    }
    const bool matches = take_plain(pattern) == name.front();
    name.remove_prefix(1);
    return matches;
}

}  // namespace

bool path_match(std::string_view pattern, std::string_view name) {
    // Greedy with one way back, to the last '*': a '*' never has to be reconsidered once a later one matched.
    std::string_view after_star, star_name;
    bool has_star = false;
    while (!pattern.empty() || !name.empty()) {
        if (pattern.starts_with('*')) {
            pattern.remove_prefix(1);
            after_star = pattern;
            star_name = name;
            has_star = true;
            continue;
        }
        if (!pattern.empty() && element_matches(pattern, name)) continue;
        if (!has_star || star_name.empty() || star_name.front() == '/') return false;
        star_name.remove_prefix(1);
        pattern = after_star;
        name = star_name;
    }
    return true;
}

std::vector<Row> git_rows(const Making& making, const Value& git, const Datum& outer) {
    const std::string url(git.text_at("repoURL")), revision(git.text_at("revision"));
    if (url.empty()) throw making.error(git, "a git generator needs a repoURL");
    const auto has_any = [&](std::string_view key) { return git.find(key) != nullptr && !git.find(key)->empty(); };
    const bool by_directory = has_any("directories");  // they win over files; reading the set has said so
    if (!by_directory && !has_any("files")) throw making.error(git, "a git generator needs directories or files");
    try {
        const auto tree = making.ports.tree(url, revision);
        return by_directory ? directory_rows(making, git, *tree, outer) : file_rows(making, git, *tree, outer);
    } catch (Error& error) {
        error.at({making.set.file, static_cast<int>(git.line()), 0});
        error.note("in the git generator of " + url + (revision.empty() ? "" : " at " + revision));
        throw;
    }
}

}  // namespace gitops::sources::detail
