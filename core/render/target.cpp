#include "core/render/target.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/render/generators.hpp"
#include "core/render/plugins.hpp"
#include "core/render/resources.hpp"

namespace gitops::render {

namespace {

constexpr std::string_view k_built_in_openapi = "v1.21.2";

ParsedKustomization parse_in(const Folder& folder) {
    std::string path = find_kustomization(folder.files().tree(), folder.path());
    if (path.empty())
        throw base::Error(base::Code::not_found,
                          "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '" +
                              (folder.path().empty() ? "." : folder.path()) + "'");
    return parse_kustomization(folder.files().read(path), path);
}

Kustomization load(BuildState& state, const Folder& folder) {
    state.kustomizations.take(1, "the build enters more than 50000 kustomizations");
    auto key = std::pair(static_cast<const Files*>(&folder.files()), folder.path());
    auto found = state.parsed.find(key);
    if (found == state.parsed.end()) found = state.parsed.emplace(key, parse_in(folder)).first;
    const auto& parsed = found->second;
    state.warnings.insert(state.warnings.end(), parsed.warnings.begin(), parsed.warnings.end());
    return parsed.kustomization;
}

/// "../base" below "overlay" -> "base", and "../base" below "" -> "../base".
std::string join_origin(const std::string& base, const std::string& name) {
    std::vector<std::string> parts;
    for (const auto& part : split_path(base.empty() ? name : base + "/" + name, '/')) {
        if (part.empty() || part == ".") continue;
        if (part == ".." && !parts.empty() && parts.back() != "..") parts.pop_back();
        else parts.push_back(part);
    }
    std::string joined;
    for (const auto& part : parts) joined += (joined.empty() ? "" : "/") + part;
    return joined;
}

constexpr std::string_view k_validated_by = "validated-by";

/// What a validator must leave as it is: the content, and what kustomize keeps in annotations.
struct Seen {
    doc::Value content;
    std::size_t ids = 0, prefixes = 0, suffixes = 0;
    bool operator==(const Seen&) const = default;
};

Seen seen_of(const Object& object) {
    return {object.node, object.previous_ids().size(), object.prefixes.size(), object.suffixes.size()};
}

/// Takes off the label that a validator may put on. Kustomize then writes labels anew that stand next to it, and takes
/// the new nodes for a change: false.
bool drop_validation(Seen& seen) {
    const doc::Value* labels = seen.content.path("metadata", "labels");
    if (labels == nullptr || !labels->has(k_validated_by)) return true;
    if (labels->size() > 1) return false;
    seen.content.at("metadata").erase("labels");
    return true;
}

bool is_yaml_trouble(const base::Error& error) {
    return error.code() == base::Code::invalid || error.code() == base::Code::denied || error.code() == base::Code::conflict;
}

}  // namespace

Target::Target(BuildState& state, const Folder& folder) : Target(state, folder, load(state, folder)) {}

Target::Target(BuildState& state, const Folder& folder, Kustomization kustomization)
    : m_state(state), m_folder(folder), m_kustomization(std::move(kustomization)) {}

void Target::use_schema() {
    const auto& openapi = m_kustomization.openapi;
    if (openapi.empty() || m_state.schema_chosen) return;
    auto path = openapi.find("path");
    auto version = openapi.find("version");
    if (path != openapi.end() && version != openapi.end())
        throw base::Error(base::Code::invalid, "builtin version and custom schema provided, cannot use both")
            .at({m_kustomization.file, 0, 0});
    m_state.schema_chosen = true;
    if (version != openapi.end() && version->second != k_built_in_openapi)
        throw base::Error(base::Code::invalid, "the specified OpenAPI version is not built in: " + version->second)
            .at({m_kustomization.file, 0, 0});
    if (path == openapi.end()) return;
    std::string file = m_folder.locate(path->second);
    doc::YamlOptions options;
    options.file = file;
    m_state.schema.use(doc::read_yaml_one(m_folder.files().read(file), options));
}

Target Target::child(const Folder& folder, const std::string& name) const {
    Target target(m_state, folder);
    target.m_kustomization.build_metadata = m_kustomization.build_metadata;
    target.m_helm_ns = m_kustomization.ns.empty() ? m_helm_ns : m_kustomization.ns;
    auto remote = is_remote(name) ? parse_remote_base(name) : std::nullopt;
    target.m_repo = remote ? remote->repo : m_repo;
    target.m_ref = remote ? remote->ref : m_ref;
    if (m_origin) target.m_origin = remote ? remote->path : join_origin(*m_origin, name);
    target.use_schema();
    return target;
}

Origin Target::origin_of(const std::string& name) const {
    Origin origin;
    origin.repo = m_repo;
    origin.ref = m_ref;
    origin.path = is_web_file(name) ? name : join_origin(*m_origin, name);
    return origin;
}

std::optional<Origin> Target::configured_by(const std::string& kind) const {
    if (!m_origin) return std::nullopt;
    Origin origin;
    origin.repo = m_repo;
    origin.ref = m_ref;
    origin.configured_in = join_origin(*m_origin, std::string(base::base_name(m_kustomization.file)));
    origin.configured_api_version = "builtin";
    origin.configured_kind = kind;
    return origin;
}

void Target::accumulate(Accumulator& into) {
    add_resources(into, m_kustomization.resources);
    add_config(into);
    run_generators(into);
    add_components(into);
    run_transformers(into);
    run_validators(into);
    into.add_vars(m_kustomization.vars);
}

void Target::add_resources(Accumulator& into, const std::vector<std::string>& names) {
    for (const auto& name : names) {
        try {
            auto kind = m_folder.kind(name);
            if (kind == base::EntryKind::directory) add_directory(into, name);
            else if (is_web_file(name)) add_web_file(into, name);
            else if (is_remote(name) || !kind) add_directory(into, name);
            else add_file(into, name);
        } catch (base::Error& error) {
            error.note("accumulating resources from '" + name + "'");
            if (!is_yaml_trouble(error)) error.at({m_kustomization.file, 0, 0});
            throw;
        }
    }
}

void Target::add_file(Accumulator& into, const std::string& name) {
    std::string path = m_folder.locate(name);
    for (const auto& content : m_folder.files().resources(path)) {
        m_state.objects.take(1, "the build reads more than 250000 objects");
        auto object = std::make_unique<Object>(content, path);
        if (!is_scope_known(object->id().gvk)) m_state.schema.note_built_in_use();
        if (m_state.schema.honours_list_types()) m_state.schema.learn(object->node);
        if (m_origin) object->origin = origin_of(name);
        into.objects.append(std::move(object));
    }
}

/// A web address is one file, or else a repository: what neither is is told as a file.
void Target::add_web_file(Accumulator& into, const std::string& name) {
    bool is_repo = parse_remote_base(name).has_value();
    if (is_repo && is_surely_repository(name)) return add_directory(into, name);
    try {
        m_folder.files().resources(name);
    } catch (const base::Error& failure) {
        bool no_file = failure.code() == base::Code::not_found || failure.code() == base::Code::invalid;
        if (!is_repo || !no_file) throw;
        try {
            return add_directory(into, name);
        } catch (const base::Error& error) {
            if (failure.code() == base::Code::not_found) throw;
            throw base::Error(failure).note("and as a repository: " + error.message());
        }
    }
    add_file(into, name);
}

void Target::add_directory(Accumulator& into, const std::string& name) {
    Folder folder = m_folder.enter(name);
    Target base = child(folder, name);
    if (base.m_kustomization.is_component())
        throw base::Error(base::Code::invalid, "expected kind != 'Component' for path '" + folder.path() + "'")
            .at({base.m_kustomization.file, 0, 0})
            .hint("list it under components");
    Accumulator made;
    base.accumulate(made);
    into.merge(std::move(made));
}

void Target::add_components(Accumulator& into) {
    for (const auto& name : m_kustomization.components) {
        try {
            Folder folder = m_folder.enter(name);
            Target component = child(folder, name);
            if (!component.m_kustomization.is_component())
                throw base::Error(base::Code::invalid, "expected kind 'Component' for path '" + folder.path() +
                                                           "' but got '" + component.m_kustomization.kind + "'")
                    .at({component.m_kustomization.file, 0, 0});
            component.accumulate(into);
            into.resettle_config();
        } catch (base::Error& error) {
            error.note("accumulating components from '" + name + "'");
            if (!is_yaml_trouble(error)) error.at({m_kustomization.file, 0, 0});
            throw;
        }
    }
}

TransformerConfig Target::merged_tables(const std::vector<std::string>& names, ParseTables* parse) const {
    TransformerConfig tables;
    for (const auto& name : names) {
        std::string path = m_folder.locate(name);
        tables.merge(parse(m_folder.files().read(path), path));
    }
    return tables;
}

void Target::add_config(Accumulator& into) {
    if (m_kustomization.configurations.empty()) {
        into.merge_config(default_config());
    } else {
        auto config = std::make_shared<TransformerConfig>(make_default_config());
        config->merge(merged_tables(m_kustomization.configurations, parse_configuration));
        into.merge_config(config);
    }
    if (m_kustomization.crds.empty()) return;
    if (m_state.schema.honours_list_types()) learn_crds();
    into.merge_config(std::make_shared<const TransformerConfig>(merged_tables(m_kustomization.crds, parse_crd_definitions)));
}

/// Kustomize wants definitions in `crds`, but what people have are the CRDs themselves.
void Target::learn_crds() {
    for (const auto& name : m_kustomization.crds) {
        doc::YamlOptions options;
        options.file = m_folder.locate(name);
        for (const auto& document : doc::read_yaml(m_folder.files().read(options.file), options)) m_state.schema.learn(document);
    }
}

void Target::run_generators(Accumulator& into) {
    const auto& k = m_kustomization;
    auto run = [&](const std::vector<GeneratorEntry>& entries, Generated kind, const std::string& name) {
        for (auto entry : entries) {
            if (k.generator_options) add_global_options(entry.options, *k.generator_options);
            auto made = generate(entry, kind, m_folder, k.file);
            made->origin = configured_by(name);
            absorb(into.objects, std::move(made));
        }
    };
    run(k.config_maps, Generated::config_map, "ConfigMapGenerator");
    run(k.secrets, Generated::secret, "SecretGenerator");
    for (auto chart : k.helm_charts) {
        if (chart.ns.empty()) chart.ns = k.ns.empty() ? m_helm_ns : k.ns;
        for (auto& made : inflate(std::move(chart), k.helm_globals, m_folder, m_state.charts, k.file)) {
            made->origin = configured_by("HelmChartInflationGenerator");
            absorb(into.objects, std::move(made));
        }
    }
    if (k.generators.empty()) return;
    Collection configs = plugin_configs(k.generators);
    for (const auto& config : configs.items())
        for (auto& made : run_generator(*config, *this)) absorb(into.objects, std::move(made));
}

/// Inline texts and files or directories that hold the configuration objects of plugins.
Collection Target::plugin_configs(const std::vector<std::string>& sources) {
    Accumulator configs;
    std::vector<std::string> paths;
    for (const auto& source : sources) {
        std::vector<doc::Value> found;
        try {
            found = parse_resources(source, m_kustomization.file);
        } catch (const base::Error&) {
            paths.push_back(source);
            continue;
        }
        for (auto& content : found) {
            auto object = std::make_unique<Object>(std::move(content), m_kustomization.file);
            if (m_origin) object->origin = origin_of(std::string(base::base_name(m_kustomization.file)));
            configs.objects.append(std::move(object));
        }
    }
    add_resources(configs, paths);
    return std::move(configs.objects);
}

void Target::run_step(Accumulator& into, const Step& step) {
    step.run(into.objects);
    auto origin = step.origin ? step.origin : configured_by(step.kind);
    if (m_origin && origin)
        for (const auto& object : into.objects.items()) {
            if (object->origin) object->transformations.push_back(*origin);
            else object->origin = origin;
        }
    into.objects.drop_gone();
}

void Target::run_transformers(Accumulator& into) {
    auto steps = own_steps(into.config());
    if (!m_kustomization.transformers.empty()) {
        Collection configs = plugin_configs(m_kustomization.transformers);
        for (const auto& config : configs.items()) steps.push_back(make_transformer(*config, *this));
    }
    for (const auto& step : steps) {
        try {
            run_step(into, step);
        } catch (base::Error& error) {
            error.at({m_kustomization.file, 0, 0});
            throw;
        }
    }
}

void Target::run_validators(Accumulator& into) {
    if (m_kustomization.validators.empty()) return;
    Collection configs = plugin_configs(m_kustomization.validators);
    for (const auto& config : configs.items()) {
        Step step = make_transformer(*config, *this);
        std::vector<Seen> before;
        for (const auto& object : into.objects.items()) before.push_back(seen_of(*object));
        step.run(into.objects);
        bool same = before.size() == into.objects.size();
        for (std::size_t i = 0; same && i < before.size(); ++i) {
            Seen after = seen_of(*into.objects.items()[i]);
            same = drop_validation(after) && before[i] == after;
        }
        if (!same)
            throw base::Error(base::Code::invalid, "validator shouldn't modify the resource map")
                .at({m_kustomization.file, 0, 0});
    }
}

}  // namespace gitops::render
