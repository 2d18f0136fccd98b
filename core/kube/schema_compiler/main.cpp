// gitops_schema_compiler KUBERNETES.json KUSTOMIZE.json OUT.cpp: turns the two data sets of core/kube/data into the
// arrays that core/kube/schema_tables.hpp declares. Runs while building, on the building machine only.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

namespace {

using Json = nlohmann::json;

// The numbers of gitops::kube::Shape, Merge and PatchStrategy.
enum ShapeNumber { k_untyped, k_scalar, k_list, k_map, k_object };
enum MergeNumber { k_granular, k_atomic, k_associative, k_set };
// The bits of gitops::kube::tables::BodyFlag.
constexpr int k_quantity_flag = 1, k_int_or_string_flag = 2, k_key_defaults_flag = 32;
const std::map<std::string, int> k_scalar_flags = {{"string", 4}, {"numeric", 8}, {"integer", 8}, {"number", 8}, {"boolean", 16}};

const std::map<std::string, int> k_strategies = {
    {"", 0}, {"merge", 1}, {"replace", 2}, {"retainKeys", 3}, {"merge,retainKeys", 4}};

struct Body {
    int shape = k_untyped, merge = k_granular, flags = 0;
    std::vector<int> keys;
    int element = 0;
    std::vector<std::pair<std::string, int>> fields;  // name -> use
    auto tie() const { return std::tie(shape, merge, flags, keys, element, fields); }
    bool operator<(const Body& other) const { return tie() < other.tie(); }
};

using Use = std::tuple<int, int, int, int>;  // body, patch key, default, strategy

struct Kind {
    std::string kind, group, version, resource;
    int root = 0;
    bool typed = false;
    int scope = 2;
    bool operator<(const Kind& other) const {
        return std::tie(kind, group, version) < std::tie(other.kind, other.group, other.version);
    }
};

class Compiler {
  public:
    Compiler() {
        string("");
        m_bodies.emplace_back();
        use(0, "", "", "");
    }

    int string(const std::string& text) {
        auto [found, fresh] = m_string_ids.emplace(text, static_cast<int>(m_strings.size()));
        if (fresh) m_strings.push_back(text);
        return found->second;
    }

    int use(int body, const std::string& strategy, const std::string& key, const std::string& default_json) {
        Use value{body, string(key), string(default_json), k_strategies.at(strategy)};
        auto [found, fresh] = m_use_ids.emplace(value, static_cast<int>(m_uses.size()));
        if (fresh) m_uses.push_back(value);
        return found->second;
    }

    /// A body without a name; equal ones are kept once.
    int body(const Body& value) {
        auto [found, fresh] = m_body_ids.emplace(value, static_cast<int>(m_bodies.size()));
        if (fresh) m_bodies.push_back(value);
        return found->second;
    }

    void declare(const std::string& name) {
        m_named[name] = static_cast<int>(m_bodies.size());
        m_bodies.emplace_back();
    }
    Body& named_body(const std::string& name) { return m_bodies[static_cast<std::size_t>(named(name))]; }
    int named(const std::string& name) const {
        auto found = m_named.find(name);
        return found == m_named.end() ? -1 : found->second;
    }

    void add_kind(Kind kind) { m_kinds.push_back(std::move(kind)); }
    void set_custom_root(int root) { m_custom_root = root; }
    void write(std::ostream& out, const std::string& name);

  private:
    bool has_key_defaults(const Body& body) const;
    void mark_key_defaults();
    void write_strings(std::ostream& out) const;
    void write_types(std::ostream& out) const;
    void write_kinds(std::ostream& out) const;

