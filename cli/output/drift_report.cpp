#include "cli/output/drift_report.hpp"

#include "cli/output/app_text.hpp"
#include "cli/output/columns.hpp"
#include "cli/output/status_value.hpp"
#include "core/doc/json.hpp"

namespace gitops::cli {

namespace {

constexpr std::size_t k_longest_value = 120;

std::string value_of(const std::optional<doc::Value>& value) {
    if (!value) return "(none)";
    const std::string text = value->is_string() ? std::string(value->text()) : doc::write_json(*value);
    return text.empty() ? "\"\"" : shortened(one_line(text), k_longest_value);
}

doc::Value field_value(const deliver::FieldChange& field) {
    doc::Value value = doc::Value::map();
    value.set("path", field.path);
    value.set("desired", field.desired.value_or(doc::Value()));
    value.set("live", field.live.value_or(doc::Value()));
    value.set("manager", field.manager ? doc::Value(*field.manager) : doc::Value());
    value.set("changedAt", time_value(field.changed_at));
    return value;
}

Color kind_color(app::DriftKind kind) {
    switch (kind) {
        case app::DriftKind::modified:
            return Color::yellow;
        case app::DriftKind::missing:
            return Color::red;
        case app::DriftKind::extra:
            return Color::cyan;
    }
    return Color::plain;
}

}  // namespace

doc::Value drift_value(const app::DriftReport& report) {
    doc::Value resources = doc::Value::list();
    for (const app::ResourceDrift& drift : report.resources) {
        doc::Value item = key_value(drift.key);
        item.set("change", app::drift_name(drift.kind));
        doc::Value fields = doc::Value::list();
        for (const deliver::FieldChange& field : drift.fields) fields.push_back(field_value(field));
        item.set("fields", std::move(fields));
        resources.push_back(std::move(item));
    }
    doc::Value value = doc::Value::map();
    value.set("name", report.app);
    value.set("cluster", text_or_null(report.cluster));
    value.set("revision", text_or_null(report.revision));
    value.set("drifted", report.drifted());
    value.set("error", text_or_null(report.error));
    value.set("resources", std::move(resources));
    return value;
}

std::string field_text(const deliver::FieldChange& field, base::Time now) {
    std::string text = field.path + ": " + value_of(field.desired) + " -> " + value_of(field.live);
    std::string who = field.manager.value_or("");
    if (field.changed_at) who += (who.empty() ? "" : ", ") + short_span(now - *field.changed_at) + " ago";
    return who.empty() ? text : text + " (" + who + ")";
}

std::string drift_text(const app::DriftReport& report, base::Time now, Paint paint, NameCluster name_cluster) {
    const std::string app = shown_app(report.app, report.cluster, name_cluster);
    const auto colored = [&](Color color, std::string_view text) {
        return paint == Paint::yes ? painted(color, text) : std::string(text);
    };
    if (!report.error.empty()) return app + ": " + colored(Color::red, report.error) + "\n";
    if (!report.drifted()) return app + ": no drift from " + short_sha(report.revision) + "\n";
    std::string text = colored(Color::bold, app) + ": drifted from " + short_sha(report.revision) + "\n";
    for (const app::ResourceDrift& drift : report.resources) {
        text += "  " + drift.key.text() + ": " + colored(kind_color(drift.kind), app::drift_name(drift.kind)) + "\n";
        for (const deliver::FieldChange& field : drift.fields) text += "    " + field_text(field, now) + "\n";
    }
    return text;
}

}  // namespace gitops::cli
