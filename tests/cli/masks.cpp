#include "tests/cli/masks.hpp"

#include <re2/re2.h>

namespace gitops::test {

namespace {

struct Mask {
    RE2 pattern;
    const char* replacement;
};

/// Seven to twelve hexadecimal digits, of which the first run of one sort is shorter than seven.
std::string short_sha_pattern() {
    std::string either;
    for (int run = 1; run < 7; ++run)
        for (const auto& [first, second] : {std::pair("[0-9]", "[a-f]"), std::pair("[a-f]", "[0-9]")})
            either += (either.empty() ? "" : "|") + std::string(first) + "{" + std::to_string(run) + "}" + second + "[0-9a-f]{" + std::to_string(6 - run) +
                      "," + std::to_string(11 - run) + "}";
    return R"((^|[^\w:.-])(?:)" + either + R"()\b)";
}

const std::vector<const Mask*>& masks() {
    static const Mask k_uid{{R"(\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b)"}, "<uid>"};
    static const Mask k_time{{R"(\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| ?[+-]\d\d:?\d\d| UTC)?)"}, "<time>"};
    static const Mask k_sha{{R"(\b[0-9a-f]{40}\b)"}, "<sha>"};
    // Short ones hold a digit and a letter; behind '-', ':' or '.' stands a hash, a tag or a part of a name.
    static const Mask k_short_sha{{short_sha_pattern()}, "\\1<sha>"};
    // One in thirty is all digits: only where a commit is named, or a count would be taken for one.
    static const Mask k_digit_sha{{R"((\(|\b(?:revision|at|to|from|commit|commits) )[0-9]{7}\b)"}, "\\1<sha>"};
    static const Mask k_next_sha{{R"((<sha>, )[0-9]{7}\b)"}, "\\1<sha>"};  // of the second source
    static const Mask k_duration{{R"(\b(\d+h)?(\d+m)?\d+(\.\d+)?(ms|s)\b)"}, "<dur>"};
    static const Mask k_millis{{R"((Ms"?: )\d+)"}, "\\1<dur>"};
    static const Mask k_pid{{R"(\b(pid|process) \d+)"}, "\\1 <pid>"};
    static const std::vector<const Mask*> k_masks{&k_uid, &k_time, &k_sha, &k_short_sha, &k_digit_sha, &k_next_sha, &k_duration, &k_millis, &k_pid};
    return k_masks;
}

void replace_all(std::string& text, const std::string& what, const std::string& by) {
    if (what.empty()) return;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
        text.replace(at, what.size(), by);
    }
}

}  // namespace

std::string masked(std::string text, const std::vector<std::pair<std::string, std::string>>& texts) {
    for (const auto& [what, by] : texts) replace_all(text, what, by);
    for (const Mask* mask : masks()) RE2::GlobalReplace(&text, mask->pattern, mask->replacement);
    return text;
}

}  // namespace gitops::test
