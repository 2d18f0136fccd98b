#include "tests/support/fake_cluster.hpp"

#include <algorithm>

#include "core/doc/patch.hpp"
#include "core/kube/selector.hpp"
#include "core/kube/unknown_fields.hpp"

namespace gitops::test {
namespace {

kube::ResourceKey key_of(const kube::ObjectRef& ref) { return {ref.gvk.group, ref.gvk.kind, ref.ns, ref.name}; }

}  // namespace

void FakeCluster::put(doc::Value object) {
    const std::scoped_lock lock(m_mutex);
    const bool known = m_objects.contains(kube::key_of(object));
    store(std::move(object), known ? kube::WatchType::modified : kube::WatchType::added);
}

void FakeCluster::drop(const kube::ResourceKey& key) {
    const std::scoped_lock lock(m_mutex);
    const auto found = m_objects.find(key);
    if (found == m_objects.end()) return;
    m_events.push_back({kube::WatchType::deleted, found->second});
    m_objects.erase(found);
}

const doc::Value* FakeCluster::find(const kube::ResourceKey& key) const {
    const std::scoped_lock lock(m_mutex);
    const auto found = m_objects.find(key);
    return found == m_objects.end() ? nullptr : &found->second;
}

std::vector<doc::Value> FakeCluster::objects() const {
    const std::scoped_lock lock(m_mutex);
    std::vector<doc::Value> all;
    for (const auto& [key, object] : m_objects) all.push_back(object);
    return all;
}

std::vector<std::string> FakeCluster::writes() const {
    std::vector<std::string> found;
    for (const auto& call : calls)
        if (!call.starts_with("get ") && !call.starts_with("list ")) found.push_back(call);
    return found;
}

std::optional<doc::Value> FakeCluster::get(const kube::ObjectRef& ref) {
    const std::scoped_lock lock(m_mutex);
    record("get " + key_of(ref).text());
    const auto* found = find(key_of(ref));
    return found == nullptr ? std::nullopt : std::optional(*found);
}

std::vector<doc::Value> FakeCluster::list(const kube::ListQuery& query) {
    const std::scoped_lock lock(m_mutex);
    record("list " + query.gvk.kind + (query.ns ? " " + *query.ns : "") + (query.label_selector.empty() ? "" : " " + query.label_selector));
    const auto selector = kube::Selector::parse(query.label_selector);
    const auto fits = [&](const doc::Value& object) {
        const auto* labels = object.path("metadata", "labels");
        return selector.empty() || selector.matches(labels == nullptr ? doc::Value() : *labels);
    };
    std::vector<doc::Value> found;
    for (const auto& [key, object] : m_objects)
        if (key.group == query.gvk.group && key.kind == query.gvk.kind && (!query.ns || *query.ns == key.ns) && fits(object))
            found.push_back(object);
    return found;
}

kube::Applied FakeCluster::apply(const doc::Value& object, const kube::ApplyOptions& options) {
    const auto key = kube::key_of(object);
    if (on_apply) on_apply(key);
    const std::scoped_lock lock(m_mutex);
    record("apply " + key.text(), options.dry_run);
    const auto* live = find(key);
    std::vector<std::string> dropped;
    const auto wanted = options.unknown_fields == kube::UnknownFields::drop
                            ? kube::without_unknown_fields(object, kube::Schema::kubernetes().root(kube::gvk_of(object)), dropped)
                            : object;
    auto applied = kube::server_side_apply(live == nullptr ? doc::Value() : *live, wanted, options.manager,
                                           options.on_conflict, now);
    if (!applied.conflicts.empty() || !applied.changed || options.dry_run == kube::DryRun::yes) return applied;
    applied.object = store(std::move(applied.object), live == nullptr ? kube::WatchType::added : kube::WatchType::modified);
    return applied;
}

doc::Value FakeCluster::write(const kube::Write& write) {
    const std::scoped_lock lock(m_mutex);
    doc::Value updated;
    if (const auto* create = std::get_if<kube::Create>(&write.change)) {
        updated = create->object;
        record("create " + kube::key_of(updated).text(), write.dry_run);
    } else if (const auto* replace = std::get_if<kube::Replace>(&write.change)) {
        updated = replace->object;
        record("replace " + kube::key_of(updated).text(), write.dry_run);
    } else {
        const auto& patch = std::get<kube::Patch>(write.change);
        const auto name = key_of(patch.ref).text();
        record("patch " + name, write.dry_run);
        const auto* live = find(key_of(patch.ref));
        if (live == nullptr) throw base::Error(base::Code::not_found, name + " not found");
        if (!patch.resource_version.empty() && patch.resource_version != kube::resource_version_of(*live))
            throw base::Error(base::Code::conflict, name + " has changed");
        updated = patch.kind == kube::PatchKind::json ? doc::json_patch(*live, patch.patch) : doc::merge_patch(*live, patch.patch);
    }
    const auto key = kube::key_of(updated);
    const auto* live = find(key);
    updated = kube::track_update(live == nullptr ? doc::Value() : *live, updated, write.manager, "", now);
    if (write.dry_run == kube::DryRun::yes) return updated;
    return store(std::move(updated), live == nullptr ? kube::WatchType::added : kube::WatchType::modified);
}

bool FakeCluster::remove(const kube::ObjectRef& ref, const kube::RemoveOptions& options) {
    const std::scoped_lock lock(m_mutex);
    record("remove " + key_of(ref).text(), options.dry_run);
    const bool known = find(key_of(ref)) != nullptr;
    if (options.dry_run == kube::DryRun::no) drop(key_of(ref));
    return known;
}

kube::WatchBatch FakeCluster::watch(const kube::WatchQuery& query, std::stop_token) {
    if (on_watch && query.at_most > base::Duration{0}) on_watch(query.at_most);
    const std::scoped_lock lock(m_mutex);
    kube::WatchBatch batch;
    if (!query.since.empty()) batch.events.assign(m_events.begin(), m_events.end());
    m_events.clear();
    batch.next = std::to_string(++m_version);
    return batch;
}

void FakeCluster::record(const std::string& call, kube::DryRun dry_run) {
    calls.push_back(dry_run == kube::DryRun::yes ? call + " (dry run)" : call);
    const auto failure = std::find_if(m_failures.begin(), m_failures.end(),
                                      [&](const auto& planned) { return planned.first == call; });
    if (failure == m_failures.end()) return;
    auto error = failure->second;
    m_failures.erase(failure);
    throw base::Error(error);
}

doc::Value FakeCluster::store(doc::Value object, kube::WatchType type) {
    const auto key = kube::key_of(object);
    auto& metadata = object.at("metadata");
    const auto old = m_objects.find(key);
    const std::string uid(old == m_objects.end() ? "uid-" + std::to_string(m_version + 1) : std::string(kube::uid_of(old->second)));
    metadata.set("uid", uid);
    metadata.set("resourceVersion", std::to_string(++m_version));
    m_objects.insert_or_assign(key, object);
    m_events.push_back({type, object});
    return object;
}

}  // namespace gitops::test
