#include "cli/output/diff_reasons.hpp"

#include "core/base/text.hpp"
#include "core/deliver/ignore_snippet.hpp"
#include "core/doc/yaml_write.hpp"

namespace gitops::cli {

DiffReasons diff_reasons(const deliver::Step& step) {
    DiffReasons reasons;
    if (step.desired.is_null() || step.live.is_null()) return reasons;
    const std::vector<deliver::FieldChange> changes = deliver::changes_of(step);
    for (const deliver::FieldChange& change : changes)
        reasons.fields.push_back({change.path, deliver::difference_rule(step, change), change.manager.value_or("")});
    if (!changes.empty()) reasons.entry = deliver::ignore_entry(step.key, changes);
    return reasons;
}

std::string reasons_text(const DiffReasons& reasons) {
    if (reasons.fields.empty()) return {};
    std::string text;
    for (const DiffReasons::Field& field : reasons.fields) {
        text += "# " + field.path + ": " + std::string(field.rule);
        text += field.manager.empty() ? "\n" : " (set by " + field.manager + ")\n";
    }
    text += "# to have it ignored, add to the Application:\n";
    const doc::Value spec = doc::Value::map({{"ignoreDifferences", doc::Value::list({reasons.entry})}});
    return text + doc::write_yaml(doc::Value::map({{"spec", spec}}));
}

doc::Value reasons_value(const DiffReasons& reasons) {
    doc::Value fields = doc::Value::list();
    for (const DiffReasons::Field& field : reasons.fields)
        fields.push_back(doc::Value::map({{"path", field.path},
                                          {"rule", field.rule},
                                          {"manager", field.manager.empty() ? doc::Value() : doc::Value(field.manager)}}));
    return fields;
}

std::string ignored_text(const deliver::Step& step) {
    if (step.desired.is_null() || step.live.is_null() || step.ignore.empty()) return {};
    const deliver::DiffTerms terms = deliver::terms_of(step);
    const deliver::DifferingPaths paths = step.predicted.is_null()
                                              ? deliver::differing_paths(step.desired, step.live, terms)
                                              : deliver::differing_paths_with(step.predicted, step.desired, step.live, terms);
    if (paths.ignored.empty()) return {};
    std::vector<std::string> rules;
    for (const auto& rule : step.ignore) rules.push_back(rule->origin);
    return "# " + step.key.text() + ": not counted: " + base::join(paths.ignored, ", ") + " (" + base::join(rules, ", ") + ")\n";
}

}  // namespace gitops::cli
