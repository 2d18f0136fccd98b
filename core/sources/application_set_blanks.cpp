#include "core/sources/application_set_blanks.hpp"

#include "core/base/error.hpp"
#include "core/templates/fast_template.hpp"
#include "core/templates/go_print.hpp"
#include "core/templates/sprig.hpp"

namespace gitops::sources::detail {

namespace {

constexpr std::size_t k_max_output = 4UL << 20;  ///< of one text
constexpr std::size_t k_max_work = 2'000'000;
constexpr std::size_t k_work_of_all = 60'000'000;      ///< of all texts of a set, a second or two
constexpr std::size_t k_bytes_of_all = 64UL << 20;

}  // namespace

Blanks::Blanks(const ApplicationSet& set, base::Time now) : m_uses_go(set.uses_go), m_file(set.file), m_options(set.options) {
    m_options.now = now;
    m_options.max_output = k_max_output;
    m_options.max_work = k_max_work;
    m_options.budget = std::make_shared<std::size_t>(k_work_of_all);
}

const templates::GoTemplate& Blanks::parsed(std::string_view text) {
    if (const auto found = m_parsed.find(text); found != m_parsed.end()) return *found->second;
    auto made = std::make_unique<templates::GoTemplate>(templates::argo_functions());
    made->parse("", text);
    // The texts of a second generator differ with every result of the first: they are not worth keeping for ever.
    if (m_parsed.size() > 10'000) m_parsed.clear();
    return *m_parsed.emplace(text, std::move(made)).first->second;
}

std::string Blanks::text(std::string_view text, const Datum& parameters) {
    if (text.find("{{") == std::string_view::npos) return std::string(text);
    auto filled = m_uses_go ? parsed(text).execute("", parameters, m_options) : templates::fill_text(text, parameters);
    m_bytes += filled.size();
    if (m_bytes > k_bytes_of_all)
        throw base::Error(base::Code::invalid, "the texts of the set come to more than " + std::to_string(k_bytes_of_all >> 20) + " MiB");
    return filled;
}

doc::Value Blanks::fill(const doc::Value& tree, const Datum& parameters) {
    switch (tree.kind()) {
        case doc::Value::Kind::string: {
            if (tree.text().find("{{") == std::string_view::npos) return tree;
            try {
                doc::Value filled(text(tree.text(), parameters));
                filled.set_line(tree.line());
                return filled;
            } catch (base::Error& error) {
                error.at({m_file, static_cast<int>(tree.line()), 0});
                throw;
            }
        }
        case doc::Value::Kind::list: {
            std::vector<doc::Value> items;
            items.reserve(tree.size());
            for (const doc::Value& item : tree.items()) items.push_back(fill(item, parameters));
            doc::Value list = doc::Value::list(std::move(items));
            list.set_line(tree.line());
            return list;
        }
        case doc::Value::Kind::map: {
            std::vector<doc::Entry> entries;
            entries.reserve(tree.size());
            for (const doc::Entry& entry : tree.entries())
                entries.push_back({fill(entry.key, parameters), fill(entry.value, parameters)});
            doc::Value map = doc::Value::map(std::move(entries));
            map.set_line(tree.line());
            return map;
        }
        default: return tree;
    }
}

void flatten(const Datum& datum, const std::string& prefix, Datum& flat) {
    const auto name = [&](const std::string& part) { return prefix.empty() ? part : prefix + "." + part; };
    if (datum.is_map()) {
        for (const auto& [key, item] : datum.entries()) flatten(item, name(key), flat);
    } else if (datum.is_list()) {
        for (std::size_t i = 0; i < datum.items().size(); ++i) flatten(datum.items()[i], name(std::to_string(i)), flat);
    } else {
        flat.entries()[prefix] = go_text(datum);
    }
}

}  // namespace gitops::sources::detail
