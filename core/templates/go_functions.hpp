// GoFunctions is the table of functions a Go template may call. The engine knows only this table: sprig, Argo CD's and
// Helm's functions are added to it by name.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/templates/go_datum.hpp"

namespace gitops::templates {

/// What a running template offers its functions.
class GoRun {
  public:
    virtual ~GoRun() = default;
    virtual base::Time now() const = 0;
    /// Counts `amount` units of work (elements visited, bytes made). Error(invalid) when the template has had its share.
    virtual void spend(std::size_t amount) = 0;
    /// What the template `name` of the same set writes for `data`: Helm's `include`.
    virtual std::string execute(std::string_view name, const Datum& data) = 0;
    /// What `text`, parsed as a template beside the others, writes for `data`: Helm's `tpl`.
    virtual std::string execute_text(std::string_view text, const Datum& data) = 0;
};

struct GoCall {
    std::string_view name;
    std::span<Datum> args;  ///< of the types the signature names; never missing, nil instead
    GoRun& run;

    std::size_t count() const { return args.size(); }
    const std::string& text(std::size_t index) const { return args[index].text(); }
    std::int64_t number(std::size_t index) const { return args[index].number(); }
};

/// `signature` has one letter per parameter: a anything, s string, i int, l int64, f float64, b bool, m map of anything,
/// t time. A '*' behind the last means any number of it. Errors thrown become Go's "error calling NAME: ...".
struct GoFunction {
    std::string name;
    std::string signature;
    std::function<Datum(GoCall&)> call;
};

class GoFunctions {
  public:
    /// The functions every Go template has: comparisons, index, print, ...; `and` and `or` belong to the engine.
    GoFunctions();
    /// Replaces one of the same name.
    void add(GoFunction function);
    /// nullptr when there is none. Stays valid as long as the table and until the function is replaced.
    const GoFunction* find(std::string_view name) const;

  private:
    std::map<std::string, GoFunction, std::less<>> m_functions;
};

}  // namespace gitops::templates
