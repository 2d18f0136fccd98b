// Semantic versions (semver.org 2.0) and ranges over them, as Masterminds/semver v3 reads them: Argo CD and Flux
// choose tags with it.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gitops::base {

struct Version {
    std::uint64_t major = 0, minor = 0, patch = 0;
    std::vector<std::string> pre;  ///< dot-separated parts of the pre-release
    std::string build;             ///< not part of the order

    std::strong_ordering operator<=>(const Version& other) const;
    bool operator==(const Version& other) const { return (*this <=> other) == 0; }
};

/// "1.2.3", "v1.2.3-rc.1+build", and with missing parts "1.2", "1"; nullopt otherwise.
std::optional<Version> parse_version(std::string_view text);

namespace detail {

enum class VersionOp { eq, gt, ge, lt, le };
struct VersionBound {
    VersionOp op = VersionOp::eq;
    Version version;
};
/// The versions all bounds hold for, or every other one ("!=1.2").
struct VersionSpan {
    std::vector<VersionBound> bounds;
    bool excluded = false;
};
struct VersionAlternative {
    std::vector<VersionSpan> spans;  ///< all must hold
    bool names_pre_release = false;
};

}  // namespace detail

/// "1.2.*", ">=1 <2", "^1.0", "~1.2", "1.2 - 1.4", "a || b". Pre-releases match only an alternative that itself names
/// one.
class VersionRange {
  public:
    /// nullopt when the text is no range. A plain full version ("1.2.3") counts as one.
    static std::optional<VersionRange> parse(std::string_view text);
    bool matches(const Version& version) const;

  private:
    std::vector<detail::VersionAlternative> m_any_of;
};

/// The highest of `tags` inside `range`, as it was written; nullopt when none is.
std::optional<std::string> highest_match(const std::vector<std::string>& tags, const VersionRange& range);

}  // namespace gitops::base
