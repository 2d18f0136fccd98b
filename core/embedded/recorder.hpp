// Recorder keeps what simulated controllers tell about objects, as core/v1 Events show it: the newest 1,000 notes,
// equal ones counted instead of repeated. Notes about Pods are not kept: pod_events derives them from the Pod.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/embedded/object_store.hpp"

namespace gitops::embedded {

/// One core/v1 Event, before it becomes an object.
struct Note {
    std::string type;  ///< "Normal" or "Warning"
    std::string reason;
    std::string message;
    std::string component;
    base::Time first{};
    base::Time last{};
    std::int64_t count = 1;
};

/// The object an Event is about.
struct Subject {
    std::string api_version;
    std::string kind;
    std::string ns;
    std::string name;
    std::string uid;
};
Subject subject_of(const doc::Value& object);

/// `number` tells notes about one subject apart in the Event's name.
doc::Value event_object(const Subject& subject, const Note& note, std::int64_t number);

class Recorder {
  public:
    explicit Recorder(ObjectStore& store);

    void record(const Row& about, Note note);
    /// As Event objects, oldest first; of one namespace, or of all.
    std::vector<doc::Value> list(const std::optional<std::string>& ns);

  private:
    ObjectStore& m_store;
    io::Statement m_repeat;
    io::Statement m_insert;
    io::Statement m_thin;
    io::Statement m_list;
};

/// What a Pod's status tells about its past: Scheduled, Pulled, Started, BackOff, Failed, Completed.
std::vector<doc::Value> pod_events(const Row& pod);

}  // namespace gitops::embedded
