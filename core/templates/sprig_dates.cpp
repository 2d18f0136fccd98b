// sprig's dates. The present is what the caller says it is; all zones are UTC.
#include <cmath>

#include "core/templates/go_time.hpp"
#include "core/templates/sprig_parts.hpp"

namespace gitops::templates::detail {

namespace {

/// A time, a number of seconds since 1970, or else the present.
base::Time time_of(const GoCall& call, const Datum& datum) {
    if (datum.kind() == Datum::Kind::time) return datum.time();
    if (datum.is_integer()) return base::Time(base::Duration(datum.number() * 1000));
    return call.run.now();
}

Datum date_modified(GoCall& call, bool must) {
    std::string_view text = call.text(0);
    const bool back = text.starts_with('-');
    if (back || text.starts_with('+')) text.remove_prefix(1);
    try {
        if (text.empty() || text.find_first_not_of("0123456789.") == std::string_view::npos)
            throw base::Error(base::Code::invalid, "time: missing unit in duration " + go_quote(call.text(0)));
        const base::Duration span = base::parse_duration(text);
        return Datum(back ? call.args[1].time() - span : call.args[1].time() + span);
    } catch (const base::Error&) {
        if (must) sprig_error("time: invalid duration " + go_quote(call.text(0)));
        return call.args[1];
    }
}

/// As Go prints a duration: "1h30m0s".
std::string span_text(std::int64_t seconds) {
    std::string out = seconds < 0 ? "-" : "";
    seconds = std::llabs(seconds);
    if (seconds >= 3600) out += std::to_string(seconds / 3600) + "h";
    if (seconds >= 60) out += std::to_string(seconds / 60 % 60) + "m";
    return out + std::to_string(seconds % 60) + "s";
}

/// The largest unit alone: "2d", "3mo".
Datum rounded_span(GoCall& call) {
    std::int64_t seconds = 0;
    const Datum& datum = call.args[0];
    if (datum.kind() == Datum::Kind::time) {
        seconds = (call.run.now() - datum.time()).count() / 1000;
    } else if (datum.is_integer()) {
        seconds = datum.number() / 1'000'000'000;  // a time.Duration is nanoseconds
    } else if (datum.is_string()) {
        try {
            seconds = base::parse_duration(datum.text()).count() / 1000;
        } catch (const base::Error&) {
            seconds = 0;
        }
    }
    constexpr std::pair<std::int64_t, std::string_view> k_units[] = {{365LL * 86400, "y"}, {30LL * 86400, "mo"}, {86400, "d"},
                                                                     {3600, "h"},          {60, "m"},            {1, "s"}};
    const std::int64_t size = std::llabs(seconds);
    for (const auto& [unit, name] : k_units)
        if (size > unit || (unit == 1 && size == 1)) return std::to_string(size / unit) + std::string(name);
    return "0s";
}

Datum parsed(GoCall& call, bool must) {
    const auto time = parse_time(call.text(0), call.text(1));
    if (!time && must)
        sprig_error("parsing time " + go_quote(call.text(1)) + " as " + go_quote(call.text(0)) + ": it does not fit");
    // Go's zero time.
    return Datum(time.value_or(base::Time(std::chrono::sys_days(std::chrono::year(1) / 1 / 1))));
}

constexpr SprigRow k_rows[] = {
    {"now", "", [](GoCall& call) { return Datum(call.run.now()); }},
    {"date", "sa", [](GoCall& call) { return Datum(format_time(call.text(0), time_of(call, call.args[1]))); }},
    {"dateInZone date_in_zone", "sas", [](GoCall& call) { return Datum(format_time(call.text(0), time_of(call, call.args[1]))); }},
    {"htmlDate", "a", [](GoCall& call) { return Datum(format_time("2006-01-02", time_of(call, call.args[0]))); }},
    {"htmlDateInZone", "as", [](GoCall& call) { return Datum(format_time("2006-01-02", time_of(call, call.args[0]))); }},
    {"dateModify date_modify", "st", [](GoCall& call) { return date_modified(call, false); }},
    {"mustDateModify must_date_modify", "st", [](GoCall& call) { return date_modified(call, true); }},
    {"toDate", "ss", [](GoCall& call) { return parsed(call, false); }},
    {"mustToDate", "ss", [](GoCall& call) { return parsed(call, true); }},
    {"unixEpoch", "t", [](GoCall& call) { return Datum(std::to_string(call.args[0].time().time_since_epoch().count() / 1000)); }},
    {"ago", "a",
     [](GoCall& call) {
         return Datum(span_text((call.run.now() - time_of(call, call.args[0])).count() / 1000));
     }},
    {"duration", "a", [](GoCall& call) {
         const Datum& span = call.args[0];
         const bool counts = span.is_string() || (span.is_integer() && span.width() == IntWidth::wide);
         return Datum(span_text(counts ? whole_of(span) : 0));
     }},
    {"durationRound", "a", rounded_span},
};

}  // namespace

void add_sprig_dates(GoFunctions& functions) { add_rows(functions, k_rows); }

}  // namespace gitops::templates::detail
