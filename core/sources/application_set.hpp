// ApplicationSet makes Applications from a template: one for each result of its generators.
//
// Overview: this file is the reading; application_set_generate.hpp makes the Applications, purely, from the document and
// ports to clusters and Git; application_set_generators, _git and _blanks are its parts; appset_rollout.hpp says in what
// order they may be synced. Who registers, updates and deletes them is core/app/appset.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/doc/jq_path.hpp"
#include "core/doc/path.hpp"
#include "core/doc/value.hpp"
#include "core/templates/go_template.hpp"

namespace gitops::sources {

/// spec.syncPolicy.applicationsSync: what may happen to Applications. Creating always may.
struct SetPermissions {
    bool updates = true;
    bool deletes = true;
};

/// Fields of Applications that are not taken from the template: spec.ignoreApplicationDifferences.
struct KeptFields {
    std::string name;  ///< of one Application; "" for all
    std::vector<doc::Pointer> pointers;
    std::vector<doc::JqPath> paths;
};

enum class DeletionOrder { all_at_once, reverse };

/// One step of a rolling sync.
struct SetStep {
    struct Expression {
        std::string key;
        bool is_in = true;  ///< In, else NotIn
        std::vector<std::string> values;
    };
    std::vector<Expression> expressions;
    std::string max_update;  ///< "", a number or "25%"
};

struct ApplicationSet {
    doc::Value document;
    std::string file;  ///< named in errors
    std::string name;
    std::string ns;
    bool uses_go = false;
    templates::GoOptions options;
    doc::Value generators;  ///< a list
    doc::Value application;  ///< spec.template
    std::string patch;       ///< spec.templatePatch
    std::string sync_policy = "sync";  ///< applicationsSync as it is written
    SetPermissions permissions;
    bool preserves_resources = false;
    std::vector<std::string> kept_annotations, kept_labels;
    std::vector<KeptFields> kept_fields;
    std::vector<SetStep> steps;  ///< of strategy RollingSync; none without it
    DeletionOrder deletion_order = DeletionOrder::all_at_once;
};

/// Reads an `ApplicationSet` of argoproj.io/v1alpha1. Error(invalid) with file:line for what is wrong and for what this
/// version cannot do; fields without effect are told in `warnings`.
ApplicationSet read_application_set(const doc::Value& document, const std::string& file, std::vector<std::string>& warnings);

}  // namespace gitops::sources
