// The list, clusters, matrix and merge generators, and what all generators share.
#include <algorithm>
#include <array>

#include "core/base/text.hpp"
#include "core/doc/json.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/kube/selector.hpp"
#include "core/sources/application_set_rows.hpp"
#include "core/templates/go_print.hpp"
#include "core/templates/sprig.hpp"

namespace gitops::sources::detail {

namespace {

using base::Code;
using base::Error;
using doc::Value;

/// How deep a generator stands: matrix and merge may hold each other once.
enum class Place { top, nested, innermost };

std::vector<Row> rows_at(const Making& making, const Value& generator, const Datum& outer, Place place);

void require_bounded(const Making& making, const Value& node, std::size_t count) {
    if (count > k_max_results)
        throw making.error(node, "the generator gives more than " + std::to_string(k_max_results) + " results");
}

// ---- list

Row list_row(const Making& making, const Value& element, std::size_t number) {
    if (!element.is_map())
        throw making.error(element, "an element of a list generator is a map, found a " +
            std::string(doc::kind_name(element.kind())));
    Row row{Datum::map(), "list " + std::to_string(number)};
    if (making.blanks.uses_go()) {
        row.parameters = templates::to_datum(element, templates::Numbers::as_float);
        return row;
    }
    const auto add = [&](const std::string& key, const Value& value) {
        if (!value.is_string())
            throw making.error(value, "\"" + key + "\" is a " + std::string(doc::kind_name(value.kind())) +
                "; without goTemplate only texts can be used")
                .hint("put it in quotes, or set goTemplate: true");
        row.parameters.entries()[key] = value.text();
    };
    for (const doc::Entry& entry : element.entries()) {
        if (entry.name() == "values" && entry.value.is_map())
            for (const doc::Entry& inner : entry.value.entries()) add("values." + std::string(inner.name()), inner.value);
        else add(std::string(entry.name()), entry.value);
    }
    return row;
}

std::vector<Row> list_rows(const Making& making, const Value& list) {
    std::vector<Row> rows;
    const auto add_all = [&](const Value& elements) {
        for (const Value& element : elements.items()) rows.push_back(list_row(making, element, rows.size() + 1));
        require_bounded(making, list, rows.size());
    };
    if (const Value* elements = list.find("elements")) add_all(*elements);
    if (const std::string_view text = list.text_at("elementsYaml"); !text.empty()) {
        const Value& node = *list.find("elementsYaml");
        Value elements;
        try {
            doc::YamlOptions options;
            options.dialect = doc::YamlDialect::v1_1;
            options.first_line = node.line();
            elements = doc::read_yaml_one(text, options);
        } catch (const Error& error) {
            throw making.error(node, "elementsYaml is no YAML: " + error.message());
        }
        if (!elements.is_list() && !elements.is_null())
            throw making.error(node, "elementsYaml is a " + std::string(doc::kind_name(elements.kind())) + ", not a list");
        add_all(elements);
    }
    return rows;
}

// ---- clusters

Datum text_map(const std::map<std::string, std::string>& texts) {
    Datum map = Datum::map();
    for (const auto& [key, text] : texts) map.entries()[key] = text;
    return map;
}

Datum cluster_parameters(const Making& making, const ClusterFacts& cluster) {
    Datum map = Datum::map();
    auto& fields = map.entries();
    fields["name"] = cluster.name;
    fields["nameNormalized"] = templates::normalized_name(cluster.name);
    fields["server"] = cluster.server;
    fields["project"] = cluster.project;
    if (making.blanks.uses_go()) {
        if (cluster.is_unlabelled) return map;
        Datum metadata = Datum::map();
        if (!cluster.labels.empty()) metadata.entries()["labels"] = text_map(cluster.labels);
        if (!cluster.annotations.empty()) metadata.entries()["annotations"] = text_map(cluster.annotations);
        fields["metadata"] = metadata;
        return map;
    }
    for (const auto& [key, text] : cluster.labels) fields["metadata.labels." + key] = text;
    for (const auto& [key, text] : cluster.annotations) fields["metadata.annotations." + key] = text;
    return map;
}

Value label_values(const std::map<std::string, std::string>& labels) {
    Value map = Value::map();
    for (const auto& [key, text] : labels) map.set(key, text);
    return map;
}

kube::Selector selector_of(const Making& making, const Value& node) {
    try {
        return kube::Selector::from_value(node);
    } catch (const Error& error) {
        throw making.error(node, error.message());
    }
}

bool chooses(const Value* selector) {
    if (selector == nullptr) return false;
    const Value *labels = selector->find("matchLabels"), *expressions = selector->find("matchExpressions");
    return (labels != nullptr && !labels->empty()) || (expressions != nullptr && !expressions->empty());
}

std::vector<Row> cluster_rows(const Making& making, const Value& spec, const Datum& outer) {
    const Value* selector = spec.find("selector");
    const kube::Selector wanted = selector == nullptr ? kube::Selector() : selector_of(making, *selector);
    std::vector<ClusterFacts> clusters = making.ports.clusters();
    std::ranges::sort(clusters, {}, [](const ClusterFacts& cluster) { return std::pair(cluster.is_unlabelled, cluster.name); });
    std::vector<Row> rows;
    for (const ClusterFacts& cluster : clusters) {
        if (cluster.is_unlabelled && chooses(selector)) continue;
        if (!wanted.matches(label_values(cluster.labels))) continue;
        Row row{cluster_parameters(making, cluster), "clusters " + cluster.name};
        add_values(making, spec, row, outer);
        rows.push_back(std::move(row));
    }
    const Value* flat = spec.find("flatList");
    if (flat == nullptr || !flat->as_bool()) return rows;
    if (!making.blanks.uses_go())
        throw making.error(*flat, "flatList gives a list, which only Go templates can use").hint("set goTemplate: true");
    std::vector<Datum> all;
    for (const Row& row : rows) all.push_back(row.parameters);
    Row row{Datum::map(), "clusters"};
    row.parameters.entries()["clusters"] = Datum::list(std::move(all));
    return {std::move(row)};
}

// ---- matrix

/// `over` laid over `under`; maps merge.
void lay_over(const Datum& under, const Datum& over) {
    for (const auto& [key, item] : over.entries()) {
        auto found = under.entries().find(key);
        if (found == under.entries().end()) under.entries().emplace(key, item);
        else if (found->second.is_map() && item.is_map()) lay_over(found->second, item);
        else found->second = item;
    }
}

Datum laid_over(const Datum& under, const Datum& over) {
    Datum both = templates::deep_copy(under);
    lay_over(both, templates::deep_copy(over));
    return both;
}

/// The first one's values win in Go templates; without, two values for one key cannot both be meant.
Row combined(const Making& making, const Value& node, const Row& first, const Row& second) {
    Row row{{}, first.origin + " × " + second.origin};
    if (making.blanks.uses_go()) {
        row.parameters = laid_over(second.parameters, first.parameters);
        return row;
    }
    row.parameters = templates::deep_copy(first.parameters);
    for (const auto& [key, item] : second.parameters.entries()) {
        const auto [found, is_new] = row.parameters.entries().emplace(key, item);
        if (!is_new && go_text(found->second) != go_text(item))
            throw making.error(node, "both generators of the matrix give \"" + key + "\", the first " +
                templates::go_quote(go_text(found->second)) + ", the second " + templates::go_quote(go_text(item)))
                .hint("rename one of them, as with pathParamPrefix or values");
    }
    return row;
}

const Value& children_of(const Making& making, const Value& node, Place place) {
    const Value* children = node.find("generators");
    if (place == Place::innermost)
        throw making.error(node, "matrix and merge generators nest only two levels deep")
            .hint("flatten the innermost one, for example into a list generator");
    if (children == nullptr || !children->is_list()) throw making.error(node, "generators: a list is required");
    return *children;
}

Place inside(Place place) { return place == Place::top ? Place::nested : Place::innermost; }

std::vector<Row> matrix_rows(const Making& making, const Value& matrix, const Datum& outer, Place place) {
    const Value& children = children_of(making, matrix, place);
    if (children.size() != 2)
        throw making.error(children, "a matrix takes exactly two generators, found " +
            std::to_string(children.size())).hint("nest a second matrix for a third one");
    std::vector<Row> rows;
    for (const Row& first : rows_at(making, children.items()[0], outer, inside(place))) {
        const Datum known = laid_over(outer, first.parameters);
        for (const Row& second : rows_at(making, children.items()[1], known, inside(place)))
            rows.push_back(combined(making, matrix, first, second));
        require_bounded(making, matrix, rows.size());
    }
    return rows;
}

// ---- merge

/// The value at a merge key: a name, or a dotted path of them.
const Datum* value_at(const Datum& parameters, std::string_view key) {
    if (const Datum* found = parameters.find(key)) return found;
    const Datum* at = &parameters;
    for (const std::string_view part : base::split(key, '.'))
        if (at = at->find(part); at == nullptr) return nullptr;
    return at;
}

std::string merge_key(const Datum& parameters, const std::vector<std::string>& keys) {
    Value map = Value::map();
    for (const auto& key : keys) {
        const Datum* found = value_at(parameters, key);
        map.set(key, found == nullptr ? Value() : templates::to_value(*found));
    }
    return doc::write_json(map);
}

std::map<std::string, const Row*> by_merge_key(const Making& making, const Value& node, const std::vector<Row>& rows,
    const std::vector<std::string>& keys) {
    std::map<std::string, const Row*> found;
    for (const Row& row : rows) {
        const std::string key = merge_key(row.parameters, keys);
        if (!found.emplace(key, &row).second)
            throw making.error(node, "two results of one generator have the same merge keys: " +
                key).hint("add a key that tells them apart to mergeKeys");
    }
    return found;
}

std::vector<Row> merge_rows(const Making& making, const Value& merge, const Datum& outer, Place place) {
    const Value& children = children_of(making, merge, place);
    if (children.size() < 2)
        throw making.error(children, "a merge takes at least two generators, found " + std::to_string(children.size()));
    std::vector<std::string> keys;
    if (const Value* named = merge.find("mergeKeys"))
        for (const Value& key : named->items()) keys.emplace_back(key.text());
    if (keys.empty()) throw making.error(merge, "a merge needs mergeKeys");
    std::vector<Row> rows = rows_at(making, children.items()[0], outer, inside(place));
    by_merge_key(making, children.items()[0], rows, keys);
    for (const Value& child : children.items().subspan(1)) {
        const std::vector<Row> others = rows_at(making, child, outer, inside(place));
        const auto found = by_merge_key(making, child, others, keys);
        for (Row& row : rows) {
            const auto other = found.find(merge_key(row.parameters, keys));
            if (other == found.end()) continue;
            row.parameters = laid_over(row.parameters, other->second->parameters);
            row.origin += " + " + other->second->origin;
        }
    }
    return rows;
}

// ---- any generator

struct Refused {
    std::string_view name, hint;
};
constexpr std::array<Refused, 4> k_refused{
    {{"scmProvider", "keep one file per repository in Git and use a git files generator, or name them in a list generator"},
     {"pullRequest", "let the pipeline of a pull request run `gitopsctl appset generate` with a list generator that names it"},
     {"plugin", "let the service write its answer to a file in Git and use a git files generator"},
     {"clusterDecisionResource",
         "label the clusters (`gitopsctl cluster add --label`) and use a clusters generator with a selector"}}};

/// The entry's generator: the one key that is neither "selector" nor null.
const doc::Entry& kind_of(const Making& making, const Value& generator) {
    constexpr std::array<std::string_view, 5> k_kinds{"list", "clusters", "git", "matrix", "merge"};
    const doc::Entry* found = nullptr;
    if (!generator.is_map())
        throw making.error(generator, "a generator is a map, found a " + std::string(doc::kind_name(generator.kind())));
    for (const doc::Entry& entry : generator.entries()) {
        if (entry.name() == "selector" || entry.value.is_null()) continue;
        for (const Refused& refused : k_refused)
            if (entry.name() == refused.name)
                throw making.error(entry.value, "the " + std::string(refused.name) +
                    " generator is not supported: it asks a server outside of Git and the clusters").hint(refused.hint);
        if (std::ranges::find(k_kinds, entry.name()) == k_kinds.end()) {
            Error error = making.error(entry.value, "there is no generator \"" + std::string(entry.name()) + "\"");
            error.suggest(base::near_names(entry.name(), {k_kinds.begin(), k_kinds.end()}));
            throw error;
        }
        if (found != nullptr)
            throw making.error(generator, "one entry has two generators: " + std::string(found->name()) + " and " +
                std::string(entry.name())).hint("make each an entry of its own, or combine them with a matrix");
        found = &entry;
    }
    if (found == nullptr) throw making.error(generator, "an entry of generators names none");
    return *found;
}

/// What a matrix around fills in before the generator runs; `values`, `template` and inner generators get it later.
Value prepared(const Making& making, const Value& spec, const Datum& outer) {
    if (outer.entries().empty() || !spec.is_map()) return spec;
    Value filled = Value::map();
    filled.set_line(spec.line());
    for (const doc::Entry& entry : spec.entries()) {
        const bool later = entry.name() == "values" || entry.name() == "template" || entry.name() == "generators";
        filled.set(entry.name(), later ? entry.value : making.blanks.fill(entry.value, outer));
    }
    return filled;
}

std::vector<Row> rows_of_kind(const Making& making, std::string_view kind, const Value& spec, const Datum& outer, Place place) {
    if (kind == "list") return list_rows(making, spec);
    if (kind == "clusters") return cluster_rows(making, spec, outer);
    if (kind == "git") return git_rows(making, spec, outer);
    return kind == "matrix" ? matrix_rows(making, spec, outer, place) : merge_rows(making, spec, outer, place);
}

std::vector<Row> rows_at(const Making& making, const Value& generator, const Datum& outer, Place place) {
    const doc::Entry& kind = kind_of(making, generator);
    std::vector<Row> rows = rows_of_kind(making, kind.name(), prepared(making, kind.value, outer), outer, place);
    const Value* selector = generator.find("selector");
    if (selector == nullptr || selector->is_null()) return rows;
    const kube::Selector wanted = selector_of(making, outer.entries().empty() ? *selector : making.blanks.fill(*selector, outer));
    std::erase_if(rows, [&](const Row& row) {
        Datum flat = Datum::map();
        flatten(row.parameters, "", flat);
        return !wanted.matches(templates::to_value(flat));
    });
    return rows;
}

}  // namespace

Error Making::error(const Value& node, std::string_view message) const {
    Error error(Code::invalid, message);
    error.at({set.file, static_cast<int>(node.line()), 0});
    return error;
}

std::vector<Row> generator_rows(const Making& making, const Value& generator) {
    return rows_at(making, generator, Datum::map(), Place::top);
}

const Value* own_template(const Value& generator) {
    for (const doc::Entry& entry : generator.entries())
        if (entry.name() != "selector")
            if (const Value* found = entry.value.find("template"); found != nullptr && found->is_map()) return found;
    return nullptr;
}

void add_values(const Making& making, const Value& spec, Row& row, const Datum& outer) {
    const Value* values = spec.find("values");
    if (values == nullptr || !values->is_map()) return;
    const Datum known = outer.entries().empty() ? row.parameters : laid_over(outer, row.parameters);
    Datum added = Datum::map();  // no value sees another one
    for (const doc::Entry& entry : values->entries()) {
        if (!entry.value.is_string() && !entry.value.is_null())
            throw making.error(entry.value, "values." + std::string(entry.name()) + " is a " +
                std::string(doc::kind_name(entry.value.kind())) + ", not a text").hint("put it in quotes");
        added.entries()[std::string(entry.name())] = making.blanks.text(entry.value.text(), known);
    }
    if (making.blanks.uses_go()) row.parameters.entries()["values"] = added;
    else
        for (const auto& [name, text] : added.entries()) row.parameters.entries()["values." + name] = text;
}

}  // namespace gitops::sources::detail
