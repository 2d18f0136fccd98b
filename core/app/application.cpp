#include "core/app/application.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "core/base/error.hpp"
#include "core/base/redact.hpp"
#include "core/base/source.hpp"
#include "core/base/text.hpp"
#include "core/doc/fields_reader.hpp"
#include "core/kube/resource.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Error;
using doc::FieldsReader;
using doc::Value;

using Warnings = std::vector<std::string>;

void warn_unknown(const FieldsReader& reader, Warnings& warnings) {
    for (const auto& name : reader.unknown()) warnings.push_back("unknown field " + name + " has no effect");
}

/// Fields that would change the outcome and that this version cannot do: refused, never ignored.
void refuse(FieldsReader& reader, std::initializer_list<std::string_view> keys, std::string_view hint) {
    for (auto key : keys) {
        if (reader.raw(key) == nullptr) continue;
        Error error = reader.error(key, "not supported by this version of gitopsctl");
        error.hint(hint);
        throw error;
    }
}

render::DirectoryOptions read_directory(FieldsReader reader, Warnings& warnings) {
    render::DirectoryOptions options;
    options.recurse = reader.flag("recurse", false);
    options.include = reader.text("include");
    options.exclude = reader.text("exclude");
    refuse(reader, {"jsonnet"}, "render the jsonnet to YAML and commit the result");
    warn_unknown(reader, warnings);
    return options;
}

render::KustomizeOptions read_kustomize(FieldsReader reader, Warnings& warnings) {
    render::KustomizeOptions options;
    options.name_prefix = reader.text("namePrefix");
    options.name_suffix = reader.text("nameSuffix");
    options.ns = reader.text("namespace");
    options.images = reader.texts("images");
    for (auto& replica : reader.children("replicas")) {
        auto name = replica.text("name");
        auto count = replica.integer("count");
        if (name.empty() || !count || *count < 0 || *count > 1'000'000)
            throw replica.error("count", "expected a name and a count of 0 or more");
        options.replicas.emplace_back(name, static_cast<int>(*count));
    }
    options.common_labels = reader.text_map("commonLabels");
    options.common_annotations = reader.text_map("commonAnnotations");
    options.force_common_labels = reader.flag("forceCommonLabels", false);
    options.force_common_annotations = reader.flag("forceCommonAnnotations", false);
    options.label_without_selector = reader.flag("labelWithoutSelector", false);
    options.label_include_templates = reader.flag("labelIncludeTemplates", false);
    options.components = reader.texts("components");
    options.ignore_missing_components = reader.flag("ignoreMissingComponents", false);
    if (const Value* patches = reader.raw("patches")) options.patches = *patches;
    for (auto key : {"version", "kubeVersion", "apiVersions"})
        if (reader.raw(key) != nullptr) warnings.push_back("spec.source.kustomize." + std::string(key) + " has no effect");
    warn_unknown(reader, warnings);
    return options;
}

Source read_source(FieldsReader reader, Warnings& warnings) {
    Source source;
    source.repo_url = reader.text("repoURL");
    if (source.repo_url.empty()) throw reader.error("repoURL", "a repository is required");
    if (base::redact(source.repo_url) != source.repo_url) {
        Error error = reader.error("repoURL", "holds a password or token, which would be stored and shown");
        error.hint("leave it out and register it: `gitopsctl repo add URL --token-env NAME`");
        throw error;
    }
    source.path = reader.text("path");
    if (!base::normalise_path(source.path)) throw reader.error("path", "leaves the repository");
    source.target_revision = reader.text("targetRevision");
    if (source.target_revision.starts_with('-'))
        throw reader.error("targetRevision", "begins with '-', like an option; name a branch, a tag or a commit");
    refuse(reader, {"chart", "helm"}, "commit the output of `helm template` and point the application at it");
    refuse(reader, {"plugin"}, "commit what the plugin renders and point the application at it");
    refuse(reader, {"ref", "tagPrefix"}, "use one source with a plain targetRevision");
    reader.raw("name");
    source.directory = read_directory(reader.child("directory"), warnings);
    source.kustomize = read_kustomize(reader.child("kustomize"), warnings);
    warn_unknown(reader, warnings);
    return source;
}

Destination read_destination(FieldsReader reader, Warnings& warnings) {
    Destination destination;
    destination.cluster = reader.text("name");
    auto server = reader.text("server");
    destination.ns = reader.text("namespace");
    if (!destination.ns.empty()) require_name(destination.ns, "destination namespace");
    if (!server.empty() && !destination.cluster.empty())
        throw reader.error("server", "a destination has a name or a server, not both");
    // Argo CD's name for "the cluster it runs in" is the current cluster here.
    if (destination.cluster == "in-cluster") destination.cluster.clear();
    if (!server.empty() && server != "https://kubernetes.default.svc") destination.cluster = server;
    warn_unknown(reader, warnings);
    return destination;
}

