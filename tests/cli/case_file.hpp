// A case file: a small script of commands with everything they are to answer. See cases_test.cpp for the form.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gitops::test {

/// Comments and blank lines, kept for writing the file again.
struct Remark {
    std::string line;
};

/// A file to be made before the steps that follow it.
struct Fixture {
    std::string name;
    std::string text;
};

/// The case runs only where this program is on PATH.
struct Need {
    std::string tool;
};

struct Answer {
    std::vector<std::string> out;
    std::vector<std::string> err;
    int status = 0;
    bool operator==(const Answer&) const = default;
};

struct Step {
    int line = 0;         ///< in the case file
    std::string command;  ///< for sh
    Answer expected;
};

using Block = std::variant<Remark, Fixture, Need, Step>;

/// Throws std::runtime_error with the line for anything that is none of the forms.
std::vector<Block> parse_case(std::string_view text);
std::string write_case(const std::vector<Block>& blocks);

/// The lines of an output; the last one gets a mark when its line break is missing.
std::vector<std::string> lines_of(std::string_view output);

/// What differs between the two, as lines beginning with ' ', '-' (expected) and '+' (found).
std::string difference(const Answer& expected, const Answer& found);

}  // namespace gitops::test
