#include "core/backend/kubeconfig.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <unordered_set>

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/io/small_file.hpp"

namespace gitops::backend {

namespace {

using base::Code;
using base::Error;
using Cluster = KubeconfigEntries::Cluster;
using Context = KubeconfigEntries::Context;
using User = KubeconfigEntries::User;

constexpr std::size_t k_most_certificate_bytes = std::size_t{1} << 20;

template <class Entry>
void merge_into(std::vector<Entry>& entries, std::vector<Entry>&& more) {
    std::unordered_set<std::string> known;
    for (const Entry& entry : entries) known.insert(entry.name);
    for (Entry& entry : more) {
        if (!known.contains(entry.name)) entries.push_back(std::move(entry));
    }
}

template <class Entry>
std::vector<std::string> names_of(const std::vector<Entry>& entries) {
    std::vector<std::string> names;
    for (const Entry& entry : entries) names.push_back(entry.name);
    std::ranges::sort(names);
    return names;
}

template <class Entry>
const Entry* find_entry(const std::vector<Entry>& entries, std::string_view name) {
    const auto found = std::ranges::find(entries, name, &Entry::name);
    return found == entries.end() ? nullptr : &*found;
}

template <class Entry>
const Entry& require_entry(const std::vector<Entry>& entries, const std::string& name, const Context& context,
                           std::string_view what) {
    if (const Entry* entry = find_entry(entries, name)) return *entry;
    throw Error(Code::not_found, fmt::format("context \"{}\" names the {} \"{}\", which the kubeconfig does not have",
                                             context.name, what, name))
        .at(context.place)
        .suggest(base::near_names(name, names_of(entries)));
}

/// The scheme of a URL in lower case; "" when it has none.
std::string scheme_of(std::string_view url) {
    const auto end = url.find("://");
    return end == std::string_view::npos ? std::string() : base::lower(url.substr(0, end));
}

/// client-go's DefaultServerURL: without a scheme, TLS is used where the entry speaks of TLS.
std::string server_url(const Cluster& cluster, std::string_view user_cert) {
    std::string url(base::trim(cluster.server));
    if (url.empty()) throw Error(Code::invalid, fmt::format("cluster \"{}\" has no server", cluster.name)).at(cluster.place);
    if (scheme_of(url).empty()) {
        const bool tls = cluster.insecure || !(cluster.ca_file + cluster.ca_data).empty() || !user_cert.empty();
        url = (tls ? "https://" : "http://") + url;
    }
    if (const std::string scheme = scheme_of(url); scheme != "https" && scheme != "http") {
        throw Error(Code::invalid, fmt::format("the server of cluster \"{}\" must be an http or https URL, found {}://",
                                               cluster.name, scheme))
            .at(cluster.place);
    }
    while (url.ends_with('/')) url.pop_back();
    return url;
}

void require_proxy(const Cluster& cluster) {
    constexpr std::array<std::string_view, 5> k_schemes{"http", "https", "socks5", "socks5h", ""};
    const std::string scheme = scheme_of(cluster.proxy_url);
    if (cluster.proxy_url.empty() || (!scheme.empty() && std::ranges::find(k_schemes, scheme) != k_schemes.end())) return;
    throw Error(Code::invalid, fmt::format("the proxy-url of cluster \"{}\" must be an http, https or socks5 URL",
                                           cluster.name))
        .at(cluster.place);
}

/// What stands in the kubeconfig itself as base64, else in a file; "" when in neither.
std::string material(const std::string& data, const std::string& file, std::string_view field, const base::Place& place) {
    if (data.empty()) {
        if (file.empty()) return {};
        try {
            return io::read_small_file(file, k_most_certificate_bytes);
        } catch (Error& error) {
            error.note(fmt::format("while reading the {}", field)).at(place);
            throw;
        }
    }
    if (auto bytes = base::base64_decode(data)) return std::move(*bytes);
    throw Error(Code::invalid, fmt::format("{}-data is not base64", field)).at(place);
}

void require_pem(const std::string& text, std::string_view field, const base::Place& place) {
    if (text.empty() || text.find("-----BEGIN ") != std::string::npos) return;
    throw Error(Code::invalid, fmt::format("the {} is not PEM text", field)).at(place);
}

void fill_cluster(const Cluster& cluster, KubeAccess& access) {
    require_proxy(cluster);
    access.proxy_url = cluster.proxy_url;
    access.tls_server_name = cluster.tls_server_name;
    access.ca_pem = material(cluster.ca_data, cluster.ca_file, "certificate-authority", cluster.place);
    require_pem(access.ca_pem, "certificate-authority", cluster.place);
    if (!cluster.insecure) return;
    access.verify = io::TlsVerify::no;
    if (access.ca_pem.empty()) return;
    throw Error(Code::invalid, fmt::format("cluster \"{}\" has both a certificate authority and "
                                           "insecure-skip-tls-verify, which contradict each other",
                                           cluster.name))
        .at(cluster.place)
        .hint("remove insecure-skip-tls-verify, so that the certificate is checked");
}

/// The rules of client-go's validateAuthInfo.
void require_sound_login(const User& user) {
    const auto fail = [&](const std::string& message) {
        throw Error(Code::invalid, fmt::format("user \"{}\" {}", user.name, message)).at(user.place);
    };
    const bool has_cert = !(user.cert_file + user.cert_data).empty(), has_key = !(user.key_file + user.key_data).empty();
    const bool has_token = !(user.token + user.token_file).empty();
    const bool has_basic = !(user.username + user.password).empty();
    if (has_cert && !has_key) fail("has a client-certificate without a client-key");
    if (has_key && !has_cert) fail("has a client-key without a client-certificate");
    if (has_token && has_basic) fail("has both a token and a user name with password: only one can be used");
    const Impersonation& as = user.impersonate;
    if (as.user.empty() && !(as.uid.empty() && as.groups.empty() && as.extra.empty()))
        fail("impersonates groups, a uid or extra fields, but no user: `as` is missing");
}

[[noreturn]] void refuse_provider(const User& user) {
    throw Error(Code::invalid, fmt::format("user \"{}\" logs in with the auth-provider {}, which gitopsctl does not support",
                                           user.name, user.auth_provider))
        .at(user.place)
        .hint("Kubernetes 1.26 has removed auth-providers: use an exec plugin, such as gke-gcloud-auth-plugin, kubelogin "
              "or `aws eks get-token`");
}

void require_exec(const User& user, ExecTrust trust) {
    const ExecPlugin& plugin = *user.exec;
    const auto fail = [&](const std::string& message) {
        throw Error(Code::invalid, fmt::format("the exec plugin of user \"{}\" {}", user.name, message)).at(user.place);
    };
    if (plugin.command.empty()) fail("has no command");
    constexpr std::string_view k_v1 = "client.authentication.k8s.io/v1", k_beta = "client.authentication.k8s.io/v1beta1";
    if (plugin.api_version != k_v1 && plugin.api_version != k_beta)
        fail(fmt::format("has the apiVersion \"{}\", expected {} or {}", plugin.api_version, k_v1, k_beta));
    constexpr std::array<std::string_view, 3> k_modes{"Never", "IfAvailable", "Always"};
    const bool may_be_absent = plugin.interactive_mode.empty() && plugin.api_version == k_beta;
    if (!may_be_absent && std::ranges::find(k_modes, plugin.interactive_mode) == k_modes.end())
        fail(fmt::format("has the interactiveMode \"{}\", expected Never, IfAvailable or Always", plugin.interactive_mode));
    for (const auto& [name, value] : plugin.environment)
        if (name.empty() || name.find('=') != std::string::npos) fail("has a variable in env without a proper name");
    if (trust == ExecTrust::allow) return;
    throw Error(Code::denied, fmt::format("user \"{}\" logs in by running the program {}, which this kubeconfig is not "
                                          "allowed to",
                                          user.name, plugin.command))
        .at(user.place)
        .hint("a kubeconfig inside a repository may start no programs until you have looked at it and said so: "
              "gitopsctl cluster add NAME --allow-exec");
}

void fill_user(const User& user, ExecTrust trust, KubeAccess& access) {
    require_sound_login(user);
    access.user = user.name;
    access.identity.cert_pem = material(user.cert_data, user.cert_file, "client-certificate", user.place);
    access.identity.key_pem = material(user.key_data, user.key_file, "client-key", user.place);
    require_pem(access.identity.cert_pem, "client-certificate", user.place);
    require_pem(access.identity.key_pem, "client-key", user.place);
    access.token = user.token;
    access.token_file = user.token_file;
    access.username = user.username;
    access.password = user.password;
    access.impersonate = user.impersonate;
    if (!user.auth_provider.empty()) refuse_provider(user);
    // A token or a password counts more than a plugin (client-go's exec round tripper leaves set headers alone).
    if (!user.exec || !(user.token + user.token_file + user.username).empty()) return;
    require_exec(user, trust);
    access.exec = user.exec;
}

}  // namespace

Kubeconfig Kubeconfig::read(const std::vector<std::string>& files) {
    Kubeconfig config;
    bool any = false;
    for (const std::string& file : files) {
        KubeconfigEntries entries;
        try {
            entries = read_kubeconfig_file(file);
        } catch (const Error& error) {
            if (error.code() == Code::not_found) continue;
            throw;
        }
        any = true;
        if (config.m_entries.current.empty()) config.m_entries.current = entries.current;
        merge_into(config.m_entries.clusters, std::move(entries.clusters));
        merge_into(config.m_entries.users, std::move(entries.users));
        merge_into(config.m_entries.contexts, std::move(entries.contexts));
    }
    if (any) return config;
    throw Error(Code::not_found, fmt::format("there is no kubeconfig: {}", files.empty()
                                                                               ? "no file was named"
                                                                               : base::join(files, ", ") +
                                                                                     (files.size() == 1 ? " does" : " do") +
                                                                                     " not exist"))
        .hint("name one with --kubeconfig FILE or $KUBECONFIG");
}

std::vector<std::string> Kubeconfig::contexts() const { return names_of(m_entries.contexts); }

const Context& Kubeconfig::find_context(std::string_view name) const {
    const std::string wanted(name.empty() ? m_entries.current : name);
    const std::vector<std::string> known = contexts();
    const auto hint = [&] {
        if (known.empty()) return std::string("the kubeconfig has no contexts at all");
        const std::size_t shown = std::min<std::size_t>(known.size(), 10);
        return "contexts: " + base::join({known.begin(), known.begin() + static_cast<std::ptrdiff_t>(shown)}, ", ") +
               (shown < known.size() ? fmt::format(" and {} more", known.size() - shown) : std::string());
    };
    if (wanted.empty())
        throw Error(Code::not_found, "the kubeconfig has no current-context: name one with --context").hint(hint());
    if (const Context* context = find_entry(m_entries.contexts, wanted)) return *context;
    throw Error(Code::not_found, fmt::format("there is no context \"{}\" in the kubeconfig", wanted))
        .suggest(base::near_names(wanted, known))
        .hint(hint());
}

const Cluster& Kubeconfig::cluster_of(const Context& context) const {
    return require_entry(m_entries.clusters, context.cluster, context, "cluster");
}

const User* Kubeconfig::user_of(const Context& context) const {
    if (context.user.empty()) return nullptr;
    return &require_entry(m_entries.users, context.user, context, "user");
}

ContextView Kubeconfig::view(std::string_view name) const {
    const Context& context = find_context(name);
    const Cluster& cluster = cluster_of(context);
    const User* user = user_of(context);
    ContextView view;
    view.context = context.name;
    view.cluster = cluster.name;
    view.user = context.user;
    view.ns = context.ns;
    view.server = server_url(cluster, user == nullptr ? std::string() : user->cert_file + user->cert_data);
    if (cluster.insecure) view.verify = io::TlsVerify::no;
    if (user != nullptr && user->exec) view.exec_command = user->exec->command;
    return view;
}

KubeAccess Kubeconfig::access(std::string_view name, ExecTrust trust) const {
    const Context& context = find_context(name);
    const Cluster& cluster = cluster_of(context);
    KubeAccess access;
    access.context = context.name;
    access.ns = context.ns;
    access.server = view(name).server;
    fill_cluster(cluster, access);
    if (const User* user = user_of(context)) fill_user(*user, trust, access);
    if (access.exec) access.exec->cluster_config = cluster.exec_config;
    return access;
}

std::vector<std::string> kubeconfig_list(std::string_view variable) {
    std::vector<std::string> files;
    for (const std::string_view part : base::split(variable, ':'))
        if (!part.empty()) files.emplace_back(part);
    return files;
}

}  // namespace gitops::backend
