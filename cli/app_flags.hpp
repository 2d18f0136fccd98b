// The flags of `app create` and `app set` that describe an application.
#pragma once

#include "core/app/edit.hpp"

namespace CLI {
class App;
}

namespace gitops::cli {

/// What was typed; change() makes the edit of it.
struct AppFlags {
    app::ApplicationChange change;
    std::string sync_policy;
};

void declare_app_flags(CLI::App& parser, AppFlags& flags);
/// The edit, with --sync-policy read.
app::ApplicationChange change_of(const AppFlags& flags);

}  // namespace gitops::cli
