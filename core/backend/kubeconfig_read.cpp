// One kubeconfig file, from text to entries.
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <unordered_map>

#include "core/backend/kubeconfig.hpp"
#include "core/io/small_file.hpp"

namespace gitops::backend {

namespace {

using base::Code;
using base::Error;
using base::Place;
using doc::Value;
namespace fs = std::filesystem;

constexpr std::size_t k_most_bytes = std::size_t{16} << 20;
/// What every node of a document needs one of: a node takes far more memory than its text.
constexpr std::string_view k_separators = ",\n[{";
constexpr std::ptrdiff_t k_most_parts = 500'000;
constexpr int k_deepest = 64;
constexpr std::size_t k_most_nodes = 10'000;
constexpr std::string_view k_exec_extension = "client.authentication.k8s.io/exec";

/// What the reader of one file knows besides the node in its hand.
struct Source {
    std::string file;
    fs::path folder;

    Place place(const YAML::Node& node) const {
        const YAML::Mark mark = node.Mark();
        return {file, mark.line < 0 ? 0 : mark.line + 1, mark.column < 0 ? 0 : mark.column + 1};
    }
    Error error(const YAML::Node& node, const std::string& message) const {
        return Error(Code::invalid, message).at(place(node));
    }
    /// An absolute path; "" stays "".
    std::string path(const std::string& written) const {
        return written.empty() ? written : (folder / written).lexically_normal().string();
    }
};

YAML::Node child(const YAML::Node& map, const char* key) { return map[key]; }

bool is_set(const YAML::Node& node) { return node.IsDefined() && !node.IsNull(); }

std::string text(const Source& source, const YAML::Node& map, const char* key) {
    const YAML::Node node = child(map, key);
    if (!is_set(node)) return {};
    if (!node.IsScalar()) throw source.error(node, std::string(key) + " must be a text");
    return node.Scalar();
}

bool flag(const Source& source, const YAML::Node& map, const char* key) {
    const YAML::Node node = child(map, key);
    bool value = false;
    if (!is_set(node)) return value;
    if (!node.IsScalar() || !YAML::convert<bool>::decode(node, value))
        throw source.error(node, std::string(key) + " must be true or false");
    return value;
}

/// The node at `key`, of the type asked for; an undefined one when there is none.
YAML::Node structure(const Source& source, const YAML::Node& map, const char* key, YAML::NodeType::value type) {
    const YAML::Node node = child(map, key);
    if (!is_set(node)) return YAML::Node(YAML::NodeType::Undefined);
    if (node.Type() != type)
        throw source.error(node, std::string(key) + (type == YAML::NodeType::Map ? " must be a map" : " must be a list"));
    return node;
}

std::vector<std::string> texts(const Source& source, const YAML::Node& list, std::string_view key) {
    std::vector<std::string> result;
    if (!is_set(list)) return result;
    if (!list.IsSequence()) throw source.error(list, std::string(key) + " must be a list");
    for (const YAML::Node& item : list) {
        if (!item.IsScalar()) throw source.error(item, std::string(key) + " must be a list of texts");
        result.push_back(item.Scalar());
    }
    return result;
}

/// A free-form part, which is handed on to an exec plugin. Anchors can make a small text a huge tree or one without
/// end, so nodes and depth are counted.
class Converter {
  public:
    explicit Converter(const Source& source) : m_source(source) {}

    Value convert(const YAML::Node& node, int depth = 0) {
        if (depth > k_deepest || ++m_nodes > k_most_nodes)
            throw m_source.error(node, "the extension is too large: at most 10000 values, 64 levels deep");
        switch (node.Type()) {
            case YAML::NodeType::Undefined:
            case YAML::NodeType::Null: return {};
            case YAML::NodeType::Scalar: return scalar(node);
            case YAML::NodeType::Sequence: {
                Value list = Value::list();
                for (const YAML::Node& item : node) list.push_back(convert(item, depth + 1));
                return list;
            }
            case YAML::NodeType::Map: break;
        }
        Value map = Value::map();
        for (const auto& entry : node) map.set(entry.first.Scalar(), convert(entry.second, depth + 1));
        return map;
    }

  private:
    static Value scalar(const YAML::Node& node) {
        const bool quoted = node.Tag() == "!";
        bool flag = false;
        std::int64_t number = 0;
        if (!quoted && (node.Scalar() == "true" || node.Scalar() == "false") && YAML::convert<bool>::decode(node, flag))
            return flag;
        if (!quoted && YAML::convert<std::int64_t>::decode(node, number)) return number;
        return node.Scalar();
    }

