#include "tests/fuzz/kube_targets.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "core/base/error.hpp"
#include "core/doc/json.hpp"
#include "core/kube/apply.hpp"
#include "core/kube/merge.hpp"

namespace gitops::fuzz {

namespace {

void require(bool holds, const char* what, std::string_view text) {
    if (holds) return;
    std::fprintf(stderr, "property broken: %s\n%.*s\n", what, static_cast<int>(text.size()), text.data());
    std::abort();
}

doc::Value part(const doc::Value& parts, std::string_view key) {
    const doc::Value* found = parts.find(key);
    return found == nullptr ? doc::Value() : *found;
}

void check_apply(const doc::Value& live, const doc::Value& config, std::string_view input) {
    const auto once = kube::server_side_apply(live, config, "fuzz", kube::OnConflict::take_over, {});
    require(once.conflicts.empty(), "taking over has no conflicts", input);
    const auto twice = kube::server_side_apply(once.object, config, "fuzz", kube::OnConflict::fail, {});
    require(!twice.changed && twice.conflicts.empty(), "the second apply changes nothing", input);
    require(!kube::apply_would_change(once.object, config, "fuzz"), "and is known to", input);
    (void)kube::managers_of(once.object);
}

}  // namespace

void apply(std::string_view input) {
    try {
        const doc::Value parts = doc::read_json(input);
        const doc::Value config = part(parts, "config");
        if (!config.is_map()) return;
        check_apply({}, config, input);
        const doc::Value live = part(parts, "live");
        if (!live.is_map()) return;
        (void)kube::server_side_apply(live, config, "fuzz", kube::OnConflict::fail, {});
        const doc::Value update = part(parts, "update");
        if (update.is_map()) (void)kube::track_update(live, kube::with_defaults(update), "editor", "", {});
    } catch (const base::Error&) {
        // A clean refusal is a fine answer.
    }
}

void strategic_merge(std::string_view input) {
    try {
        const doc::Value parts = doc::read_json(input);
        const doc::Value target = part(parts, "target");
        const std::string before = doc::write_json(target);
        const auto type = kube::Schema::kubernetes().root(kube::gvk_of(target));
        try {
            (void)doc::write_json(kube::strategic_merge(target, part(parts, "patch"), type));
        } catch (const base::Error&) {
            // Refused; the target must be whole all the same.
        }
        require(doc::write_json(target) == before, "the target stays as it was", input);
    } catch (const base::Error&) {
        // No JSON.
    }
}

}  // namespace gitops::fuzz
