#include "core/embedded/validation.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

#include "core/embedded/cron.hpp"
#include "core/embedded/documents.hpp"
#include "core/base/digest.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/kube/quantity.hpp"
#include "core/kube/schema.hpp"
#include "core/kube/selector.hpp"

namespace gitops::embedded {

using doc::Value;

namespace {

using Path = std::string;

class Checker {
  public:
    explicit Checker(const Location& location) : m_location(location) {}

    [[noreturn]] void refuse(const Path& path, std::string_view why) const {
        throw base::Error(base::Code::invalid, m_location.key.text() + ": " + path + ": " + std::string(why));
    }

    void expect(const Value& value, bool right, std::string_view wanted, const Path& path) const {
        if (!right)
            refuse(path, "expected a " + std::string(wanted) + ", found a " + std::string(kind_name(value.kind())));
    }

    /// `value` has the shape of `type`, and no field the type does not know.
    void shape(const Value& value, const kube::Type& type, Path& path) const {
        if (value.is_null()) return;
        std::size_t length = path.size();
        switch (type.shape()) {
            case kube::Shape::untyped: return;
            case kube::Shape::scalar:
                scalar(value, type, path);
                return;
            case kube::Shape::list:
                expect(value, value.is_list(), "list", path);
                for (std::size_t i = 0; i < value.size(); ++i) {
                    path += "[" + std::to_string(i) + "]";
                    shape(value.items()[i], type.element(), path);
                    path.resize(length);
                }
                return;
            case kube::Shape::map:
            case kube::Shape::object:
                expect(value, value.is_map(), "map", path);
                for (const doc::Entry& entry : value.entries()) {
                    if (!path.empty()) path += ".";
                    path += entry.name();
                    auto field = type.field(entry.name());
                    if (!field) unknown(type, entry, path);
                    shape(entry.value, *field, path);
                    path.resize(length);
                }
                return;
        }
    }

  private:
    void scalar(const Value& value, const kube::Type& type, const Path& path) const {
        if (!type.accepts(value))
            refuse(path, "expected " + std::string(type.wanted()) + ", found a " + std::string(kind_name(value.kind())));
        if (type.is_quantity() && !kube::canonical_quantity(value.text()))
            refuse(path, "\"" + std::string(value.text()) + "\" is no quantity");
    }

    [[noreturn]] void unknown(const kube::Type& type, const doc::Entry& entry, const Path& path) const {
        std::vector<std::string> known;
        for (std::string_view name : type.field_names()) known.emplace_back(name);
        throw base::Error(base::Code::invalid, m_location.key.text() + ": " + path + ": there is no such field")
            .suggest(base::near_names(entry.name(), known));
    }

