#include "core/base/error.hpp"

#include "core/base/redact.hpp"

namespace gitops::base {

std::string_view code_name(Code code) {
    switch (code) {
        case Code::not_found: return "not_found";
        case Code::invalid: return "invalid";
        case Code::conflict: return "conflict";
        case Code::denied: return "denied";
        case Code::unavailable: return "unavailable";
        case Code::cancelled: return "cancelled";
        case Code::internal: return "internal";
    }
    return "internal";
}

Error::Error(Code code, std::string_view message) : m_code(code), m_message(redact(message)) {}

Error& Error::at(Place place) {
    if (m_place.file.empty() && m_place.line == 0) {
        m_place = std::move(place);
        m_place.file = redact(m_place.file);
    } else if (m_place.file.empty()) {
        m_place.file = redact(place.file);
    }
    return *this;
}

Error& Error::note(std::string_view text) {
    m_notes.push_back(redact(text));
    return *this;
}

Error& Error::hint(std::string_view text) {
    m_hint = redact(text);
    return *this;
}

Error& Error::suggest(std::vector<std::string> names) {
    m_suggestions = std::move(names);
    return *this;
}

}  // namespace gitops::base
