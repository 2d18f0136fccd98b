#include "core/app/application.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

#include "core/app/application_fields.hpp"
#include "core/app/destination.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/deliver/compare_options.hpp"
#include "core/deliver/plan.hpp"
#include "core/doc/fields_reader.hpp"
#include "core/kube/resource.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Error;
using doc::FieldsReader;
using doc::Value;

using Warnings = std::vector<std::string>;

constexpr std::size_t k_most_sources = 100;

Destination read_destination(FieldsReader reader, Warnings& warnings) {
    Destination destination;
    destination.cluster = reader.text("name");
    auto server = reader.text("server");
    destination.ns = reader.text("namespace");
    if (!destination.ns.empty()) require_name(destination.ns, "destination namespace");
    if (!server.empty() && !destination.cluster.empty())
        throw reader.error("server", "a destination has a name or a server, not both");
    // Argo CD's name for "the cluster it runs in" is the current cluster here.
    if (destination.cluster == k_own_name) destination.cluster.clear();
    if (!server.empty() && server != k_own_server) destination.cluster = server;
    warn_unknown(reader, warnings);
    return destination;
}

/// The field, or `least` with a warning where it is less; `most` where it is more.
std::int64_t at_least(FieldsReader& reader, std::string_view key, std::int64_t otherwise, std::int64_t least, std::int64_t most, Warnings& warnings) {
    const auto number = reader.integer(key).value_or(otherwise);
    if (number < least) warnings.push_back(reader.error(key, std::to_string(number) + " counts as " + std::to_string(least)).message());
    return std::clamp(number, least, most);
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
    retry.factor = static_cast<double>(at_least(backoff, "factor", 2, 1, 1000, warnings));
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
    FieldsReader managed = reader.child("managedNamespaceMetadata");
    policy.namespace_metadata.labels = managed.text_map("labels");
    policy.namespace_metadata.annotations = managed.text_map("annotations");
    warn_unknown(managed, warnings);
    const bool creates = std::ranges::find(policy.sync_options, "CreateNamespace=true") != policy.sync_options.end();
    if (!policy.namespace_metadata.empty() && !creates)
        warnings.emplace_back("spec.syncPolicy.managedNamespaceMetadata has no effect without the sync option CreateNamespace=true");
    warn_unknown(reader, warnings);
    return policy;
}

/// A list of sources with something in it goes before spec.source, as in Argo CD.
void read_sources(FieldsReader& spec, Application& application, Warnings& warnings) {
    std::set<std::string> refs;
    for (auto& reader : spec.children("sources")) {
        const FieldsReader place = reader;
        application.sources.push_back(read_source(std::move(reader), warnings));
        const auto& ref = application.sources.back().ref;
        if (!ref.empty() && !refs.insert(ref).second) throw place.error("ref", "two sources are called " + ref);
        if (application.sources.size() > k_most_sources) throw spec.error("sources", "more than 100 sources");
    }
    application.is_multi_source = !application.sources.empty();
    if (application.is_multi_source) spec.raw("source");
    else application.sources.push_back(read_source(spec.child("source"), warnings));
    application.source = application.sources.front();
}

void read_annotations(FieldsReader& metadata, Application& application, Warnings& warnings) {
    for (const auto& [key, text] : metadata.text_map("annotations")) {
        if (key == k_refresh_annotation) application.refresh = text == "hard" ? Refresh::hard : Refresh::normal;
        if (key == deliver::k_compare_options_annotation)
            for (const auto& warning : deliver::unknown_compare_options(text)) warnings.push_back(warning);
        if (key == "argocd.argoproj.io/skip-reconcile") application.skip_reconcile = text == "true";
        if (key != "argocd.argoproj.io/manifest-generate-paths") continue;
        for (auto part : base::split(text, ';'))
            if (const auto path = base::trim(part); !path.empty()) application.generate_paths.emplace_back(path);
    }
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
    read_annotations(metadata, application, warnings);
    if (root.raw("operation") != nullptr)
        warnings.emplace_back("operation has no effect: `gitopsctl app sync " + application.name + "` asks for a sync");
    FieldsReader spec = root.child("spec");
    refuse_fields(spec, {"sourceHydrator"}, "render the dry source yourself, and name the branch with the result as spec.source");
    application.project = spec.text("project", "default");
    if (application.project.empty()) application.project = "default";
    read_sources(spec, application, warnings);
    application.destination = read_destination(spec.child("destination"), warnings);
    application.sync_policy = read_policy(spec.child("syncPolicy"), warnings);
    application.ignore_differences = deliver::read_ignore_rules(spec.children("ignoreDifferences"), "spec.ignoreDifferences", warnings);
    application.history_limit = static_cast<int>(at_least(spec, "revisionHistoryLimit", 10, 0, 10'000, warnings));
    for (auto& item : spec.children("info")) application.info.emplace_back(item.text("name"), item.text("value"));
    warn_unknown(spec, warnings);
    return application;
}

}  // namespace gitops::app
