#include "core/render/generators.hpp"

#include <algorithm>
#include <map>

#include "core/base/digest.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/doc/json.hpp"
#include "core/render/resources.hpp"
#include "core/render/scalar.hpp"

namespace gitops::render {

using doc::Value;

namespace {

constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t k_base64_line = 70;

[[noreturn]] void refuse(const std::string& message) { throw base::Error(base::Code::invalid, message); }

/// The pairs of one generator entry; a key may come only once.
class Pairs {
  public:
    explicit Pairs(std::string owner) : m_owner(std::move(owner)) {}

    void add(std::string key, std::string text) {
        if (key == "<<") refuse("map merge requires map or sequence of maps as the value");
        if (!m_pairs.emplace(key, std::move(text)).second)
            refuse("configmap " + m_owner + " illegally repeats the key `" + key + "`");
    }

    void add_literal(const std::string& literal) {
        auto equals = literal.find('=');
        if (equals == 0 || equals == std::string::npos)
            refuse("invalid literal source " + literal + ", expected key=value");
        std::string text = literal.substr(equals + 1);
        bool quoted = text.size() >= 2 && text.front() == text.back() && (text.front() == '"' || text.front() == '\'');
        add(literal.substr(0, equals), quoted ? text.substr(1, text.size() - 2) : text);
    }

    void add_env_file(std::string_view content) {
        bool first = true;
        while (!content.empty()) {
            auto end = content.find('\n');
            std::string_view line = content.substr(0, end);
            content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
            if (line.ends_with('\r')) line.remove_suffix(1);
            if (!base::is_utf8(line)) refuse("an environment file has invalid UTF-8");
            if (first && line.starts_with(k_byte_order_mark)) line.remove_prefix(k_byte_order_mark.size());
            first = false;
            auto start = line.find_first_not_of(" \t\v\f\r");
            if (start == std::string_view::npos || line[start] == '#') continue;
            line.remove_prefix(start);
            auto equals = line.find('=');
            std::string key(line.substr(0, equals));
            if (key.empty()) continue;
            add(std::move(key), equals == std::string_view::npos ? "" : std::string(line.substr(equals + 1)));
        }
    }

    void add_file(const std::string& source, const Folder& folder) {
        auto count = std::ranges::count(source, '=');
        if (count > 1) refuse("source \"" + source + "\" key name or file path contains '='");
        auto equals = source.find('=');
        if (equals == 0) refuse("missing key name for file path \"" + source.substr(1) + "\" in source \"" + source + "\"");
        if (equals + 1 == source.size())
            refuse("missing file path for key name \"" + source.substr(0, equals) + "\" in source \"" + source + "\"");
        std::string path = equals == std::string::npos ? source : source.substr(equals + 1);
        std::string key = equals == std::string::npos ? std::string(base::base_name(source)) : source.substr(0, equals);
        add(std::move(key), folder.read(path));
    }

    const std::map<std::string, std::string>& all() const { return m_pairs; }