base::Duration read_duration(FieldsReader& reader, std::string_view key, base::Duration otherwise) {
    const Value* found = reader.raw(key);
    if (found == nullptr) return otherwise;
    try {
        return base::parse_duration(found->text());
    } catch (Error& error) {
        throw reader.error(key, error.message());
    }
}

Retry read_retry(FieldsReader reader, Warnings& warnings) {
    Retry retry;
    retry.limit = static_cast<int>(std::clamp<std::int64_t>(reader.integer("limit").value_or(0), -1, 1'000'000));
    retry.refresh = reader.flag("refresh", false);
    FieldsReader backoff = reader.child("backoff");
    retry.duration = read_duration(backoff, "duration", retry.duration);
    retry.max_duration = read_duration(backoff, "maxDuration", retry.max_duration);
    retry.factor = static_cast<double>(std::clamp<std::int64_t>(backoff.integer("factor").value_or(2), 1, 1000));
    warn_unknown(backoff, warnings);
    warn_unknown(reader, warnings);
    return retry;
}

SyncPolicy read_policy(FieldsReader reader, Warnings& warnings) {
    SyncPolicy policy;
    FieldsReader automated = reader.child("automated");
    if (automated.present()) {
        Automated options;
        options.enabled = automated.flag("enabled", true);
        options.prune = automated.flag("prune", false);
        options.self_heal = automated.flag("selfHeal", false);
        options.allow_empty = automated.flag("allowEmpty", false);
        policy.automated = options;
        warn_unknown(automated, warnings);
    }
    policy.sync_options = reader.texts("syncOptions");
    FieldsReader retry = reader.child("retry");
    if (retry.present()) policy.retry = read_retry(std::move(retry), warnings);
    refuse(reader, {"managedNamespaceMetadata"}, "put a Namespace manifest with these labels into the repository");
    warn_unknown(reader, warnings);
    return policy;
}

std::vector<IgnoreRule> read_ignores(std::vector<FieldsReader> readers, Warnings& warnings) {
    std::vector<IgnoreRule> rules;
    for (auto& reader : readers) {
        IgnoreRule rule{reader.text("group"), reader.text("kind"), reader.text("name"), reader.text("namespace"), {}};
        for (const auto& pointer : reader.texts("jsonPointers")) rule.pointers.push_back(doc::parse_pointer(pointer));
        refuse(reader, {"jqPathExpressions", "managedFieldsManagers"}, "name the fields with jsonPointers");
        warn_unknown(reader, warnings);
        rules.push_back(std::move(rule));
    }
    return rules;
}

}  // namespace

base::Duration Retry::wait_before(int retry) const {
    double wait = static_cast<double>(duration.count()) * std::pow(factor, std::max(0, retry - 1));
    return base::Duration(static_cast<std::int64_t>(std::min(wait, static_cast<double>(max_duration.count()))));
}

void require_name(std::string_view name, std::string_view what) {
    auto legal = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
    bool edges = !name.empty() && std::isalnum(static_cast<unsigned char>(name.front())) != 0 &&
                 std::isalnum(static_cast<unsigned char>(name.back())) != 0;
    if (edges && name.size() <= 253 && std::ranges::all_of(name, legal)) return;
    Error error(Code::invalid, std::string(what) + " name \"" + std::string(name.substr(0, 80)) + "\" is not valid");
    error.hint("use lower-case letters, digits, '-' and '.', at most 253, with a letter or digit at both ends");
    throw error;
}

Application read_application(const Value& document, const std::string& file, std::vector<std::string>& warnings) {
    FieldsReader root(&document, "", file);
    Application application;
    application.document = document;
    if (kube::group_of(root.text("apiVersion")) != "argoproj.io" || root.text("kind") != "Application") {
        Error error = root.error("kind", "expected an Application of argoproj.io/v1alpha1, found \"" +
                                             std::string(document.text_at("kind")) + "\"");
        throw error;
    }
    FieldsReader metadata = root.child("metadata");
    application.name = metadata.text("name");
    require_name(application.name, "application");
    application.instance = application.name;
    FieldsReader spec = root.child("spec");
    refuse(spec, {"sources", "sourceHydrator"}, "describe each source as an application of its own");
    application.project = spec.text("project", "default");
    if (application.project.empty()) application.project = "default";
    application.source = read_source(spec.child("source"), warnings);
    application.destination = read_destination(spec.child("destination"), warnings);
    application.sync_policy = read_policy(spec.child("syncPolicy"), warnings);
    application.ignore_differences = read_ignores(spec.children("ignoreDifferences"), warnings);
    application.history_limit =
        static_cast<int>(std::clamp<std::int64_t>(spec.integer("revisionHistoryLimit").value_or(10), 0, 10'000));
    spec.raw("info");
    warn_unknown(spec, warnings);
    return application;
}

}  // namespace gitops::app
