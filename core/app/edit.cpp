#include "core/app/edit.hpp"

#include <algorithm>
#include <charconv>
#include <functional>

#include "core/base/error.hpp"

namespace gitops::app {

namespace {

using base::Code;
using base::Error;
using doc::Value;

void set_text(Value& parent, std::string_view key, const std::optional<std::string>& text) {
    if (!text) return;
    if (text->empty())
        parent.erase(key);
    else
        parent.set(key, *text);
}

void set_flag(Value& parent, std::string_view key, std::optional<bool> flag) {
    if (flag) parent.set(key, *flag);
}

/// The part of an entry that says which one it is: "web" of "web=registry/web:v2", "nginx" of "nginx:1.27".
std::string_view name_before(std::string_view entry, std::string_view separators) {
    return entry.substr(0, entry.find_first_of(separators));
}

/// "nginx" of "nginx:1.27", "nginx@sha256:..." and "nginx=other:1"; a registry's port is no tag.
std::string_view image_name(std::string_view entry) {
    const std::size_t end = entry.find_first_of("=@");
    std::string_view name = entry.substr(0, end);
    if (end == std::string_view::npos || entry[end] == '@') {
        const std::size_t slash = name.rfind('/');
        const std::size_t colon = name.find(':', slash == std::string_view::npos ? 0 : slash);
        name = name.substr(0, colon);
    }
    return name;
}

using NameOf = std::function<std::string_view(std::string_view)>;

/// Replaces, appends or (with '!') removes texts of a list; an emptied list goes.
void edit_texts(Value& parent, std::string_view key, const std::vector<std::string>& entries, const NameOf& name_of) {
    if (entries.empty()) return;
    std::vector<Value> items;
    if (const Value* present = parent.find(key)) items.assign(present->items().begin(), present->items().end());
    for (const std::string& entry : entries) {
        const bool removes = entry.starts_with('!');
        const std::string_view text = removes ? std::string_view(entry).substr(1) : std::string_view(entry);
        if (text.empty()) throw Error(Code::invalid, "empty entry for " + std::string(key));
        const auto same = [&](const Value& item) { return name_of(item.text()) == name_of(text); };
        const auto found = std::find_if(items.begin(), items.end(), same);
        if (removes)
            std::erase_if(items, same);
        else if (found != items.end())
            *found = Value(text);
        else
            items.emplace_back(text);
    }
    if (items.empty())
        parent.erase(key);
    else
        parent.set(key, Value::list(std::move(items)));
}

/// "key=value" entries of a map of texts; "!key" removes.
void edit_map(Value& parent, std::string_view key, const std::vector<std::string>& entries) {
    if (entries.empty()) return;
    Value& target = parent.at(key);
    for (const std::string& entry : entries) {
        if (entry.starts_with('!')) {
            target.erase(name_before(std::string_view(entry).substr(1), "="));
            continue;
        }
        const std::size_t equals = entry.find('=');
        if (equals == std::string::npos || equals == 0) {
            throw Error(Code::invalid, "'" + entry + "' is not of the form KEY=VALUE");
        }
        target.set(std::string_view(entry).substr(0, equals), Value(std::string_view(entry).substr(equals + 1)));
    }
    if (target.empty()) parent.erase(key);
}

int count_in(std::string_view entry) {
    const std::size_t equals = entry.find('=');
    int count = -1;
    if (equals != std::string_view::npos && equals > 0) {
        const std::string_view digits = entry.substr(equals + 1);
        const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
        if (problem != std::errc() || end != digits.data() + digits.size()) count = -1;
    }
    if (count < 0) throw Error(Code::invalid, "'" + std::string(entry) + "' is not of the form NAME=COUNT");
    return count;
}

/// spec.source.kustomize.replicas: [{name, count}]
void edit_replicas(Value& kustomize, const std::vector<std::string>& entries) {
    if (entries.empty()) return;
    std::vector<Value> items;
    if (const Value* present = kustomize.find("replicas"))
        items.assign(present->items().begin(), present->items().end());
    for (const std::string& entry : entries) {
        const bool removes = entry.starts_with('!');
        const std::string_view name = name_before(std::string_view(entry).substr(removes ? 1 : 0), "=");
        std::erase_if(items, [&](const Value& item) { return item.text_at("name") == name; });
        if (removes) continue;
        Value item = Value::map();
        item.set("name", Value(name));
        item.set("count", Value(count_in(entry)));
        items.push_back(std::move(item));
    }
    if (items.empty())
        kustomize.erase("replicas");
    else
        kustomize.set("replicas", Value::list(std::move(items)));
}

void drop_if_empty(Value& parent, std::string_view key) {
    const Value* child = parent.find(key);
    if (child != nullptr && child->empty() && !child->is_scalar()) parent.erase(key);
}

/// A list of {name, value, ...}: "name=value" replaces or appends, "!name" removes.
void edit_parameters(Value& parent, std::string_view key, const std::vector<std::string>& entries, std::string_view value_key, bool as_string) {
    if (entries.empty()) return;
    std::vector<Value> items;
    if (const Value* present = parent.find(key)) items.assign(present->items().begin(), present->items().end());
    for (const std::string& entry : entries) {
        const bool removes = entry.starts_with('!');
        const std::string_view text = std::string_view(entry).substr(removes ? 1 : 0);
        const std::string_view name = name_before(text, "=");
        if (name.empty() || (!removes && name.size() == text.size()))
            throw Error(Code::invalid, "'" + entry + "' is not of the form NAME=VALUE");
        std::erase_if(items, [&](const Value& item) { return item.text_at("name") == name; });
        if (removes) continue;
        Value item = Value::map();
        item.set("name", Value(name));
        item.set(value_key, Value(text.substr(name.size() + 1)));
        if (as_string) item.set("forceString", true);
        items.push_back(std::move(item));
    }
    if (items.empty())
        parent.erase(key);
    else
        parent.set(key, Value::list(std::move(items)));
}

void edit_helm(Value& source, const ApplicationChange& change) {
    Value helm = source.has("helm") ? *source.find("helm") : Value::map();
    set_text(helm, "releaseName", change.release_name);
    set_text(helm, "namespace", change.helm_ns);
    edit_texts(helm, "valueFiles", change.value_files, [](std::string_view entry) { return entry; });
    edit_parameters(helm, "parameters", change.helm_parameters, "value", false);
    edit_parameters(helm, "parameters", change.helm_string_parameters, "value", true);
    edit_parameters(helm, "fileParameters", change.helm_file_parameters, "path", false);
    set_flag(helm, "skipCrds", change.skip_crds);
    set_flag(helm, "ignoreMissingValueFiles", change.ignore_missing_value_files);
    if (helm.empty())
        source.erase("helm");
    else
        source.set("helm", std::move(helm));
}

/// What is left when everything that is not about a source is taken away.
bool is_about_source(ApplicationChange change) {
    change.project = change.cluster = change.server = change.ns = std::nullopt;
    change.automated = change.auto_prune = change.self_heal = change.allow_empty = std::nullopt;
    change.sync_options = change.labels = change.annotations = {};
    change.retry_limit = change.history_limit = std::nullopt;
    return !change.empty();
}

/// The source that the change is about: the only one, or one of spec.sources by its position.
Value& source_of(Value& spec, const ApplicationChange& change) {
    const Value* several = spec.find("sources");
    if (several == nullptr || several->empty()) {
        if (change.source_position.value_or(1) != 1) throw Error(Code::invalid, "the application has one source");
        return spec.at("source");
    }
    const auto count = static_cast<int>(several->items().size());
    if (!change.source_position)
        throw Error(Code::invalid, "the application has " + std::to_string(count) + " sources").hint("say which one with --source-position N, counted from 1");
    if (*change.source_position < 1 || *change.source_position > count)
        throw Error(Code::invalid, "there is no source " + std::to_string(*change.source_position) + ": the application has " + std::to_string(count));
    return spec.at("sources").item(static_cast<std::size_t>(*change.source_position - 1));
}

void edit_source(Value& spec, const ApplicationChange& change) {
    if (!is_about_source(change)) return;
    Value& source = source_of(spec, change);
    set_text(source, "repoURL", change.repo_url);
    set_text(source, "path", change.path);
    set_text(source, "chart", change.chart);
    if (change.chart && !change.chart->empty() && !change.path) source.erase("path");
    edit_helm(source, change);
    set_text(source, "targetRevision", change.revision);
    if (change.recurse || change.include || change.exclude) {
        Value& directory = source.at("directory");
        set_flag(directory, "recurse", change.recurse);
        set_text(directory, "include", change.include);
        set_text(directory, "exclude", change.exclude);
        drop_if_empty(source, "directory");
    }
    Value kustomize = source.has("kustomize") ? *source.find("kustomize") : Value::map();
    set_text(kustomize, "namePrefix", change.name_prefix);
    set_text(kustomize, "nameSuffix", change.name_suffix);
    set_text(kustomize, "namespace", change.kustomize_ns);
    edit_texts(kustomize, "images", change.images, image_name);
    edit_replicas(kustomize, change.replicas);
    edit_map(kustomize, "commonLabels", change.common_labels);
    edit_map(kustomize, "commonAnnotations", change.common_annotations);
    if (kustomize.empty())
        source.erase("kustomize");
    else
        source.set("kustomize", std::move(kustomize));
}

void edit_destination(Value& spec, const ApplicationChange& change) {
    Value& destination = spec.at("destination");
    set_text(destination, "name", change.cluster);
    set_text(destination, "server", change.server);
    if (change.cluster)
        destination.erase("server");
    else if (change.server)
        destination.erase("name");
    set_text(destination, "namespace", change.ns);
    drop_if_empty(spec, "destination");
}

void edit_sync_policy(Value& spec, const ApplicationChange& change) {
    Value policy = spec.has("syncPolicy") ? *spec.find("syncPolicy") : Value::map();
    if (change.automated.has_value() && !*change.automated) policy.erase("automated");
    if (change.automated.value_or(false)) {
        Value automated = policy.has("automated") ? *policy.find("automated") : Value::map();
        automated.erase("enabled");
        policy.set("automated", automated.is_map() ? std::move(automated) : Value::map());
    }
    const bool wants_automated =
        change.auto_prune.value_or(false) || change.self_heal.value_or(false) || change.allow_empty.value_or(false);
    if (Value* automated = policy.find_mutable("automated")) {
        set_flag(*automated, "prune", change.auto_prune);
        set_flag(*automated, "selfHeal", change.self_heal);
        set_flag(*automated, "allowEmpty", change.allow_empty);
    } else if (wants_automated) {
        throw Error(Code::invalid, "--auto-prune, --self-heal and --allow-empty need an automated sync policy")
            .hint("add --sync-policy automated");
    }
    edit_texts(policy, "syncOptions", change.sync_options,
               [](std::string_view entry) { return name_before(entry, "="); });
    if (change.retry_limit) policy.at("retry").set("limit", Value(*change.retry_limit));
    if (policy.empty())
        spec.erase("syncPolicy");
    else
        spec.set("syncPolicy", std::move(policy));
}

}  // namespace

bool ApplicationChange::empty() const { return *this == ApplicationChange(); }

Value new_application_document(std::string_view name) {
    Value metadata = Value::map();
    metadata.set("name", Value(name));
    Value spec = Value::map();
    spec.set("project", "default");
    Value document = Value::map();
    document.set("apiVersion", "argoproj.io/v1alpha1");
    document.set("kind", "Application");
    document.set("metadata", std::move(metadata));
    document.set("spec", std::move(spec));
    return document;
}

Value edited(Value document, const ApplicationChange& change) {
    Value& metadata = document.at("metadata");
    edit_map(metadata, "labels", change.labels);
    edit_map(metadata, "annotations", change.annotations);
    Value& spec = document.at("spec");
    set_text(spec, "project", change.project);
    edit_source(spec, change);
    edit_destination(spec, change);
    edit_sync_policy(spec, change);
    if (change.history_limit) spec.set("revisionHistoryLimit", Value(*change.history_limit));
    return document;
}

bool same_definition(const Value& a, const Value& b) {
    const auto same = [](const Value* left, const Value* right) {
        return (left == nullptr ? Value() : *left) == (right == nullptr ? Value() : *right);
    };
    return same(a.find("spec"), b.find("spec")) && same(a.path("metadata", "name"), b.path("metadata", "name")) &&
           same(a.path("metadata", "labels"), b.path("metadata", "labels")) &&
           same(a.path("metadata", "annotations"), b.path("metadata", "annotations"));
}

}  // namespace gitops::app
