// sprig's JSON, base64, base32 and checksums.
#include "core/base/checksum.hpp"
#include "core/base/digest.hpp"
#include "core/doc/json.hpp"
#include "core/templates/sprig_parts.hpp"

namespace gitops::templates::detail {

namespace {

/// As encoding/json: < > & and the two line separators are escaped.
std::string html_safe(const std::string& json) {
    std::string out;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (c == '<') out += "\\u003c";
        else if (c == '>') out += "\\u003e";
        else if (c == '&') out += "\\u0026";
        else if (json.compare(i, 3, "\xE2\x80\xA8") == 0) out += "\\u2028", i += 2;
        else if (json.compare(i, 3, "\xE2\x80\xA9") == 0) out += "\\u2029", i += 2;
        else out += c;
    }
    return out;
}

std::string json_text(GoCall& call, doc::JsonLayout layout) {
    std::string text = doc::write_json(to_value(call.args[0]), layout, doc::JsonKeys::sorted);
    call.run.spend(text.size());
    return text;
}

Datum to_json(GoCall& call) { return html_safe(json_text(call, doc::JsonLayout::compact)); }
Datum to_pretty_json(GoCall& call) { return html_safe(json_text(call, doc::JsonLayout::indented)); }
Datum to_raw_json(GoCall& call) { return json_text(call, doc::JsonLayout::compact); }
Datum must_from_json(GoCall& call) { return to_datum(doc::read_json(call.text(0)), Numbers::as_float); }

Datum from_json(GoCall& call) {
    try {
        return must_from_json(call);
    } catch (const base::Error&) {
        return {};  // as sprig: a text that is no JSON is nil
    }
}

Datum base64_decoded(GoCall& call) {
    auto bytes = base::base64_decode(call.text(0));
    return bytes ? Datum(std::move(*bytes)) : Datum("illegal base64 data at input byte 0");
}

constexpr std::string_view k_base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

Datum base32_encoded(GoCall& call) {
    std::string out;
    std::uint64_t bits = 0;
    int held = 0;
    for (const char c : call.text(0)) {
        bits = bits << 8 | static_cast<unsigned char>(c);
        for (held += 8; held >= 5; held -= 5) out += k_base32[bits >> (held - 5) & 31];
    }
    if (held > 0) out += k_base32[bits << (5 - held) & 31];
    while (out.size() % 8 != 0) out += '=';
    return out;
}

Datum base32_decoded(GoCall& call) {
    std::string out;
    std::uint64_t bits = 0;
    int held = 0;
    for (const char c : call.text(0)) {
        if (c == '=' || c == '\n' || c == '\r') continue;
        const auto digit = k_base32.find(c);
        if (digit == std::string_view::npos) return "illegal base32 data at input byte 0";
        bits = bits << 5 | digit;
        held += 5;
        if (held >= 8) {
            held -= 8;
            out += static_cast<char>(bits >> held & 255);
        }
    }
    return out;
}

constexpr SprigRow k_rows[] = {
    {"toJson mustToJson", "a", to_json},
    {"toPrettyJson mustToPrettyJson", "a", to_pretty_json},
    {"toRawJson mustToRawJson", "a", to_raw_json},
    {"fromJson", "s", from_json},
    {"mustFromJson", "s", must_from_json},
    {"b64enc", "s", [](GoCall& call) { return Datum(base::base64_encode(call.text(0))); }},
    {"b64dec", "s", base64_decoded},
    {"b32enc", "s", base32_encoded},
    {"b32dec", "s", base32_decoded},
    {"sha1sum", "s", [](GoCall& call) { return Datum(base::sha1_hex(call.text(0))); }},
    {"sha256sum", "s", [](GoCall& call) { return Datum(base::sha256_hex(call.text(0))); }},
    {"sha512sum", "s", [](GoCall& call) { return Datum(base::sha512_hex(call.text(0))); }},
    {"adler32sum", "s", [](GoCall& call) { return Datum(std::to_string(base::adler32(call.text(0)))); }},
};

}  // namespace

void add_sprig_encodings(GoFunctions& functions) { add_rows(functions, k_rows); }

}  // namespace gitops::templates::detail
