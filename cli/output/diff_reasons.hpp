// Why fields are shown as different, and what has them ignored: `app diff --explain`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/deliver/plan.hpp"
#include "core/doc/value.hpp"

namespace gitops::cli {

struct DiffReasons {
    struct Field {
        std::string path;
        std::string_view rule;
        std::string manager;  ///< who set the live value; "" when nobody knows
    };
    std::vector<Field> fields;  ///< none when an object is missing or left Git: it counts as a whole
    doc::Value entry;           ///< for spec.ignoreDifferences; null without fields
};

DiffReasons diff_reasons(const deliver::Step& step);
std::string reasons_text(const DiffReasons& reasons);
doc::Value reasons_value(const DiffReasons& reasons);

/// The fields that differ and do not count, with the rules that say so; "" when there are none.
std::string ignored_text(const deliver::Step& step);

}  // namespace gitops::cli
