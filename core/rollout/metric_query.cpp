#include "core/rollout/metric_query.hpp"

#include "core/base/text.hpp"
#include "core/doc/fields_reader.hpp"
#include "core/kube/resource.hpp"
#include "core/rollout/builtin_queries.hpp"
#include "core/rollout/promql_parts.hpp"
#include "core/rollout/query_template.hpp"

namespace gitops::rollout {

namespace {

using base::Code;
using base::Error;
using doc::FieldsReader;
using doc::Value;

constexpr std::string_view k_default_window = "1m";
constexpr std::string_view k_flagger_version = "flagger.app/v1beta1";
constexpr std::string_view k_service_suffix = ":service";

/// A list of values, as in Go's http.Header, or one text.
void read_headers(FieldsReader& provider, MetricTemplate& read) {
    const Value* headers = provider.raw("headers");
    if (headers == nullptr) return;
    if (!headers->is_map()) throw provider.error("headers", "expected a map of lists of texts");
    for (const auto& entry : headers->entries()) {
        if (entry.value.is_string()) read.headers.emplace_back(entry.name(), entry.value.text());
        else if (!entry.value.is_list()) throw provider.error("headers", "expected a map of lists of texts");
        for (const Value& item : entry.value.items()) {
            if (!item.is_string()) throw provider.error("headers", "expected a map of lists of texts");
            read.headers.emplace_back(entry.name(), item.text());
        }
    }
}

/// Of the first line of the text itself: that of a block stands below its mark.
base::Place place_of(const Value* text, const std::string& file) {
    if (text == nullptr || text->line() == 0) return {file, 0, 0};
    const bool is_block = text->style() == Value::Style::literal || text->style() == Value::Style::folded;
    return {file, static_cast<int>(text->line()) + (is_block ? 1 : 0), 0};
}

std::string window_of(const MetricCheck& check) {
    return check.interval.empty() ? std::string(k_default_window) : check.interval;
}

QueryWords words_of(const CanarySpec& spec, const MetricCheck& check, const QuerySettings& settings, std::string interval) {
    const std::string& target = spec.target.name;
    std::string route = spec.route ? spec.route->name : target;
    if (!settings.latest_revision.empty() && spec.provider == "knative") route = settings.latest_revision;
    QueryWords words;
    words.functions = {{"name", spec.name},
                       {"namespace", spec.ns},
                       {"target", target},
                       {"service", spec.service.name.empty() ? target : spec.service.name},
                       {"ingress", spec.ingress ? spec.ingress->name : target},
                       {"route", std::move(route)},
                       {"interval", std::move(interval)}};
    words.variables = check.variables;
    return words;
}

std::string about(const CanarySpec& spec, const MetricCheck& check) {
    return "in metric " + check.name + " of Canary " + spec.ns + "/" + spec.name;
}

/// Flagger sends a written query as it is, and makes one line of it, so that a comment swallows what follows.
std::string tidy(std::string_view text, Compat compat) {
    return on_one_line(compat == Compat::flagger ? std::string(text) : without_comments(text));
}

std::string filled(std::string_view text, const CanarySpec& spec, const MetricCheck& check, const QuerySettings& settings) {
    if (settings.compat == Compat::flagger) return tidy(text, settings.compat);
    try {
        return tidy(fill_template(text, words_of(spec, check, settings, window_of(check))), settings.compat);
    } catch (Error& error) {
        error.note(about(spec, check));
        throw;
    }
}

/// Flagger has no default window here: an empty one stays empty, and the server refuses `[]`.
MetricQuery shared_query(const CanarySpec& spec, const MetricCheck& check, const MetricTemplate* shared,
                         const QuerySettings& settings) {
    const bool is_played = settings.answers == AnsweredBy::played_back;
    if (shared == nullptr && is_played) return {QueryOrigin::shared, check.name};
    const std::string ns = check.reference->ns.empty() ? spec.ns : check.reference->ns;
    if (shared == nullptr) {
        Error error(Code::not_found, "there is no MetricTemplate " + ns + "/" + check.reference->name);
        error.note(about(spec, check));
        throw error;
    }
    try {
        const auto words = words_of(spec, check, settings, settings.compat == Compat::flagger ? check.interval : window_of(check));
        return {QueryOrigin::shared, tidy(fill_template(shared->query, words, shared->query_place), settings.compat)};
    } catch (Error& error) {
        error.note("in MetricTemplate " + shared->ns + "/" + shared->name);
        error.note(about(spec, check));
        throw;
    }
}

[[noreturn]] void refuse_name(const CanarySpec& spec, const MetricCheck& check) {
    const std::vector<std::string> known{std::string(k_success_rate), std::string(k_duration)};
    Error error(Code::invalid, "the metric " + check.name + " has no query");
    error.note(about(spec, check));
    error.suggest(base::near_names(check.name, known));
    error.hint("built in are " + base::join(known, " and ") + "; any other name needs a query or a templateRef");
    throw error;
}

}  // namespace

bool is_metric_template(const Value& manifest) {
    return manifest.text_at("kind") == "MetricTemplate" && manifest.text_at("apiVersion") == k_flagger_version;
}

MetricTemplate read_metric_template(const Value& manifest, const std::string& file, const std::string& default_namespace) {
    kube::require_identity(manifest, file);
    if (!is_metric_template(manifest)) {
        Error error(Code::invalid, "expected a MetricTemplate of " + std::string(k_flagger_version) + ", found " +
                                       std::string(manifest.text_at("apiVersion")) + " " + std::string(manifest.text_at("kind")));
        throw error.at({file, static_cast<int>(manifest.line()), 0});
    }
    MetricTemplate read;
    read.name = kube::name_of(manifest);
    read.ns = kube::namespace_of(manifest);
    if (read.ns.empty()) read.ns = default_namespace;
    FieldsReader spec(manifest.find("spec"), "spec", file);
    auto provider = spec.child("provider");
    read.type = provider.text("type", "prometheus");
    read.address = provider.text("address");
    read_headers(provider, read);
    auto secret = provider.child("secretRef");
    read.secret = secret.text("name");
    if (secret.present() && read.secret.empty()) throw secret.error("name", "missing");
    read.skip_tls_verify = provider.flag("insecureSkipVerify", false);
    read.query = spec.text("query");
    if (base::trim(read.query).empty()) throw spec.error("query", "missing");
    read.query_place = place_of(manifest.path("spec", "query"), file);
    return read;
}

std::string_view builtin_family(const CanarySpec& spec, const QuerySettings& settings) {
    std::string provider = spec.provider;
    const bool is_own = spec.document.path("spec", "provider") != nullptr;
    if (is_own && settings.mesh_provider.find("linkerd") != std::string::npos) provider = "linkerd";
    // The word then fits no family of a whole name, so that most Services are measured as Istio's.
    const bool is_knative = spec.target.api_version.starts_with("serving.knative.dev/");
    if (spec.dialect == Dialect::flagger && spec.target.kind == "Service" && !is_knative) provider += k_service_suffix;
    return family_of_provider(provider);
}

std::vector<MetricQuery> queries_of(const CanarySpec& spec, const MetricCheck& check, const MetricTemplate* shared,
                                    const QuerySettings& settings) {
    std::vector<MetricQuery> queries;
    const auto words = words_of(spec, check, settings, window_of(check));
    if (auto text = builtin_query(check.name, builtin_family(spec, settings), words)) {
        const bool whole = check.name == k_duration && settings.compat == Compat::flagger;
        queries.push_back({QueryOrigin::builtin, std::move(*text), whole});
    }
    if (!check.query.empty()) queries.push_back({QueryOrigin::written, filled(check.query, spec, check, settings)});
    if (check.reference) queries.push_back(shared_query(spec, check, shared, settings));
    if (!queries.empty()) return queries;
    if (settings.answers == AnsweredBy::from_server) refuse_name(spec, check);
    return {{QueryOrigin::written, check.name}};
}

std::map<std::string, std::string> counter_queries(const CanarySpec& spec, const MetricCheck& check,
                                                   const QuerySettings& settings) {
    std::map<std::string, std::string> queries;
    for (const auto& [key, text] : check.queries) queries[key] = filled(text, spec, check, settings);
    return queries;
}

}  // namespace gitops::rollout
