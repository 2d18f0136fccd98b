#include "core/templates/sprig.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/text.hpp"
#include "core/doc/number.hpp"
#include "core/doc/yaml_read.hpp"
#include "core/doc/yaml_write.hpp"
#include "core/templates/sprig_parts.hpp"

namespace gitops::templates {

namespace detail {

std::string text_of(const Datum& datum) { return datum.is_string() ? datum.text() : go_text(datum); }

std::vector<std::string> texts_of(const Datum& datum) {
    if (datum.is_nothing()) return {};
    if (!datum.is_list()) return {text_of(datum)};
    std::vector<std::string> texts;
    for (const Datum& item : datum.items())
        if (!item.is_nothing()) texts.push_back(text_of(item));
    return texts;
}

std::int64_t whole_of(const Datum& datum) {
    switch (datum.kind()) {
        case Datum::Kind::boolean: return datum.flag() ? 1 : 0;
        case Datum::Kind::integer: return datum.number();
        case Datum::Kind::floating:
            return std::fabs(datum.floating()) < 9.2e18 ? static_cast<std::int64_t>(datum.floating()) : INT64_MIN;
        case Datum::Kind::string: {
            std::string text = datum.text();
            if (const auto dot = text.find('.'); dot != std::string::npos && dot > 0 &&
                                                 text.find_first_not_of('0', dot + 1) == std::string::npos)
                text.resize(dot);
            if (text.find_first_of(".") != std::string::npos) return 0;
            const bool is_hex = text.find_first_of("xX") != std::string::npos;
            if (!is_hex && text.find_first_of("eE") != std::string::npos) return 0;
            return doc::parse_int(text).value_or(0);
        }
        default: return 0;
    }
}

double number_of(const Datum& datum) {
    switch (datum.kind()) {
        case Datum::Kind::boolean: return datum.flag() ? 1 : 0;
        case Datum::Kind::integer: return static_cast<double>(datum.number());
        case Datum::Kind::floating: return datum.floating();
        case Datum::Kind::string: {
            const std::string& text = datum.text();
            char* end = nullptr;
            if (text.empty() || std::string_view(" \t\n").find(text[0]) != std::string_view::npos) return 0;
            const double number = std::strtod(text.c_str(), &end);
            return end == text.c_str() + text.size() ? number : 0;
        }
        default: return 0;
    }
}

bool is_empty(const Datum& datum) { return datum.kind() != Datum::Kind::time && !datum.truth(); }

const std::vector<Datum>& items_of(const Datum& datum, std::string_view what) {
    if (!datum.is_list())
        sprig_error("Cannot find " + std::string(what) + " on type " +
            (datum.is_nothing() ? "invalid" : std::string(datum.kind_name())));
    return datum.items();
}

void add_rows(GoFunctions& functions, std::span<const SprigRow> rows) {
    for (const SprigRow& row : rows)
        for (const std::string_view name : base::split(row.name, ' '))
            functions.add({std::string(name), std::string(row.signature), row.function});
}

namespace {

Datum refuse_random(GoCall& call) {
    sprig_error("refused: it makes another value at every look, so that nothing would ever be in sync; put the value of " +
                std::string(call.name) + " into a file or a Secret");
}

Datum refuse_machine(GoCall& call) {
    sprig_error("refused: " + std::string(call.name) + " reads the machine that renders, and each would render differently");
}

constexpr SprigRow k_refused[] = {
    {"randAlpha randAlphaNum randAscii randNumeric randBytes randInt shuffle uuidv4 bcrypt htpasswd derivePassword "
     "genPrivateKey genCA genCAWithKey genSelfSignedCert genSelfSignedCertWithKey genSignedCert genSignedCertWithKey "
     "buildCustomCert encryptAES decryptAES",
     "a*", refuse_random},
};

Datum to_yaml(GoCall& call) {
    std::string text = doc::write_yaml(to_value(call.args[0]));
    call.run.spend(text.size());
    if (text.ends_with('\n')) text.pop_back();
    return text;
}

doc::Value read_text(const GoCall& call) {
    doc::YamlOptions options;
    options.dialect = doc::YamlDialect::v1_1;
    return doc::read_yaml_one(call.text(0), options);
}

Datum from_yaml(GoCall& call) {
    const doc::Value value = read_text(call);
    if (value.is_null()) return Datum::map();
    if (!value.is_map()) sprig_error("error unmarshaling JSON: the YAML is a " + std::string(doc::kind_name(value.kind())) +
            ", not a map");
    return to_datum(value, Numbers::as_float);
}

Datum from_yaml_array(GoCall& call) {
    const doc::Value value = read_text(call);
    if (value.is_null()) return Datum::list({});
    if (!value.is_list())
        sprig_error("error unmarshaling JSON: the YAML is a " + std::string(doc::kind_name(value.kind())) + ", not a list");
    return to_datum(value, Numbers::as_float);
}

enum class SlugCut { at_a_dash, anywhere };

std::string_view without_edges(std::string_view text) {
    const std::size_t first = text.find_first_not_of('-');
    return first == std::string_view::npos ? std::string_view{} : text.substr(first, text.find_last_not_of('-') - first + 1);
}

/// A normalized name without dots, one dash where several stood. A cut anywhere counts the dashes before they become
/// one; a size of 0 is no bound.
std::string slug(const std::string& name, std::size_t size, SlugCut cut) {
    std::string plain = normalized_name(name);
    if (cut == SlugCut::anywhere && size > 0 && plain.size() > size) plain.resize(size);
    std::string out;
    for (const char c : plain) {
        const char put = c == '.' ? '-' : c;
        if (put != '-' || out.empty() || out.back() != '-') out += put;
    }
    out = without_edges(out);
    if (size == 0 || out.size() <= size) return out;
    const std::size_t dash = out.rfind('-', size);
    return out.substr(0, dash == std::string::npos ? size : dash);
}

Datum slugify(GoCall& call) {
    std::size_t size = 50;
    auto cut = SlugCut::at_a_dash;
    if (call.count() == 0) return "";
    if (call.count() > 1) size = static_cast<std::size_t>(std::max<std::int64_t>(0, whole_of(call.args[0])));
    if (call.count() > 2 && !call.args[1].truth()) cut = SlugCut::anywhere;
    return slug(text_of(call.args[call.count() - 1]), size, cut);
}

/// What `run` gives. Of errors inside errors, as many as a text fills in itself, the innermost is told alone.
template <class Run>
std::string of_innermost(std::string_view mark, Run run) {
    try {
        return run();
    } catch (const base::Error& error) {
        const std::string told(error.message());
        const auto at = told.rfind(mark);
        if (at == std::string::npos) throw;
        sprig_error(told.substr(at + mark.size()));
    }
}

/// The template in a text; what is missing in it is nothing at all, as in Helm.
Datum filled_text(GoCall& call) {
    constexpr std::string_view k_missing = "<no value>";
    std::string out = of_innermost("error calling tpl: ", [&] { return call.run.execute_text(call.text(0), call.args[1]); });
    for (auto at = out.find(k_missing); at != std::string::npos; at = out.find(k_missing, at)) out.erase(at, k_missing.size());
    return out;
}

constexpr SprigRow k_argo[] = {
    {"tpl", "sa", filled_text},
    {"toYaml", "a", to_yaml},
    {"fromYaml", "s", from_yaml},
    {"fromYamlArray", "s", from_yaml_array},
    {"normalize", "s", [](GoCall& call) { return Datum(normalized_name(call.text(0))); }},
    {"slugify", "a*", slugify},
};

constexpr SprigRow k_machine[] = {{"env expandenv getHostByName", "s", refuse_machine}};

}  // namespace

}  // namespace detail

void add_sprig(GoFunctions& functions) {
    detail::add_rows(functions, detail::k_refused);
    detail::add_rows(functions, detail::k_machine);
    detail::add_sprig_strings(functions);
    detail::add_sprig_words(functions);
    detail::add_sprig_numbers(functions);
    detail::add_sprig_lists(functions);
    detail::add_sprig_dicts(functions);
    detail::add_sprig_encodings(functions);
    detail::add_sprig_patterns(functions);
    detail::add_sprig_dates(functions);
    detail::add_sprig_paths(functions);
}

void add_argo_functions(GoFunctions& functions) { detail::add_rows(functions, detail::k_argo); }

std::shared_ptr<const GoFunctions> argo_functions() {
    static const std::shared_ptr<const GoFunctions> table = [] {
        auto functions = std::make_shared<GoFunctions>();
        add_sprig(*functions);
        add_argo_functions(*functions);
        return functions;
    }();
    return table;
}

std::string normalized_name(std::string_view name) {
    std::string out;
    const std::string lowered = base::lower(name);
    for (std::string_view rest = lowered; !rest.empty();) {
        const std::uint32_t c = take_rune(rest);
        const bool legal = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
        out += legal ? static_cast<char>(c) : '-';
    }
    if (out.size() > 253) out.resize(253);
    const std::size_t first = out.find_first_not_of("-.");
    if (first == std::string::npos) return {};
    return out.substr(first, out.find_last_not_of("-.") - first + 1);
}

}  // namespace gitops::templates