    std::vector<std::string> m_strings;
    std::map<std::string, int> m_string_ids, m_named;
    std::vector<Body> m_bodies;
    std::map<Body, int> m_body_ids;
    std::vector<Use> m_uses;
    std::map<Use, int> m_use_ids;
    std::vector<Kind> m_kinds;
    int m_custom_root = 0;
};

/// A list whose items are told apart by a key that has a default, or a type that leads to one that is marked.
bool Compiler::has_key_defaults(const Body& body) const {
    const auto of_use = [&](int use) -> const Body& { return m_bodies[static_cast<std::size_t>(std::get<0>(m_uses[static_cast<std::size_t>(use)]))]; };
    const auto leads_on = [&](int use) { return (of_use(use).flags & k_key_defaults_flag) != 0; };
    if (body.merge == k_associative)
        for (const auto& [name, use] : of_use(body.element).fields) {
            const bool is_key = std::find(body.keys.begin(), body.keys.end(), m_string_ids.at(name)) != body.keys.end();
            if (is_key && std::get<2>(m_uses[static_cast<std::size_t>(use)]) != 0) return true;
        }
    return leads_on(body.element) ||
           std::any_of(body.fields.begin(), body.fields.end(), [&](const auto& field) { return leads_on(field.second); });
}

/// Types may lead back to themselves, so this goes round until nothing new is marked.
void Compiler::mark_key_defaults() {
    for (bool again = true; again;) {
        again = false;
        for (auto& body : m_bodies) {
            if ((body.flags & k_key_defaults_flag) != 0 || !has_key_defaults(body)) continue;
            body.flags |= k_key_defaults_flag;
            again = true;
        }
    }
}

void Compiler::write_strings(std::ostream& out) const {
    out << "constexpr char k_pool[] =";
    std::size_t column = 0;
    for (const auto& text : m_strings) {
        if (column++ % 8 == 0) out << "\n   ";
        out << " " << Json(text).dump();
    }
    out << ";\nconstexpr std::uint32_t k_string_starts[] = {0";
    std::size_t end = 0;
    for (const auto& text : m_strings) out << "," << (end += text.size());
    out << "};\n";
}

void Compiler::write_types(std::ostream& out) const {
    std::vector<int> keys;
    std::vector<std::pair<int, int>> fields;
    out << "constexpr Body k_bodies[] = {\n";
    for (const auto& body : m_bodies) {
        out << "{" << body.shape << "," << body.merge << "," << body.flags << "," << body.keys.size() << "," << keys.size() << ","
            << body.element << "," << fields.size() << "," << body.fields.size() << "},\n";
        keys.insert(keys.end(), body.keys.begin(), body.keys.end());
        for (const auto& [name, field_use] : body.fields) fields.emplace_back(m_string_ids.at(name), field_use);
    }
    out << "};\nconstexpr Use k_uses[] = {\n";
    for (const auto& [body, key, default_value, strategy] : m_uses)
        out << "{" << body << "," << key << "," << default_value << "," << strategy << "},\n";
    out << "};\nconstexpr Field k_fields[] = {\n";
    for (const auto& [name, field_use] : fields) out << "{" << name << "," << field_use << "},\n";
    out << "};\nconstexpr Index k_keys[] = {0";
    for (int key : keys) out << "," << key;
    out << "};\n";
    if (std::max({m_strings.size(), m_bodies.size(), m_uses.size(), fields.size(), keys.size()}) > 65535)
        throw std::runtime_error("the schema has outgrown 16-bit indexes");
}

void Compiler::write_kinds(std::ostream& out) const {
    out << "constexpr Kind k_kinds[] = {\n";
    for (const auto& kind : m_kinds)
        out << "{" << m_string_ids.at(kind.group) << "," << m_string_ids.at(kind.version) << "," << m_string_ids.at(kind.kind) << ","
            << m_string_ids.at(kind.resource) << "," << kind.root << ",Known::" << (kind.typed ? "yes" : "no") << ",KindScope{"
            << kind.scope << "}},\n";
    out << "};\n";
}

void Compiler::write(std::ostream& out, const std::string& name) {
    std::sort(m_kinds.begin(), m_kinds.end());
    for (const auto& kind : m_kinds)
        for (const auto* text : {&kind.group, &kind.version, &kind.kind, &kind.resource}) string(*text);
    for (auto& body : m_bodies) {
        std::sort(body.fields.begin(), body.fields.end());
        for (const auto& field : body.fields) string(field.first);
    }
    mark_key_defaults();
    out << "namespace " << name << " {\n";
    write_strings(out);
    write_types(out);
    write_kinds(out);
    out << "}\nconst Tables k_" << name << " = {" << name << "::k_pool, " << name << "::k_string_starts, " << name << "::k_bodies, "
        << name << "::k_uses, " << name << "::k_fields, " << name << "::k_keys + 1, " << name << "::k_kinds, " << m_kinds.size() << ", "
        << m_custom_root << "};\n";
}

int flags_of(const std::string& type_name) {
    if (type_name.ends_with(".resource.Quantity")) return k_quantity_flag;
    if (type_name.ends_with(".intstr.IntOrString")) return k_int_or_string_flag;
    return 0;
}

int scalar_flag(const std::string& scalar) {
    const auto found = k_scalar_flags.find(scalar);
    return found == k_scalar_flags.end() ? 0 : found->second;
}

std::string text_or_empty(const Json& object, const char* key) { return object.value(key, std::string()); }

// --- kubernetes-schema.json -------------------------------------------------------------------------------------

class Kubernetes {
  public:
    explicit Kubernetes(Compiler& compiler) : m_compiler(compiler) {}

