#include "core/app/source/revision_text.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace gitops::app {

namespace {

constexpr std::size_t k_sha_digits = 40;
constexpr std::size_t k_short_digits = 7;

}  // namespace

std::string joined_revisions(const std::vector<std::string>& revisions) { return base::join(revisions, ","); }

std::vector<std::string> split_revisions(std::string_view text) {
    std::vector<std::string> parts;
    if (text.empty()) return parts;
    for (auto part : base::split(text, ',')) parts.emplace_back(base::trim(part));
    return parts;
}

std::string short_revision(std::string_view text) {
    std::vector<std::string> parts = split_revisions(text);
    for (auto& part : parts)
        if (part.size() == k_sha_digits && base::is_hex(part)) part.resize(k_short_digits);
    return base::join(parts, ", ");
}

std::vector<std::string> wanted_revisions(const Application& application, const std::string& revision) {
    std::vector<std::string> wanted;
    if (!revision.empty() && !application.is_multi_source) return {revision};
    if (revision.empty()) {
        for (const auto& source : application.sources) wanted.push_back(source.target_revision);
        return wanted;
    }
    wanted = split_revisions(revision);
    if (wanted.size() == application.sources.size()) return wanted;
    base::Error error(base::Code::invalid, "application " + application.name + " has " + base::count_of(application.sources.size(), "source") +
                                               ", and the revision names " + std::to_string(wanted.size()));
    error.hint("give one revision for each source in their order, with commas between them: `gitopsctl app history " + application.name +
               "` shows such lists");
    throw error;
}

}  // namespace gitops::app
