#include "core/backend/exec_plugin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/doc/json.hpp"
#include "core/io/subprocess.hpp"

namespace gitops::backend {

namespace {

using base::Code;
using base::Error;
using doc::Value;

constexpr base::Duration k_patience{60'000};
constexpr base::Duration k_patience_with_person{300'000};
constexpr std::size_t k_shown_lines = 5;
constexpr std::size_t k_shown_bytes = 1000;

std::string_view variable(const std::vector<std::string>& environment, std::string_view name) {
    std::string_view value;
    for (const std::string_view entry : environment)
        if (entry.starts_with(name) && entry.substr(name.size()).starts_with('=')) value = entry.substr(name.size() + 1);
    return value;
}

void set_variable(std::vector<std::string>& environment, const std::string& name, const std::string& value) {
    const std::string begin = name + "=";
    std::erase_if(environment, [&](const std::string& entry) { return entry.starts_with(begin); });
    environment.push_back(begin + value);
}

void set_text(Value& map, std::string_view key, const std::string& text) {
    if (!text.empty()) map.set(key, text);
}

Value cluster_info(const KubeAccess& access) {
    Value cluster = Value::map();
    cluster.set("server", access.server);
    set_text(cluster, "tls-server-name", access.tls_server_name);
    if (access.verify == io::TlsVerify::no) cluster.set("insecure-skip-tls-verify", true);
    if (!access.ca_pem.empty()) cluster.set("certificate-authority-data", base::base64_encode(access.ca_pem));
    set_text(cluster, "proxy-url", access.proxy_url);
    if (!access.exec->cluster_config.is_null()) cluster.set("config", access.exec->cluster_config);
    return cluster;
}

/// $KUBERNETES_EXEC_INFO
std::string exec_info(const KubeAccess& access, io::Terminal terminal) {
    Value spec = Value::map();
    spec.set("interactive", terminal == io::Terminal::shared);
    if (access.exec->provide_cluster_info) spec.set("cluster", cluster_info(access));
    return doc::write_json(
        Value::map({{"kind", "ExecCredential"}, {"apiVersion", access.exec->api_version}, {"spec", std::move(spec)}}));
}

io::Terminal terminal_for(const ExecPlugin& plugin) {
    if (plugin.interactive_mode == "Never") return io::Terminal::none;
    if (plugin.has_terminal) return io::Terminal::shared;
    if (plugin.interactive_mode != "Always") return io::Terminal::none;
    throw Error(Code::denied, fmt::format("the credential plugin {} wants to ask a person, and there is no terminal",
                                          plugin.command))
        .hint("run this in a terminal, or use credentials that need nobody");
}

/// The path of the program; a name without a slash is looked for in $PATH.
std::string program_of(const ExecPlugin& plugin, const std::vector<std::string>& environment) {
    if (plugin.command.find('/') != std::string::npos)
        return (std::filesystem::path(plugin.folder) / plugin.command).lexically_normal().string();
    if (auto found = io::find_program(plugin.command, variable(environment, "PATH"))) return *found;
    throw Error(Code::not_found, "it is in no folder of $PATH");
}

/// Its last lines, for people who have to find out why it failed.
std::string last_words(std::string_view text) {
    text = base::trim(text);
    if (text.size() > k_shown_bytes) text.remove_prefix(text.size() - k_shown_bytes);
    const auto lines = base::split(text, '\n');
    const std::size_t skipped = lines.size() - std::min(lines.size(), k_shown_lines);
    std::vector<std::string> shown;
    for (std::size_t i = skipped; i < lines.size(); ++i) shown.emplace_back(base::trim(lines[i]));
    return base::join(shown, "\n");
}

/// Refuses an answer without a word of it: it may hold a token.
[[noreturn]] void refuse(const ExecPlugin& plugin, std::string_view why) {
    throw Error(Code::denied, fmt::format("the credential plugin {} {}", plugin.command, why));
}

Value read_answer(const ExecPlugin& plugin, const std::string& out) {
    try {
        return doc::read_json(out);
    } catch (const Error& error) {
        refuse(plugin, fmt::format("printed something that is no JSON (line {})", std::max(1, error.place().line)));
    }
}

ExecCredential parse_answer(const ExecPlugin& plugin, const std::string& out) {
    const Value answer = read_answer(plugin, out);
    if (answer.text_at("kind") != "ExecCredential") refuse(plugin, "printed no ExecCredential");
    if (answer.text_at("apiVersion") != plugin.api_version)
        refuse(plugin, "answered in another apiVersion than the kubeconfig's " + plugin.api_version);
    const Value* status = answer.find("status");
    if (status == nullptr || !status->is_map()) refuse(plugin, "printed an ExecCredential without a status");
    ExecCredential credential{std::string(status->text_at("token")),
                              {std::string(status->text_at("clientCertificateData")),
                               std::string(status->text_at("clientKeyData"))},
                              std::nullopt};
    if (credential.identity.cert_pem.empty() != credential.identity.key_pem.empty())
        refuse(plugin, "printed a client certificate without its key, or a key without its certificate");
    if (credential.token.empty() && credential.identity.cert_pem.empty())
        refuse(plugin, "printed neither a token nor a client certificate");
    const Value* expires = status->find("expirationTimestamp");
    if (expires == nullptr || expires->is_null()) return credential;
    credential.expires = base::parse_rfc3339(expires->text());
    if (!credential.expires) refuse(plugin, "printed an expirationTimestamp that is no RFC 3339 time");
    return credential;
}

io::SubprocessResult run(const KubeAccess& access, const std::vector<std::string>& environment, std::stop_token stop) {
    const ExecPlugin& plugin = *access.exec;
    io::Subprocess subprocess;
    subprocess.terminal = terminal_for(plugin);
    subprocess.arguments = plugin.arguments;
    subprocess.environment = environment;
    for (const auto& [name, value] : plugin.environment) set_variable(subprocess.environment, name, value);
    set_variable(subprocess.environment, "KUBERNETES_EXEC_INFO", exec_info(access, subprocess.terminal));
    subprocess.patience = subprocess.terminal == io::Terminal::shared ? k_patience_with_person : k_patience;
    try {
        subprocess.program = program_of(plugin, environment);
        return io::run_subprocess(subprocess, std::move(stop));
    } catch (const Error& problem) {
        if (problem.code() == Code::cancelled) throw;
        Error error(Code::denied, fmt::format("cannot get credentials from the plugin {}: {}", plugin.command,
                                              problem.message()));
        if (!plugin.install_hint.empty() && problem.code() == Code::not_found) error.hint(plugin.install_hint);
        throw error;
    }
}

}  // namespace

ExecCredential run_exec_plugin(const KubeAccess& access, const std::vector<std::string>& environment,
                               std::stop_token stop) {
    const ExecPlugin& plugin = *access.exec;
    const io::SubprocessResult result = run(access, environment, std::move(stop));
    if (result.status == 0) return parse_answer(plugin, result.out);
    Error error(Code::denied, fmt::format("the credential plugin {} failed with status {}", plugin.command, result.status));
    if (const std::string words = last_words(result.err); !words.empty()) error.note("it said: " + words);
    throw error;
}

}  // namespace gitops::backend
