#include "core/embedded/faults.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/glob.hpp"
#include "core/doc/number.hpp"

namespace gitops::embedded {

namespace {

constexpr std::array<std::pair<FaultKind, std::string_view>, 3> k_names{{
    {FaultKind::crash_loop, "crash-loop"},
    {FaultKind::pull_failure, "pull-failure"},
    {FaultKind::slow_start, "slow-start"},
}};

constexpr std::string_view k_pod_start = "pod_start";  ///< milliseconds + 1, so that 0 can be told from unset
constexpr std::string_view k_changes = "scenario";      ///< grows with every change of what is asked for here
constexpr base::Duration k_longest_start = std::chrono::hours(24);

void note_change(ObjectStore& store) { store.set_setting(k_changes, store.setting(k_changes) + 1); }

std::string id_of(std::int64_t seq) { return "f" + std::to_string(seq); }

}  // namespace

std::string_view fault_name(FaultKind kind) {
    return std::ranges::find(k_names, kind, &std::pair<FaultKind, std::string_view>::first)->second;
}

std::optional<FaultKind> parse_fault(std::string_view name) {
    auto found = std::ranges::find(k_names, name, &std::pair<FaultKind, std::string_view>::second);
    return found == k_names.end() ? std::nullopt : std::optional(found->first);
}

const Scenario& ScenarioReader::current() {
    std::int64_t changes = m_store.setting(k_changes);
    if (changes != m_read_at) m_scenario = read_scenario(m_store);
    m_read_at = changes;
    return m_scenario;
}

Scenario read_scenario(ObjectStore& store) {
    Scenario scenario;
    if (std::int64_t stored = store.setting(k_pod_start); stored > 0) scenario.pod_start = base::Duration(stored - 1);
    scenario.faults = read_faults(store);
    return scenario;
}

std::vector<Fault> read_faults(ObjectStore& store) {
    auto& query = store.prepared("SELECT seq, kind, image, delay FROM faults ORDER BY seq");
    std::vector<Fault> faults;
    while (query.step())
        if (auto kind = parse_fault(query.text_view(1)))
            faults.push_back({id_of(query.number(0)), *kind, query.text(2), base::Duration(query.number(3))});
    query.reset();
    return faults;
}

Fault store_fault(ObjectStore& store, FaultKind kind, std::string_view image_glob, base::Duration delay) {
    if (image_glob.empty()) throw base::Error(base::Code::invalid, "a fault needs an image pattern");
    if (delay < base::Duration(0) || delay > k_longest_start)
        throw base::Error(base::Code::invalid, "a fault's delay must lie between 0 and 24h");
    // The number of a removed fault is not given again: audit entries name it.
    std::int64_t seq = store.setting("fault") + 1;
    store.set_setting("fault", seq);
    note_change(store);
    auto& insert = store.prepared("INSERT INTO faults (seq, kind, image, delay) VALUES (?1, ?2, ?3, ?4)");
    insert.bind(1, seq).bind(2, fault_name(kind)).bind(3, image_glob).bind(4, std::int64_t{delay.count()}).run();
    return {id_of(seq), kind, std::string(image_glob), delay};
}

bool erase_fault(ObjectStore& store, std::string_view id) {
    auto seq = id.starts_with('f') ? doc::parse_int(id.substr(1)) : std::nullopt;
    if (!seq) return false;
    store.prepared("DELETE FROM faults WHERE seq=?1").bind(1, *seq).run();
    bool found = store.database().changes() > 0;
    note_change(store);
    return found;
}

void store_pod_start(ObjectStore& store, base::Duration span) {
    if (span < base::Duration(0) || span > k_longest_start)
        throw base::Error(base::Code::invalid, "the start time of a Pod must lie between 0 and 24h");
    store.set_setting(k_pod_start, span.count() + 1);
    note_change(store);
}

std::optional<Struck> struck_container(const std::vector<Fault>& faults, const doc::Value& pod_spec) {
    if (faults.empty()) return std::nullopt;
    for (std::string_view list : {"initContainers", "containers"}) {
        const doc::Value* containers = pod_spec.find(list);
        if (containers == nullptr) continue;
        for (const doc::Value& container : containers->items())
            for (const Fault& fault : faults)
                if (base::glob_match(fault.image_glob, container.text_at("image"), base::GlobMode::name))
                    return Struck{fault.kind, fault.delay, std::string(container.text_at("name")),
                                  std::string(container.text_at("image"))};
    }
    return std::nullopt;
}

}  // namespace gitops::embedded
