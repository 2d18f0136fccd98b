#include "core/render/plain.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "core/base/error.hpp"
#include "core/base/glob.hpp"
#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"

namespace gitops::render {

using doc::Value;

namespace {

constexpr std::string_view k_skip_marker = "+argocd:skip-file-rendering";
constexpr std::string_view k_override_file = ".argocd-source";
constexpr int k_max_depth = 100;
constexpr std::size_t k_max_files = 100'000;

std::string below(std::string_view directory, std::string_view name) {
    return directory.empty() ? std::string(name) : std::string(directory) + "/" + std::string(name);
}

bool is_manifest_name(std::string_view name) {
    return name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json");
}

class Finder {
  public:
    Finder(const base::FileTree& tree, std::string_view root, const DirectoryOptions& options)
        : m_tree(tree), m_root(root), m_options(options) {}

    void visit(const std::string& directory, int depth) {
        if (depth > k_max_depth)
            throw base::Error(base::Code::invalid, "directories are nested more than " + std::to_string(k_max_depth) + " levels deep: " + directory);
        for (const auto& entry : m_tree.list(directory)) {
            std::string path = below(directory, entry.name);
            const auto kind = target_kind(path, entry);
            if (kind == base::EntryKind::directory) {
                bool linked = entry.kind == base::EntryKind::symlink;
                if (m_options.recurse && !linked && entry.name != ".git") visit(path, depth + 1);
            } else if (kind != base::EntryKind::submodule) {
                consider(std::move(path), entry);
            }
        }
    }

    std::vector<std::string> files;

  private:
    base::EntryKind target_kind(const std::string& path, const base::TreeEntry& entry) const {
        if (entry.kind != base::EntryKind::symlink) return entry.kind;
        try {
            return m_tree.kind(path).value_or(base::EntryKind::symlink);
        } catch (base::Error& error) {
            throw error.at({path, 0, 0});
        }
    }

    /// Left out without a word, such an entry would look like an object that has left Git.
    void require_file(const std::string& path, const base::TreeEntry& entry) const {
        switch (target_kind(path, entry)) {
            case base::EntryKind::file:
            case base::EntryKind::directory:
            case base::EntryKind::submodule: return;
            case base::EntryKind::symlink:
                throw base::Error(base::Code::invalid, path + " is a symbolic link to nothing").at({path, 0, 0});
            case base::EntryKind::other:
                throw base::Error(base::Code::denied, path + " is not a regular file")
                    .at({path, 0, 0})
                    .hint("devices, sockets and named pipes are never read");
        }
    }

    void consider(std::string path, const base::TreeEntry& entry) {
        const std::string_view name = entry.name;
        bool jsonnet = name.ends_with(".jsonnet");
        const bool named = jsonnet || is_manifest_name(name) || m_options.every_extension;
        if (!named || name.starts_with(k_override_file)) return;
        std::string_view relative = std::string_view(path).substr(m_root.empty() ? 0 : m_root.size() + 1);
        if (!m_options.exclude.empty() && base::glob_match(m_options.exclude, relative, base::GlobMode::name)) return;
        if (!m_options.include.empty() && !base::glob_match(m_options.include, relative, base::GlobMode::name)) return;
        require_file(path, entry);
        if (jsonnet)
            throw base::Error(base::Code::invalid, "jsonnet is not evaluated").at({path, 0, 0}).hint("exclude the file, or commit what it renders");
        if (files.size() >= k_max_files)
            throw base::Error(base::Code::invalid, "more than " + std::to_string(k_max_files) + " manifest files in " + std::string(m_root));
        files.push_back(std::move(path));
    }

    const base::FileTree& m_tree;
    std::string_view m_root;
    const DirectoryOptions& m_options;
};

bool looks_like_object(const Value& value) { return value.has("apiVersion") || value.has("kind"); }

void add_objects(const Value& value, const std::string& file, std::vector<kube::Manifest>& out) {
    const Value* items = value.is_map() ? value.find("items") : nullptr;
    if (items != nullptr && kube::kind_of(value).ends_with("List")) {
        if (!items->is_list() && !items->is_null())
            throw base::Error(base::Code::invalid, "items of a " + std::string(kube::kind_of(value)) + " is no list")
                .at({file, static_cast<int>(items->line()), 0});
        for (const auto& item : items->items()) add_objects(item, file, out);
        return;
    }
    kube::require_identity(value, file);
    out.push_back({value, file});
}

std::vector<Value> read_documents(const std::string& text, const std::string& file) {
    if (file.ends_with(".json")) return {doc::read_json(text, file)};
    doc::YamlOptions options;
    options.file = file;
    return doc::read_yaml(text, options);
}

/// What Argo CD looks for in a text that is no YAML: an object somebody got wrong, or a file of another kind.
bool means_an_object(std::string_view text) {
    return text.find("apiVersion:") != text.npos && text.find("kind:") != text.npos && text.find("metadata:") != text.npos;
}

/// The documents of a file, nullopt for one that is no YAML and was not meant to be an object.
std::optional<std::vector<Value>> documents_of(const std::string& text, const std::string& file) {
    try {
        auto documents = read_documents(text, file);
        std::erase_if(documents, [](const Value& value) { return value.is_null(); });
        return documents;
    } catch (const base::Error&) {
        if (file.ends_with(".json") || means_an_object(text)) throw;
        return std::nullopt;
    }
}

/// Left out, the objects of a list would look like objects that have left Git.
void require_no_lists(const std::vector<Value>& documents, std::string_view text, const std::string& file) {
    const auto list = std::ranges::find_if(documents, &Value::is_list);
    if (list == documents.end() || !(file.ends_with(".json") || means_an_object(text))) return;
    throw base::Error(base::Code::invalid, "a manifest must be a map, found a list")
        .at({file, static_cast<int>(list->line()), 0})
        .hint(file.ends_with(".json") ? "a JSON file holds one object; a kind: List may hold several"
                                      : "write one document per object, with --- between them");
}

}  // namespace

std::vector<kube::Manifest> read_printed(const std::string& text, const std::string& file) {
    std::vector<kube::Manifest> manifests;
    for (const auto& document : doc::read_yaml(text, {file, doc::YamlDialect::v1_1, doc::DuplicateKeys::last_wins}))
        if (!document.is_null()) add_objects(document, file, manifests);
    return manifests;
}

bool is_marked_skipped(std::string_view text) { return text.find(k_skip_marker) != std::string_view::npos; }

std::vector<std::string> manifest_files(const base::FileTree& tree, std::string_view path, const DirectoryOptions& options) {
    Finder finder(tree, path, options);
    finder.visit(std::string(path), 0);
    std::ranges::sort(finder.files);
    return std::move(finder.files);
}

PlainFiles read_plain(const base::FileTree& tree, const std::vector<std::string>& files) {
    PlainFiles result;
    std::set<std::string> read;
    for (const auto& file : files) {
        std::string text = tree.read(file);
        read.insert(file);
        read.insert(tree.resolve(file));
        if (is_marked_skipped(text)) continue;
        const auto documents = documents_of(text, file);
        if (documents) require_no_lists(*documents, text, file);
        if (!documents) {
            result.warnings.push_back(file + " is no YAML and is left out");
            continue;
        }
        if (!documents->empty() && std::ranges::none_of(*documents, looks_like_object)) {
            result.warnings.push_back(file + " holds no Kubernetes object and is left out");
            continue;
        }
        for (const auto& document : *documents) add_objects(document, file, result.manifests);
    }
    result.files_read.assign(read.begin(), read.end());
    return result;
}

}  // namespace gitops::render
