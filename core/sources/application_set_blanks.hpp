// Blanks fills in the blanks of an ApplicationSet in the dialect it uses. A text is parsed once, however often it is
// filled in.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/doc/value.hpp"
#include "core/sources/application_set.hpp"

namespace gitops::sources::detail {

using templates::Datum;

class Blanks {
  public:
    Blanks(const ApplicationSet& set, base::Time now);

    bool uses_go() const { return m_uses_go; }
    std::string text(std::string_view text, const Datum& parameters);
    /// Every text of the tree, keys too.
    doc::Value fill(const doc::Value& tree, const Datum& parameters);

  private:
    const templates::GoTemplate& parsed(std::string_view text);

    bool m_uses_go;
    std::string m_file;  ///< named in errors
    templates::GoOptions m_options;
    std::map<std::string, std::unique_ptr<templates::GoTemplate>, std::less<>> m_parsed;
    std::size_t m_bytes = 0;  ///< of all texts that were filled in
};

/// "a.b" of nested maps and lists: the flat form of parameters, all texts.
void flatten(const Datum& datum, const std::string& prefix, Datum& flat);

}  // namespace gitops::sources::detail