    void read(const Json& data) {
        for (const auto& [name, type] : data.at("types").items()) m_compiler.declare(name);
        for (const auto& [name, type] : data.at("types").items()) {
            Body body = body_of(type);
            if (const int flags = flags_of(name)) body.flags = flags;
            m_compiler.named_body(name) = body;
        }
        m_compiler.set_custom_root(m_compiler.use(custom_root_body(), "", "", ""));
        for (const auto& kind : data.at("kinds")) add_kind(kind);
        add_extension_kind("apiextensions.k8s.io", "CustomResourceDefinition", "customresourcedefinitions");
        add_extension_kind("apiregistration.k8s.io", "APIService", "apiservices");
    }

  private:
    /// Custom resources have no types here, but their metadata has.
    int custom_root_body() {
        Body body;
        int metadata = m_compiler.named("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
        body.fields = {{"metadata", m_compiler.use(metadata, "", "", "")}};
        return m_compiler.body(body);
    }

    void add_kind(const Json& kind) {
        Kind entry{kind.at("kind"), kind.at("group"), kind.at("version"), kind.at("resource")};
        entry.scope = kind.at("namespaced").get<bool>() ? 1 : 0;
        entry.typed = !kind.at("type").is_null();
        entry.root = m_compiler.use(entry.typed ? m_compiler.named(kind.at("type")) : custom_root_body(), "", "", "");
        m_compiler.add_kind(entry);
    }

    void add_extension_kind(const char* group, const char* kind, const char* resource) {
        m_compiler.add_kind({kind, group, "v1", resource, m_compiler.use(custom_root_body(), "", "", ""), false, 0});
    }

    int body_id(const Json& type) {
        if (type.is_object() && type.contains("ref")) {
            int found = m_compiler.named(type.at("ref"));
            Body atomic;
            atomic.merge = k_atomic;
            return found >= 0 ? found : m_compiler.body(atomic);  // "__untyped_atomic_"
        }
        Body body = body_of(type);
        return body.shape == k_untyped ? 0 : m_compiler.body(body);
    }

    int plain_use(const Json& type) { return m_compiler.use(body_id(type), "", "", ""); }

    Body body_of(const Json& type) {
        Body body;
        if (type.is_string()) {
            body.shape = type == "untyped" ? k_untyped : k_scalar;
            body.flags = scalar_flag(type);
            return body;
        }
        const std::string merge = text_or_empty(type, "merge");
        if (type.contains("fields")) {
            body.shape = k_object;
            body.merge = merge == "atomic" ? k_atomic : k_granular;
            for (const auto& [name, field] : type.at("fields").items()) body.fields.emplace_back(name, field_use(type, name, field));
        } else if (type.contains("list")) {
            body.shape = k_list;
            for (const auto& key : type.value("keys", Json::array())) body.keys.push_back(m_compiler.string(key));
            body.merge = merge != "associative" ? k_atomic : body.keys.empty() ? k_set : k_associative;
            body.element = plain_use(type.at("list"));
        } else if (type.contains("map")) {
            body.shape = k_map;
            body.merge = merge == "atomic" ? k_atomic : k_granular;
            body.element = plain_use(type.at("map"));
        } else {
            body.shape = k_scalar;
            body.flags = scalar_flag(text_or_empty(type, "scalar"));
        }
        return body;
    }

    /// ObjectMeta's patch strategies, which the data set leaves out (struct tags in apimachinery, meta/v1/types.go).
    static Json metadata_patch(const std::string& field) {
        if (field == "finalizers") return {{"strategy", "merge"}};
        if (field == "ownerReferences") return {{"strategy", "merge"}, {"key", "uid"}};
        return Json::object();
    }

    int field_use(const Json& object, const std::string& name, const Json& field) {
        Json patch = object.value("patch", Json::object()).value(name, Json::object());
        if (patch.empty() && object.at("fields").contains("managedFields")) patch = metadata_patch(name);
        std::string default_json = field.is_object() && field.contains("default") ? field.at("default").dump() : "";
        return m_compiler.use(body_id(field), text_or_empty(patch, "strategy"), text_or_empty(patch, "key"), default_json);
    }

    Compiler& m_compiler;
};

// --- kustomize-schema-1.21.json ---------------------------------------------------------------------------------

class Kustomize {
  public:
    explicit Kustomize(Compiler& compiler) : m_compiler(compiler) {}

