// EventSink is how core tells what it is doing. It never prints; the cli turns events into a status line,
// plain lines or JSON.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gitops::base {

enum class Level { debug, info, warning };

/// One thing that happened. `kind` is a stable word for programs ("fetch", "apply", "health", "hook", ...),
/// `subject` the thing it happened to, `message` the sentence for people.
struct Event {
    Level level = Level::info;
    std::string kind;
    std::string subject;
    std::string message;
    std::vector<std::pair<std::string, std::string>> fields;
};

class EventSink {
  public:
    virtual ~EventSink() = default;
    /// May be called from any thread.
    virtual void emit(const Event& event) = 0;
};

/// The fake: keeps everything it was told. Also what a caller without interest passes.
class RecordingSink final : public EventSink {
  public:
    void emit(const Event& event) override {
        const std::scoped_lock guard(m_mutex);
        events.push_back(event);
    }
    std::vector<Event> events;  ///< to be read when nobody emits any more

  private:
    std::mutex m_mutex;
};

}  // namespace gitops::base