  private:
    std::string m_owner;
    std::map<std::string, std::string> m_pairs;
};

/// Base64 in lines of 70 when it does not fit into one.
std::string base64_lines(std::string_view bytes) {
    std::string text = base::base64_encode(bytes);
    if (text.size() < k_base64_line) return text;
    std::string lines;
    lines.reserve(text.size() + text.size() / k_base64_line + 1);
    for (std::size_t at = 0; at < text.size(); at += k_base64_line) {
        lines.append(text, at, k_base64_line);
        lines += '\n';
    }
    return lines;
}

void put_data(Value& object, const std::string& key, const std::string& text, Generated kind) {
    switch (kind) {
        case Generated::secret: object.at("data").set(key, base64_lines(text)); return;
        case Generated::config_map:
            if (base::is_utf8(text)) object.at("data").set(key, text);
            else object.at("binaryData").set(key, base64_lines(text));
            return;
    }
}

Behavior behavior_of(const std::string& name) {
    if (name == "create") return Behavior::create;
    if (name == "replace") return Behavior::replace;
    if (name == "merge") return Behavior::merge;
    return Behavior::unspecified;
}

std::string_view behavior_name(Behavior behavior) {
    switch (behavior) {
        case Behavior::unspecified: return "unspecified";
        case Behavior::create: return "create";
        case Behavior::replace: return "replace";
        case Behavior::merge: return "merge";
    }
    return "unspecified";
}

using TextPairs = std::vector<std::pair<std::string, std::string>>;

TextPairs laid_over(const TextPairs& below, const TextPairs& above) {
    std::map<std::string, std::string> merged(above.begin(), above.end());
    merged.insert(below.begin(), below.end());
    return {merged.begin(), merged.end()};
}

void merge_map_field(Value& into, const Value& from, std::string_view field) {
    std::map<std::string, std::string> merged;
    for (const Value* source : {&from, static_cast<const Value*>(&into)}) {
        const Value* map = source->find(field);
        if (map == nullptr) continue;
        for (const auto& entry : map->entries()) merged[std::string(entry.name())] = scalar_text(&entry.value);
    }
    into.erase(field);
    if (merged.empty()) return;
    Value& map = into.at(field);
    for (const auto& [key, text] : merged) map.set(key, text);
}

/// Labels, annotations, name and namespace as the older object has them; the new one's labels and annotations win.
void take_metadata(Object& made, const Object& old) {
    for (std::string_view field : {"labels", "annotations"})
        set_metadata_map(made.node, field, laid_over(metadata_map(old.node, field), metadata_map(made.node, field)));
    set_name(made.node, old.id().name);
    Value& metadata = made.node.at("metadata");
    metadata.erase("namespace");
    if (!old.id().ns.empty()) metadata.set("namespace", resolve_plain(old.id().ns));
    made.inherit(old);
    made.refresh();
}

Value hashed_field(const Value& object, std::string_view name) {
    const Value* field = object.find(name);
    if (field == nullptr) return "";
    return field->is_map() ? with_float64_numbers(*field) : Value(node_text(*field));
}

}  // namespace

std::unique_ptr<Object> generate(const GeneratorEntry& entry, Generated kind, const Folder& folder, const std::string& file) {
    try {
        if (entry.name.empty()) refuse("a configmap must have a name");
        Value object = Value::map();
        object.set("apiVersion", "v1");
        object.set("kind", kind == Generated::secret ? "Secret" : "ConfigMap");
        Value& metadata = object.at("metadata");
        metadata.set("name", entry.name);
        if (!entry.ns.empty()) metadata.set("namespace", entry.ns);
        for (const auto& [key, text] : entry.options.labels) metadata.at("labels").set(key, text);
        for (const auto& [key, text] : entry.options.annotations) metadata.at("annotations").set(key, text);
        if (kind == Generated::secret) {
            object.set("type", entry.type.empty() ? "Opaque" : entry.type);
            object.set("data", Value::map());
        }
        Pairs pairs(entry.name);
        for (const auto& path : entry.envs) pairs.add_env_file(folder.read(path));
        for (const auto& literal : entry.literals) pairs.add_literal(literal);
        for (const auto& source : entry.files) pairs.add_file(source, folder);
        for (const auto& [key, text] : pairs.all()) put_data(object, key, text, kind);
        if (entry.options.immutable) object.set("immutable", true);
        auto made = std::make_unique<Object>(std::move(object), file);
        made->needs_hash = !entry.options.disable_hash;
        made->behavior = behavior_of(entry.behavior);
        return made;
    } catch (base::Error& error) {
        error.note("generating " + std::string(kind == Generated::secret ? "Secret" : "ConfigMap") + " '" + entry.name + "'");
        error.at({file, static_cast<int>(entry.line), 0});
        throw;
    }
}

void absorb(Collection& objects, std::unique_ptr<Object> made) {
    auto matches = objects.find_any(made->id());
    auto refused = [&](const std::string& message) { throw base::Error(base::Code::invalid, message).at({made->file, 0, 0}); };
    if (matches.empty()) {
        if (made->behavior == Behavior::merge || made->behavior == Behavior::replace)
            refused("id " + made->id().text() + " does not exist; cannot merge or replace");
        objects.append(std::move(made));
        return;
    }
    if (matches.size() > 1) refused("found multiple objects that could accept merge of " + made->id().text());
    Object& old = *matches.front();
    if (made->behavior != Behavior::merge && made->behavior != Behavior::replace)
        refused("id " + made->id().text() + " exists; can not use behavior: '" +
                std::string(behavior_name(made->behavior)) + "', behavior must be merge or replace");
    bool merges = made->behavior == Behavior::merge;
    take_metadata(*made, old);
    if (merges) {
        merge_map_field(made->node, old.node, "data");
        merge_map_field(made->node, old.node, "binaryData");
        if (old.origin) made->origin = old.origin;
    } else if (!made->origin) {
        made->origin = old.origin;
    }
    made->transformations = old.transformations;
    objects.replace(old, std::move(made));
}

std::string content_hash(const Value& object) {
    Value subject = Value::map();
    std::string_view kind = scalar_text(object.find("kind"));
    if (kind == "ConfigMap" || kind == "Secret") {
        subject.set("kind", kind);
        subject.set("name", "");
        subject.set("data", hashed_field(object, "data"));
        if (kind == "Secret") subject.set("type", hashed_field(object, "type"));
        std::string_view extra = kind == "Secret" ? "stringData" : "binaryData";
        if (const Value* more = object.find(extra); more != nullptr && more->is_map()) subject.set(extra, with_float64_numbers(*more));
    } else {
        subject = object;
    }
    std::string json = doc::write_json(subject, doc::JsonLayout::compact, doc::JsonKeys::sorted);
    std::string hash = base::sha256_hex(html_safe_json(json)).substr(0, 10);
    for (char& c : hash) {
        constexpr std::string_view k_from = "013ae";
        constexpr std::string_view k_to = "ghkmt";
        if (auto at = k_from.find(c); at != std::string_view::npos) c = k_to[at];
    }
    return hash;
}

void add_hashes(Collection& objects) {
    for (const auto& object : objects.items()) {
        if (!object->needs_hash) continue;
        std::string hash = content_hash(object->node);
        object->remember_id();
        set_name(object->node, object->id().name + "-" + hash);
        objects.sync(*object);
    }
}

}  // namespace gitops::render
