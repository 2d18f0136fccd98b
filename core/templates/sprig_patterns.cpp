// sprig's regular expressions (RE2, as Go's) and semantic versions.
#include <re2/re2.h>

#include "core/base/semver.hpp"
#include "core/templates/sprig_parts.hpp"

namespace gitops::templates::detail {

namespace {

constexpr std::int64_t k_max_pattern_memory = 4 << 20;

class Pattern {
  public:
    explicit Pattern(const std::string& text) : m_re(text, options()) {}
    bool ok() const { return m_re.ok(); }
    const re2::RE2& must() const {
        if (!ok()) sprig_error("regexp: Compile(`" + m_re.pattern() + "`): " + problem());
        return m_re;
    }
    /// In Go's words.
    std::string problem() const {
        std::string text = m_re.error();
        if (const auto colon = text.find(": "); colon != std::string::npos) text = text.substr(0, colon + 2)
            + "`" + text.substr(colon + 2) + "`";
        if (text.starts_with("missing ]") || text.starts_with("missing )")) text.insert(8, "closing ");
        return "error parsing regexp: " + text;
    }
    const re2::RE2& re() const { return m_re; }

  private:
    static re2::RE2::Options options() {
        re2::RE2::Options options;
        options.set_log_errors(false);
        options.set_max_mem(k_max_pattern_memory);
        return options;
    }
    re2::RE2 m_re;
};

/// Where the pattern matches, from `at` on, with its groups; an empty match right behind another one does not count.
class Matches {
  public:
    Matches(const re2::RE2& re, const std::string& text)
        : m_re(re), m_text(text), m_groups(static_cast<std::size_t>(re.NumberOfCapturingGroups()) + 1) {}

    bool next() {
        while (m_at <= m_text.size()) {
            if (!m_re.Match(m_text, m_at, m_text.size(), re2::RE2::UNANCHORED, m_groups.data(), static_cast<int>(m_groups.size())))
                return false;
            const auto begin = static_cast<std::size_t>(m_groups[0].data() - m_text.data());
            const std::size_t end = begin + m_groups[0].size();
            const bool counts = end > begin || begin != m_last_end || !m_has_last;
            m_at = end > begin ? end : end + width_at(end);
            if (!counts) continue;
            m_last_end = end;
            m_has_last = true;
            m_begin = begin;
            return true;
        }
        return false;
    }
    std::size_t begin() const { return m_begin; }
    std::size_t end() const { return m_last_end; }
    const std::vector<re2::StringPiece>& groups() const { return m_groups; }

  private:
    std::size_t width_at(std::size_t at) const {
        std::string_view rest = std::string_view(m_text).substr(at);
        const std::size_t before = rest.size();
        if (rest.empty()) return 1;
        take_rune(rest);
        return before - rest.size();
    }

