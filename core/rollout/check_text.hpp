// Checks and numbers as people read them, on a terminal as in a picture: "success-rate 99.60 >= 99".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/rollout/journal.hpp"

namespace gitops::rollout {

enum class Glyphs { unicode, ascii };

/// A hook was asked, nothing was measured.
bool is_hook(const CheckResult& check);

/// "125", "99.60", "0.0042", "+Inf". As many decimals as it takes to see on which side of a bound of `range` it is.
std::string number_text(double value, const Range& range = {});
/// "99", "0.01", "98.9": as few digits as it has.
std::string bound_text(double bound);
/// ">= 99", "<= 150", "0.5 to 2", "" without bounds.
std::string limit_text(const Range& range, Glyphs glyphs);
/// "success-rate 99.60 >= 99", "latency-p99 180 > 150", "errors: no data, no series matches", "load-test: pass".
std::string check_text(const CheckResult& check, Glyphs glyphs);
/// One column wide: a tick, a cross, a ring, a sign of warning, a question mark; + x o ! ? in ASCII.
std::string_view verdict_mark(Verdict verdict, Glyphs glyphs);
/// "passed", "failed", "no data", "no answer", "undecided".
std::string_view verdict_word(Verdict verdict);

/// "00:01:20" since the start; negative spans count as zero.
std::string elapsed_text(base::Duration span);
/// "2m20s", rounded to what matters: no milliseconds from a second on, no seconds from an hour on.
std::string span_text(base::Duration span);
/// The image without its registry and folders: "predictor:v2"; of a digest its first twelve digits.
std::string short_image(std::string_view image);

/// `text` on one line, as well-formed UTF-8, without control characters and without those that change the direction of
/// what is around them. At most `most` characters, with an ellipsis when something was cut off.
std::string clean_text(std::string_view text, std::size_t most, Glyphs glyphs = Glyphs::unicode);
/// `text` cut at blanks into lines of at most `length` characters; what does not fit on `most` lines ends with an
/// ellipsis. A word that is too long is broken.
std::vector<std::string> wrapped(std::string_view text, std::size_t length, std::size_t most,
                                 Glyphs glyphs = Glyphs::unicode);
/// Characters, not bytes, of well-formed UTF-8.
std::size_t length_of(std::string_view text);

}  // namespace gitops::rollout
