#include "core/render/helm_files.hpp"

#include <algorithm>
#include <set>

#include "core/base/error.hpp"
#include "core/doc/value.hpp"
#include "core/doc/yaml_read.hpp"

namespace gitops::render {

namespace {

using base::Code;
using base::EntryKind;
using base::Error;
using doc::Value;

constexpr std::size_t k_most_files = 20'000;
constexpr std::size_t k_most_bytes = std::size_t{64} << 20;
constexpr int k_max_depth = 30;
constexpr std::size_t k_most_charts = 100;

std::string below(const std::string& folder, std::string_view name) {
    return folder.empty() ? std::string(name) : folder + "/" + std::string(name);
}

class Gatherer {
  public:
    explicit Gatherer(const base::FileTree& tree) : m_tree(tree) {}

    void chart(const std::string& path, int depth) {
        if (!m_charts.insert(path).second) return;
        if (m_charts.size() > k_most_charts || depth > k_max_depth)
            throw Error(Code::invalid, "the chart depends on too many others").at({below(path, "Chart.yaml"), 0, 0});
        folder(path, 0);
        dependencies(path, below(path, "Chart.yaml"), depth);
        dependencies(path, below(path, "requirements.yaml"), depth);
    }

    ChartFiles result;

  private:
    void folder(const std::string& path, int depth) {
        if (depth > k_max_depth) throw Error(Code::invalid, "the folders of the chart are nested too deeply").at({path, 0, 0});
        for (const auto& entry : m_tree.list(path)) {
            if (entry.name == ".git") continue;
            const std::string inside = below(path, entry.name);
            const auto kind = target(inside);
            if (kind == EntryKind::directory) folder(inside, depth + 1);
            else if (kind == EntryKind::file) file(inside);
        }
    }

    /// A link is what it leads to; one that leads nowhere is nothing to a chart.
    std::optional<EntryKind> target(const std::string& path) const {
        try {
            return m_tree.kind(path);
        } catch (Error& error) {
            throw error.at({path, 0, 0});
        }
    }

    void file(const std::string& path) {
        if (result.files.contains(path)) return;
        std::string text = m_tree.read(path);
        m_bytes += text.size();
        if (m_bytes > k_most_bytes || result.files.size() >= k_most_files)
            throw Error(Code::invalid, "the chart is larger than 64 MiB or 20000 files").at({path, 0, 0});
        result.files.emplace(path, std::move(text));
    }

    void dependencies(const std::string& chart_path, const std::string& name, int depth) {
        const auto found = result.files.find(name);
        if (found == result.files.end()) return;
        doc::YamlOptions options;
        options.file = name;
        const auto documents = doc::read_yaml(found->second, options);
        const Value* list = documents.empty() ? nullptr : documents.front().find("dependencies");
        if (list == nullptr || !list->is_list()) return;
        for (const auto& item : list->items()) dependency(chart_path, name, item, depth);
    }

    void dependency(const std::string& chart_path, const std::string& file_name, const Value& item, int depth) {
        const std::string repository(item.text_at("repository"));
        const bool is_here = has_subchart(chart_path, std::string(item.text_at("name")));
        if (!is_here) result.lacks_dependencies = true;
        if (repository.empty() || is_here) return;
        if (repository.starts_with("file://")) {
            const auto other = base::join_path(chart_path, repository.substr(7));
            if (!other)
                throw Error(Code::denied, "the dependency " + repository + " lies outside of the repository")
                    .at({file_name, static_cast<int>(item.line()), 0});
            if (m_tree.kind(*other) == EntryKind::directory) chart(*other, depth + 1);
            return;
        }
        const bool known = repository.starts_with("https://") || repository.starts_with("http://") || repository.starts_with("oci://");
        if (!known)
            throw Error(Code::invalid, "the dependency's repository \"" + repository + "\" is none that charts are fetched from")
                .at({file_name, static_cast<int>(item.line()), 0})
                .hint("https://, oci:// and file:// are; or commit the chart below charts/");
        if (std::ranges::find(result.repositories, repository) == result.repositories.end())
            result.repositories.push_back(repository);
    }

    bool has_subchart(const std::string& chart_path, const std::string& name) const {
        const std::string folder = below(chart_path, "charts");
        if (m_tree.kind(folder) != EntryKind::directory) return false;
        return std::ranges::any_of(m_tree.list(folder), [&](const base::TreeEntry& entry) {
            if (entry.name == name) return true;
            return entry.name.ends_with(".tgz") && entry.name.starts_with(name + "-") && entry.name.size() > name.size() + 1 &&
                   (std::isdigit(static_cast<unsigned char>(entry.name[name.size() + 1])) != 0 || entry.name[name.size() + 1] == 'v');
        });
    }

    const base::FileTree& m_tree;
    std::set<std::string> m_charts;
    std::size_t m_bytes = 0;
};

}  // namespace

ChartFiles gather_chart(const base::FileTree& tree, const std::string& path) {
    Gatherer gatherer(tree);
    gatherer.chart(path, 0);
    return std::move(gatherer.result);
}

}  // namespace gitops::render
