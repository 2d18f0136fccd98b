// The flags that every command takes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"

namespace CLI {
class App;
}

namespace gitops::cli {

enum class Format { text, wide, json, yaml, name };

struct Globals {
    std::string home;
    std::string cluster;
    std::string kubeconfig;  ///< a real cluster for this command alone, with `context`
    std::string context;
    std::string as_user;     ///< impersonated on real clusters
    std::vector<std::string> as_groups;
    std::string output = "text";
    std::string color = "auto";
    std::string progress;
    std::string timeout_text;
    int jobs = 0;  ///< 0: one per core
    bool quiet = false;
    bool verbose = false;
    bool yes = false;

    Format format() const;
    /// --timeout, or `standard` when it was not given.
    base::Duration timeout(base::Duration standard) const;
};

/// Adds the global flags that `parser` does not already have under the same name.
void declare_globals(CLI::App& parser, Globals& globals);

/// True when the flag's value is the next word: needed to find the noun behind "-o json".
bool takes_value(std::string_view global_flag);
/// Their names, for completion and suggestions.
std::vector<std::string> global_flag_names();

}  // namespace gitops::cli