    const re2::RE2& m_re;
    const std::string& m_text;
    std::vector<re2::StringPiece> m_groups;
    std::size_t m_at = 0, m_begin = 0, m_last_end = 0;
    bool m_has_last = false;
};

Datum match(GoCall& call, const Pattern& pattern) {
    call.run.spend(call.text(1).size());
    return Datum(pattern.ok() && re2::RE2::PartialMatch(call.text(1), pattern.re()));
}

Datum regex_match(GoCall& call) { return match(call, Pattern(call.text(0))); }
Datum must_regex_match(GoCall& call) {
    const Pattern pattern(call.text(0));
    if (!pattern.ok()) sprig_error(pattern.problem());
    return match(call, pattern);
}

Datum find_all(GoCall& call) {
    const Pattern pattern(call.text(0));
    const std::string& text = call.text(1);
    std::int64_t left = call.number(2);
    std::vector<std::string> found;
    call.run.spend(text.size());
    for (Matches matches(pattern.must(), text); left != 0 && matches.next(); --left)
        found.push_back(text.substr(matches.begin(), matches.end() - matches.begin()));
    return Datum::strings(found);
}

Datum find_one(GoCall& call) {
    const Pattern pattern(call.text(0));
    call.run.spend(call.text(1).size());
    Matches matches(pattern.must(), call.text(1));
    return matches.next() ? call.text(1).substr(matches.begin(), matches.end() - matches.begin()) : std::string();
}

bool is_name_char(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

/// "$1", "${name}", "$$"; the longest name counts, one that is no group is nothing.
void expand(std::string& out, const std::string& replacement, const re2::RE2& re, const Matches& matches) {
    for (std::size_t i = 0; i < replacement.size(); ++i) {
        if (replacement[i] != '$' || i + 1 == replacement.size()) {
            out += replacement[i];
            continue;
        }
        if (replacement[i + 1] == '$') {
            out += '$';
            ++i;
            continue;
        }
        const bool braced = replacement[i + 1] == '{';
        std::size_t end = i + (braced ? 2 : 1);
        const std::size_t begin = end;
        while (end < replacement.size() && is_name_char(replacement[end])) ++end;
        if (end == begin || (braced && (end == replacement.size() || replacement[end] != '}'))) {
            out += '$';
            continue;
        }
        const std::string name = replacement.substr(begin, end - begin);
        std::size_t group = matches.groups().size();
        if (name.find_first_not_of("0123456789") == std::string::npos) {
            if (name.size() < 6) group = static_cast<std::size_t>(std::stoi(name));
        } else if (const auto found = re.NamedCapturingGroups().find(name); found != re.NamedCapturingGroups().end()) {
            group = static_cast<std::size_t>(found->second);
        }
        if (group < matches.groups().size()) out.append(matches.groups()[group].data(), matches.groups()[group].size());
        i = braced ? end : end - 1;
    }
}

enum class Replacement { expanded, literal };

Datum replaced(GoCall& call, Replacement kind) {
    const Pattern pattern(call.text(0));
    const std::string& text = call.text(1);
    std::string out;
    std::size_t at = 0;
    for (Matches matches(pattern.must(), text); matches.next();) {
        out.append(text, at, matches.begin() - at);
        if (kind == Replacement::literal) out += call.text(2);
        else expand(out, call.text(2), pattern.re(), matches);
        at = matches.end();
        call.run.spend(1 + call.text(2).size());
    }
    call.run.spend(text.size());
    return out.append(text, at);
}

Datum split(GoCall& call) {
    const Pattern pattern(call.text(0));
    const std::string& text = call.text(1);
    const std::int64_t limit = call.number(2);
    if (limit == 0) return Datum::strings({});
    std::vector<std::string> parts;
    std::size_t begin = 0, end = 0;
    call.run.spend(text.size());
    for (Matches matches(pattern.must(), text); matches.next();) {
        if (limit > 0 && static_cast<std::int64_t>(parts.size()) == limit - 1) break;
        end = matches.begin();
        if (matches.end() != 0) parts.push_back(text.substr(begin, end - begin));
        begin = matches.end();
    }
    if (end != text.size()) parts.push_back(text.substr(begin));
    return Datum::strings(parts);
}

Datum quote_meta(GoCall& call) {
    std::string out;
    for (const char c : call.text(0)) {
        if (std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

std::string pre_of(const base::Version& version) {
    std::string out;
    for (const auto& part : version.pre) out += (out.empty() ? "" : ".") + part;
    return out;
}

Datum semver(GoCall& call) {
    const auto version = base::parse_version(call.text(0));
    if (!version) sprig_error("Invalid Semantic Version");
    Datum map = Datum::map();
    map.entries()["Major"] = wide(static_cast<std::int64_t>(version->major));
    map.entries()["Minor"] = wide(static_cast<std::int64_t>(version->minor));
    map.entries()["Patch"] = wide(static_cast<std::int64_t>(version->patch));
    map.entries()["Prerelease"] = pre_of(*version);
    map.entries()["Metadata"] = version->build;
    map.entries()["Original"] = call.text(0);
    return map;
}

Datum semver_compare(GoCall& call) {
    const auto range = base::VersionRange::parse(call.text(0));
    if (!range) sprig_error("improper constraint: " + call.text(0));
    const auto version = base::parse_version(call.text(1));
    if (!version) sprig_error("Invalid Semantic Version");
    return range->matches(*version);
}

constexpr SprigRow k_rows[] = {
    {"regexMatch", "ss", regex_match},
    {"mustRegexMatch", "ss", must_regex_match},
    {"regexFindAll mustRegexFindAll", "ssi", find_all},
    {"regexFind mustRegexFind", "ss", find_one},
    {"regexReplaceAll mustRegexReplaceAll", "sss", [](GoCall& call) { return replaced(call, Replacement::expanded); }},
    {"regexReplaceAllLiteral mustRegexReplaceAllLiteral", "sss", [](GoCall& call) { return replaced(call, Replacement::literal); }},
    {"regexSplit mustRegexSplit", "ssi", split},
    {"regexQuoteMeta", "s", quote_meta},
    {"semver", "s", semver},
    {"semverCompare", "ss", semver_compare},
};

}  // namespace

void add_sprig_patterns(GoFunctions& functions) { add_rows(functions, k_rows); }

}  // namespace gitops::templates::detail