    const Location& m_location;
};

void check_texts(const Checker& check, const Value& object) {
    for (std::string_view field : {"labels", "annotations"}) {
        const Value* texts = object.path("metadata", field);
        if (texts == nullptr || texts->is_null()) continue;
        Path path = "metadata." + std::string(field);
        check.expect(*texts, texts->is_map(), "map", path);
        for (const doc::Entry& entry : texts->entries())
            if (!entry.value.is_string() && !entry.value.is_null())
                check.expect(entry.value, false, "text", path + "." + std::string(entry.name()));
    }
}

void check_resources(const Checker& check, const Value& container, const Path& path) {
    for (std::string_view side : {"requests", "limits"}) {
        const Value* amounts = container.path("resources", side);
        if (amounts == nullptr) continue;
        for (const doc::Entry& entry : amounts->entries())
            if (!kube::canonical_quantity(entry.value.text()))
                check.refuse(path + ".resources." + std::string(side) + "." + std::string(entry.name()),
                             "\"" + std::string(entry.value.text()) + "\" is no quantity");
    }
}

void check_pod_spec(const Checker& check, const Value* spec, const Path& path) {
    const Value* containers = spec == nullptr ? nullptr : spec->find("containers");
    if (containers == nullptr || containers->empty()) check.refuse(path + ".containers", "at least one is needed");
    std::set<std::string_view> names;
    for (std::string_view list : {"initContainers", "containers"}) {
        const Value* group = spec->find(list);
        if (group == nullptr) continue;
        for (std::size_t i = 0; i < group->size(); ++i) {
            const Value& container = group->items()[i];
            Path place = path + "." + std::string(list) + "[" + std::to_string(i) + "]";
            std::string_view name = container.text_at("name");
            if (name.empty()) check.refuse(place + ".name", "a name is needed");
            if (!names.insert(name).second)
                check.refuse(place + ".name", "\"" + std::string(name) + "\" is the name of another container");
            if (container.text_at("image").empty()) check.refuse(place + ".image", "an image is needed");
            check_resources(check, container, place);
        }
    }
}

void check_pod(const Checker& check, const Value& object) { check_pod_spec(check, object.find("spec"), "spec"); }

void check_template(const Checker& check, const Value& object) {
    check_pod_spec(check, object.path("spec", "template", "spec"), "spec.template.spec");
}

void check_selected(const Checker& check, const Value& object) {
    const Value* selector = object.path("spec", "selector");
    if (selector == nullptr || selector->empty()) check.refuse("spec.selector", "a selector is needed");
    const Value* labels = object.path("spec", "template", "metadata", "labels");
    if (!kube::Selector::from_value(*selector).matches(copy_or_null(labels)))
        check.refuse("spec.template.metadata.labels", "spec.selector does not select them");
    check_template(check, object);
}

void check_job(const Checker& check, const Value& object) {
    check_template(check, object);
    const Value* policy = object.path("spec", "template", "spec", "restartPolicy");
    if (policy == nullptr || (policy->text() != "Never" && policy->text() != "OnFailure"))
        check.refuse("spec.template.spec.restartPolicy", "a Job needs \"Never\" or \"OnFailure\"");
}

void check_cron_job(const Checker& check, const Value& object) {
    const Value* schedule = object.path("spec", "schedule");
    try {
        (void)CronSchedule(schedule == nullptr ? std::string_view() : schedule->text());
    } catch (const base::Error& error) {
        check.refuse("spec.schedule", error.message() + ", as in \"*/5 * * * *\"");
    }
    check_pod_spec(check, object.path("spec", "jobTemplate", "spec", "template", "spec"),
                   "spec.jobTemplate.spec.template.spec");
}

void check_service(const Checker& check, const Value& object) {
    const Value* spec = object.find("spec");
    if (spec == nullptr || spec->text_at("type") == "ExternalName" || spec->text_at("clusterIP") == "None") return;
    const Value* ports = spec->find("ports");
    if (ports == nullptr || ports->empty()) check.refuse("spec.ports", "at least one is needed");
    for (std::size_t i = 0; i < ports->size(); ++i) {
        Path place = "spec.ports[" + std::to_string(i) + "]";
        std::int64_t port = int_or(ports->items()[i].find("port"), 0);
        if (port < 1 || port > 65535) check.refuse(place + ".port", "a number from 1 to 65535 is needed");
        if (ports->size() > 1 && ports->items()[i].text_at("name").empty())
            check.refuse(place + ".name", "a Service with several ports must name them");
    }
}

void check_config_map(const Checker& check, const Value& object) {
    const Value* data = object.find("data");
    if (data == nullptr) return;
    for (const doc::Entry& entry : data->entries())
        if (!entry.value.is_string() && !entry.value.is_null())
            check.expect(entry.value, false, "text", "data." + std::string(entry.name()));
}

void check_secret(const Checker& check, const Value& object) {
    const Value* data = object.find("data");
    if (data == nullptr) return;
    for (const doc::Entry& entry : data->entries())
        if (!entry.value.is_null() && (!entry.value.is_string() || !base::base64_decode(entry.value.text())))
            check.refuse("data." + std::string(entry.name()), "the value is not base64; plain texts go into stringData");
}

/// Fields of the apps and batch kinds that count something (ValidateNonnegativeField in pkg/apis/{apps,batch}).
constexpr std::array<std::string_view, 9> k_counts{
    "replicas",     "parallelism",          "completions",              "backoffLimit",          "activeDeadlineSeconds",
    "minReadySeconds", "revisionHistoryLimit", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"};

void check_counts(const Checker& check, const Value* spec, const Path& path) {
    if (spec == nullptr) return;
    for (std::string_view field : k_counts) {
        const Value* count = spec->find(field);
        if (count == nullptr || count->is_null()) continue;
        const auto number = count->to_int();
        const std::string_view wanted = number ? "must be greater than or equal to 0" : "must be an integer";
        if (!number || *number < 0)
            check.refuse(path + "." + std::string(field),
                         "Invalid value: " + std::string(count->text()) + ": " + std::string(wanted));
    }
}

struct Rule {
    std::string_view group;
    std::string_view kind;
    void (*check)(const Checker&, const Value&);
};

constexpr std::array k_rules{
    Rule{"", "Pod", check_pod},
    Rule{"", "Service", check_service},
    Rule{"", "ConfigMap", check_config_map},
    Rule{"", "Secret", check_secret},
    Rule{"apps", "Deployment", check_selected},
    Rule{"apps", "ReplicaSet", check_selected},
    Rule{"apps", "StatefulSet", check_selected},
    Rule{"apps", "DaemonSet", check_selected},
    Rule{"batch", "Job", check_job},
    Rule{"batch", "CronJob", check_cron_job},
};

}  // namespace

void validate(const Location& location, const Value& object) {
    Checker check(location);
    check_texts(check, object);
    if (location.origin != KindOrigin::builtin) return;
    const kube::Schema& schema = kube::Schema::kubernetes();
    Path path;
    if (schema.knows(location.gvk)) check.shape(object, schema.root(location.gvk), path);
    if (location.key.group == "apps" || location.key.group == "batch") {
        check_counts(check, object.find("spec"), "spec");
        check_counts(check, object.path("spec", "jobTemplate", "spec"), "spec.jobTemplate.spec");
    }
    for (const Rule& rule : k_rules)
        if (rule.kind == location.key.kind && rule.group == location.key.group) rule.check(check, object);
}

}  // namespace gitops::embedded
