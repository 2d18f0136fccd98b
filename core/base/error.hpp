// Error is the one exception type of the house: a code for programs, and for people a message, a place,
// notes that say what was being done, a hint with the next step, and near names.
//
// Expected answers are values, never exceptions. Context is added where it is known, by catching, calling
// note() and rethrowing; the text is put together once, in cli/output/error_view.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace gitops::base {

enum class Code { not_found, invalid, conflict, denied, unavailable, cancelled, internal };

/// The code's stable name, as scripts read it in JSON: "not_found", "invalid", ...
std::string_view code_name(Code code);

/// Where a thing was read: a file, and a line and column counted from 1; 0 when not known.
struct Place {
    std::string file;
    int line = 0;
    int column = 0;
};

class Error : public std::exception {
  public:
    /// Credentials (URL user info, tokens) are taken out of every text as it enters; see base/redact.hpp.
    Error(Code code, std::string_view message);

    Error& at(Place place);                ///< keeps the innermost place: the first one set stays
    Error& note(std::string_view text);    ///< what was being done, innermost first
    Error& hint(std::string_view text);    ///< the next step to take
    Error& suggest(std::vector<std::string> names);  ///< "did you mean"

    Code code() const { return m_code; }
    const std::string& message() const { return m_message; }
    const Place& place() const { return m_place; }
    const std::vector<std::string>& notes() const { return m_notes; }
    const std::string& hint_text() const { return m_hint; }
    const std::vector<std::string>& suggestions() const { return m_suggestions; }

    /// The message alone, without place or notes.
    const char* what() const noexcept override { return m_message.c_str(); }

  private:
    Code m_code;
    std::string m_message;
    Place m_place;
    std::vector<std::string> m_notes;
    std::string m_hint;
    std::vector<std::string> m_suggestions;
};

}  // namespace gitops::base
