#include "core/embedded/recorder.hpp"

#include <fmt/format.h>

#include "core/embedded/documents.hpp"

namespace gitops::embedded {

using doc::Value;

namespace {

constexpr std::int64_t k_kept = 1000;

std::int64_t millis(base::Time time) { return time.time_since_epoch().count(); }

}  // namespace

Subject subject_of(const Value& object) {
    return {std::string(object.text_at("apiVersion")), std::string(kube::kind_of(object)),
            std::string(kube::namespace_of(object)), std::string(kube::name_of(object)),
            std::string(kube::uid_of(object))};
}

Value event_object(const Subject& subject, const Note& note, std::int64_t number) {
    std::string ns = subject.ns.empty() ? "default" : subject.ns;
    std::string name = fmt::format("{}.{:016x}", subject.name, number);
    return map_of({{"apiVersion", "v1"},
                   {"kind", "Event"},
                   {"metadata", map_of({{"name", name},
                                        {"namespace", ns},
                                        {"uid", uuid_of("event " + subject.uid + name)},
                                        {"creationTimestamp", base::to_rfc3339(note.first)}})},
                   {"involvedObject", map_of({{"apiVersion", subject.api_version},
                                              {"kind", subject.kind},
                                              {"namespace", subject.ns},
                                              {"name", subject.name},
                                              {"uid", subject.uid}})},
                   {"type", note.type},
                   {"reason", note.reason},
                   {"message", note.message},
                   {"source", map_of({{"component", note.component}})},
                   {"firstTimestamp", base::to_rfc3339(note.first)},
                   {"lastTimestamp", base::to_rfc3339(note.last)},
                   {"count", note.count}});
}

Recorder::Recorder(ObjectStore& store)
    : m_store(store),
      m_repeat(store.database().prepare(
          "UPDATE events SET times=times+1, last=?4 WHERE uid=?1 AND reason=?2 AND message=?3")),
      m_insert(store.database().prepare(
          "INSERT INTO events (uid, type, reason, message, component, first, last, times, api_version, kind, ns, name) "
          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, 1, ?7, ?8, ?9, ?10)")),
      m_thin(store.database().prepare("DELETE FROM events WHERE seq<=?1")),
      m_list(store.database().prepare(
          "SELECT seq, uid, type, reason, message, component, first, last, times, api_version, kind, ns, name "
          "FROM events WHERE ?1 IS NULL OR ns=?1 OR (ns='' AND ?1='default') ORDER BY seq")) {}

void Recorder::record(const Row& about, Note note) {
    Subject subject = subject_of(about.object);
    m_repeat.bind(1, subject.uid).bind(2, note.reason).bind(3, note.message).bind(4, millis(note.last)).run();
    if (m_store.database().changes() > 0) return;
    m_insert.bind(1, subject.uid).bind(2, note.type).bind(3, note.reason).bind(4, note.message);
    m_insert.bind(5, note.component).bind(6, millis(note.last)).bind(7, subject.api_version).bind(8, subject.kind);
    m_insert.bind(9, subject.ns).bind(10, subject.name).run();
    m_thin.bind(1, m_store.database().last_row_id() - k_kept).run();
}

std::vector<Value> Recorder::list(const std::optional<std::string>& ns) {
    if (ns) m_list.bind(1, *ns);
    else m_list.bind_null(1);
    std::vector<Value> events;
    while (m_list.step()) {
        Subject subject{m_list.text(9), m_list.text(10), m_list.text(11), m_list.text(12), m_list.text(1)};
        Note note{m_list.text(2), m_list.text(3), m_list.text(4), m_list.text(5), {}, {}, m_list.number(8)};
        note.first = base::Time(base::Duration(m_list.number(6)));
        note.last = base::Time(base::Duration(m_list.number(7)));
        events.push_back(event_object(subject, note, m_list.number(0)));
    }
    m_list.reset();
    return events;
}

}  // namespace gitops::embedded