    const Source& m_source;
    std::size_t m_nodes = 0;
};

void read_exec_config(const Source& source, const YAML::Node& map, KubeconfigEntries::Cluster& cluster) {
    const YAML::Node extensions = structure(source, map, "extensions", YAML::NodeType::Sequence);
    if (!is_set(extensions)) return;
    for (const YAML::Node& named : extensions) {
        if (!named.IsMap() || text(source, named, "name") != k_exec_extension) continue;
        cluster.exec_config = Converter(source).convert(child(named, "extension"));
    }
}

void read_entry(const Source& source, const YAML::Node& map, KubeconfigEntries::Cluster& cluster) {
    cluster.server = text(source, map, "server");
    cluster.ca_file = source.path(text(source, map, "certificate-authority"));
    cluster.ca_data = text(source, map, "certificate-authority-data");
    cluster.tls_server_name = text(source, map, "tls-server-name");
    cluster.proxy_url = text(source, map, "proxy-url");
    cluster.insecure = flag(source, map, "insecure-skip-tls-verify");
    read_exec_config(source, map, cluster);
}

ExecPlugin read_exec(const Source& source, const YAML::Node& map) {
    ExecPlugin plugin;
    plugin.api_version = text(source, map, "apiVersion");
    plugin.command = text(source, map, "command");
    plugin.arguments = texts(source, child(map, "args"), "args");
    plugin.install_hint = text(source, map, "installHint");
    plugin.provide_cluster_info = flag(source, map, "provideClusterInfo");
    plugin.interactive_mode = text(source, map, "interactiveMode");
    plugin.folder = source.folder.string();
    const YAML::Node environment = structure(source, map, "env", YAML::NodeType::Sequence);
    if (!is_set(environment)) return plugin;
    for (const YAML::Node& variable : environment) {
        if (!variable.IsMap()) throw source.error(variable, "env must be a list of maps with name and value");
        plugin.environment.emplace_back(text(source, variable, "name"), text(source, variable, "value"));
    }
    return plugin;
}

Impersonation read_impersonation(const Source& source, const YAML::Node& map) {
    Impersonation impersonate;
    impersonate.user = text(source, map, "as");
    impersonate.uid = text(source, map, "as-uid");
    impersonate.groups = texts(source, child(map, "as-groups"), "as-groups");
    const YAML::Node extra = structure(source, map, "as-user-extra", YAML::NodeType::Map);
    if (!is_set(extra)) return impersonate;
    for (const auto& entry : extra)
        impersonate.extra.emplace_back(entry.first.Scalar(), texts(source, entry.second, "as-user-extra"));
    return impersonate;
}

void read_entry(const Source& source, const YAML::Node& map, KubeconfigEntries::User& user) {
    user.cert_file = source.path(text(source, map, "client-certificate"));
    user.cert_data = text(source, map, "client-certificate-data");
    user.key_file = source.path(text(source, map, "client-key"));
    user.key_data = text(source, map, "client-key-data");
    user.token = text(source, map, "token");
    user.token_file = source.path(text(source, map, "tokenFile"));
    user.username = text(source, map, "username");
    user.password = text(source, map, "password");
    user.impersonate = read_impersonation(source, map);
    if (const YAML::Node provider = structure(source, map, "auth-provider", YAML::NodeType::Map); is_set(provider)) {
        user.auth_provider = text(source, provider, "name");
        if (user.auth_provider.empty()) user.auth_provider = "without a name";
    }
    if (const YAML::Node exec = structure(source, map, "exec", YAML::NodeType::Map); is_set(exec))
        user.exec = read_exec(source, exec);
}

void read_entry(const Source& source, const YAML::Node& map, KubeconfigEntries::Context& context) {
    context.cluster = text(source, map, "cluster");
    context.user = text(source, map, "user");
    context.ns = text(source, map, "namespace");
}

/// The list at `key`, whose items are {name: ..., <inner>: {...}}.
template <class Entry>
void read_list(const Source& source, const YAML::Node& root, const char* key, const char* inner,
               std::vector<Entry>& entries) {
    const YAML::Node list = structure(source, root, key, YAML::NodeType::Sequence);
    if (!is_set(list)) return;
    std::unordered_map<std::string, int> lines;
    for (const YAML::Node& item : list) {
        if (!item.IsMap()) throw source.error(item, std::string(key) + " must be a list of maps with name and " + inner);
        Entry entry;
        entry.place = source.place(item);
        entry.name = text(source, item, "name");
        if (const auto [same, is_new] = lines.emplace(entry.name, entry.place.line); !is_new) {
            throw source.error(item, std::string(key) + " names \"" + entry.name + "\" twice, first in line " +
                                         std::to_string(same->second));
        }
        if (const YAML::Node body = structure(source, item, inner, YAML::NodeType::Map); is_set(body))
            read_entry(source, body, entry);
        entries.push_back(std::move(entry));
    }
}

void require_kubeconfig(const Source& source, const YAML::Node& root) {
    if (!root.IsMap()) throw source.error(root, "a kubeconfig must be a map").hint("is this the right file?");
    const std::string kind = text(source, root, "kind"), version = text(source, root, "apiVersion");
    if ((kind.empty() || kind == "Config") && (version.empty() || version == "v1")) return;
    throw source.error(root, "this is no kubeconfig: expected kind Config of apiVersion v1, found kind " + kind +
                                 " of apiVersion " + version);
}

YAML::Node parse(const std::string& file) {
    const std::string bytes = io::read_small_file(file, k_most_bytes, io::Pipes::allow);
    const auto parts = std::ranges::count_if(bytes, [](char c) { return k_separators.find(c) != k_separators.npos; });
    if (parts > k_most_parts) throw Error(Code::invalid, file + " has too many entries to be a kubeconfig");
    try {
        return YAML::Load(bytes);
    } catch (const YAML::Exception& problem) {
        throw Error(Code::invalid, "this is no YAML: " + problem.msg)
            .at({file, problem.mark.line + 1, problem.mark.column + 1});
    }
}

}  // namespace

KubeconfigEntries read_kubeconfig_file(const std::string& file) {
    KubeconfigEntries entries;
    const YAML::Node root = parse(file);
    if (!is_set(root)) return entries;
    const Source source{file, fs::absolute(file).parent_path()};
    try {
        require_kubeconfig(source, root);
        entries.current = text(source, root, "current-context");
        read_list(source, root, "clusters", "cluster", entries.clusters);
        read_list(source, root, "users", "user", entries.users);
        read_list(source, root, "contexts", "context", entries.contexts);
    } catch (const YAML::Exception& problem) {
        throw Error(Code::invalid, problem.msg).at({file, problem.mark.line + 1, problem.mark.column + 1});
    }
    return entries;
}

}  // namespace gitops::backend