    void read(const Json& data) {
        for (const auto& [name, fields] : data.at("definitions").items()) m_compiler.declare(name);
        for (const auto& [name, fields] : data.at("definitions").items()) m_compiler.named_body(name) = definition(name, fields);
        for (const auto& resource : data.at("resources")) add_kind(resource);
    }

  private:
    Body definition(const std::string& name, const Json& fields) {
        Body body;
        body.flags = flags_of(name);
        const bool scalar = body.flags != 0 || name.ends_with(".meta.v1.Time") || name.ends_with(".meta.v1.MicroTime");
        body.shape = scalar ? k_scalar : fields.empty() ? k_untyped : k_object;
        for (const auto& [field, type] : fields.items()) body.fields.emplace_back(field, use_of(type));
        return body;
    }

    int use_of(const Json& type) {
        return m_compiler.use(body_id(type), text_or_empty(type, "strategy"), text_or_empty(type, "key"), "");
    }

    int body_id(const Json& type) {
        if (type.contains("ref")) return m_compiler.named(type.at("ref"));
        Body body;
        if (type.contains("list")) {
            body.shape = k_list;
            for (const auto& key : type.value("listKeys", Json::array())) body.keys.push_back(m_compiler.string(key));
            const std::string list_type = text_or_empty(type, "listType");
            body.merge = list_type == "map" ? k_associative : list_type == "set" ? k_set : k_atomic;
            body.element = use_of(type.at("list"));
        } else if (type.contains("map")) {
            body.shape = k_map;
            body.element = use_of(type.at("map"));
        } else if (type.contains("type")) {
            body.shape = k_scalar;
            body.flags = scalar_flag(type.at("type"));
        } else {
            return 0;
        }
        return m_compiler.body(body);
    }

    void add_kind(const Json& resource) {
        const std::string api_version = resource.at("apiVersion");
        const auto slash = api_version.find('/');
        Kind entry;
        entry.kind = resource.at("kind");
        entry.group = slash == std::string::npos ? "" : api_version.substr(0, slash);
        entry.version = slash == std::string::npos ? api_version : api_version.substr(slash + 1);
        const std::string scope = text_or_empty(resource, "scope");
        entry.scope = scope.empty() ? 2 : scope == "Namespaced" ? 1 : 0;
        entry.typed = resource.contains("definition");
        entry.root = entry.typed ? m_compiler.use(m_compiler.named(resource.at("definition")), "", "", "") : 0;
        m_compiler.add_kind(entry);
    }

    Compiler& m_compiler;
};

Json load(const char* path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error(std::string("cannot read ") + path);
    return Json::parse(file);
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 4) throw std::runtime_error("usage: gitops_schema_compiler KUBERNETES.json KUSTOMIZE.json OUT.cpp");
    Compiler kubernetes, kustomize;
    Kubernetes(kubernetes).read(load(argv[1]));
    Kustomize(kustomize).read(load(argv[2]));
    std::ofstream out(argv[3]);
    out << "// Generated by gitops_schema_compiler.\n#include \"core/kube/schema_tables.hpp\"\n\nnamespace gitops::kube::tables {\n";
    kubernetes.write(out, "kubernetes");
    kustomize.write(out, "kustomize");
    out << "}\n";
    out.close();
    if (!out) throw std::runtime_error(std::string("cannot write ") + argv[3]);
    return 0;
} catch (const std::exception& error) {
    std::cerr << "gitops_schema_compiler: " << error.what() << "\n";
    return 1;
}
