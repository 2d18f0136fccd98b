// WatchStream follows one collection: it keeps an HTTP stream open, opens it again where it broke off, and remembers
// the latest events, so that several watchers who are at different places can share it.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/backend/api_client.hpp"
#include "core/backend/inbox.hpp"
#include "core/backend/watch_token.hpp"
#include "core/kube/cluster.hpp"

namespace gitops::backend {

/// What happened to one object, and the version of the collection after it.
struct Change {
    Version version = 0;
    kube::WatchEvent event;
};

/// For one thread at a time. Never waits for events: the Doorbell rings when some have come.
class WatchStream {
  public:
    /// `path` is the collection's, `subject` names it in messages.
    WatchStream(ApiClient& client, const base::Clock& clock, Doorbell& bell, std::string path, std::string subject);

    /// What is known to have happened after `since`, in order; opens the stream when it is time to. Error(conflict)
    /// "too old" when the server no longer knows what came after `since`; Error(denied) when it does not let us watch.
    std::vector<Change> follow(Version since, const std::stop_token& stop);
    /// Up to where follow() has told everything.
    Version position() const { return m_position; }
    /// How long until a broken stream is to be opened again; nullopt while it is open.
    std::optional<base::Duration> due_in() const { return m_http ? std::nullopt : std::optional(pause_left()); }
    base::Time last_asked() const { return m_asked; }

  private:
    base::Duration pause_left() const;
    void start_at(Version version);
    void open(const std::stop_token& stop);
    void take_in();
    void note(const std::string& line);
    void keep(kube::WatchType type, const doc::Value& object);
    void ended(const io::StreamEnd& end, bool opened);
    void refused(int status, const doc::Value& body);
    void failed();
    void disconnect();

    ApiClient& m_client;
    const base::Clock& m_clock;
    Doorbell& m_bell;
    std::string m_path, m_subject;
    std::shared_ptr<Inbox> m_inbox;
    std::unique_ptr<io::HttpStream> m_http;
    std::deque<Change> m_log;        ///< everything after m_floor, up to m_position
    bool m_started = false;          ///< m_floor and m_position mean something
    Version m_floor = 0;
    Version m_position = 0;
    std::optional<Version> m_forgotten;  ///< the server no longer knows what came after this version
    std::optional<base::Error> m_refusal;
    bool m_is_heard = false;         ///< since it was opened
    int m_failures = 0;              ///< in a row
    int m_unauthorized = 0;          ///< in a row
    base::Time m_opened, m_not_before, m_asked;
};

}  // namespace gitops::backend
