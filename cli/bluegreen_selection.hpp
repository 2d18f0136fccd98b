// Which blue-green pair a command is about, and how it is run.
#pragma once

#include <optional>
#include <string>

#include "cli/env.hpp"
#include "core/app/progressive/bluegreen.hpp"
#include "core/base/event.hpp"

namespace CLI {
class App;
}

namespace gitops::cli {

struct BlueGreenSelection {
    std::string name;
    std::string ns;
};

/// NAME as a positional, -n.
void declare_pair(CLI::App& parser, BlueGreenSelection& selection);
/// The namespace of -n; nullopt when it was not given.
std::optional<std::string> namespace_of(const BlueGreenSelection& selection);

/// Leaves out the decisions of a switch, which a command tells itself.
class TroubleOnly final : public base::EventSink {
  public:
    explicit TroubleOnly(base::EventSink& all) : m_all(all) {}
    void emit(const base::Event& event) override;

  private:
    base::EventSink& m_all;
};
/// Runs `request`, tells its decisions and prints how it ended; the exit code. `verb` is for the audit log.
int run_and_print(Env& env, const std::string& verb, const app::BlueGreenRequest& request);

}  // namespace gitops::cli
