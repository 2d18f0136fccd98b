#include "cli/output/status_line.hpp"

#include "cli/globals.hpp"
#include "cli/output/columns.hpp"
#include "cli/output/terminal.hpp"
#include "core/base/clock.hpp"
#include "core/base/redact.hpp"
#include "core/doc/json.hpp"

namespace gitops::cli {

namespace {

using base::Event;
using base::Level;

std::string_view level_name(Level level) {
    switch (level) {
        case Level::debug: return "debug";
        case Level::info: return "info";
        case Level::warning: return "warning";
    }
    return "info";
}

std::string sentence(const Event& event) {
    const std::string text = event.subject.empty() ? event.message : event.subject + ": " + event.message;
    return one_line(base::redact(text));
}

std::string warning_line(const Terminal& terminal, const Event& event) {
    const std::string_view word = "warning:";
    return (terminal.stderr_has_color() ? painted(Color::yellow, word) : std::string(word)) + " " + sentence(event);
}

class WarningLines final : public base::EventSink {
  public:
    explicit WarningLines(Terminal& terminal) : m_terminal(terminal) {}
    void emit(const Event& event) override {
        if (event.level == Level::warning) m_terminal.print_note(warning_line(m_terminal, event));
    }

  private:
    Terminal& m_terminal;
};

class PlainLines final : public base::EventSink {
  public:
    PlainLines(Terminal& terminal, Level lowest) : m_terminal(terminal), m_lowest(lowest) {}
    void emit(const Event& event) override {
        if (event.level < m_lowest) return;
        m_terminal.print_note(event.level == Level::warning ? warning_line(m_terminal, event) : sentence(event));
    }

  private:
    Terminal& m_terminal;
    Level m_lowest;
};

class LiveLine final : public base::EventSink {
  public:
    LiveLine(Terminal& terminal, Level lowest) : m_terminal(terminal), m_lowest(lowest) {}
    ~LiveLine() override { m_terminal.clear_status(); }
    void emit(const Event& event) override {
        if (event.level == Level::warning) {
            m_terminal.print_note(warning_line(m_terminal, event));
        } else if (event.level >= m_lowest) {
            m_terminal.show_status(sentence(event));
        }
    }

  private:
    Terminal& m_terminal;
    Level m_lowest;
};

class JsonLines final : public base::EventSink {
  public:
    JsonLines(Terminal& terminal, Level lowest) : m_terminal(terminal), m_lowest(lowest) {}
    void emit(const Event& event) override {
        if (event.level < m_lowest) return;
        std::vector<doc::Entry> fields;
        for (const auto& [name, value] : event.fields) fields.push_back({name, base::redact(value)});
        const doc::Value line = doc::Value::map({{"time", base::to_rfc3339_millis(m_clock.now())},
                                                 {"level", level_name(event.level)},
                                                 {"kind", event.kind},
                                                 {"subject", base::redact(event.subject)},
                                                 {"message", base::redact(event.message)},
                                                 {"fields", doc::Value::map(std::move(fields))}});
        m_terminal.print_note(doc::write_json(line));
    }

  private:
    Terminal& m_terminal;
    Level m_lowest;
    base::SystemClock m_clock;
};

}  // namespace

std::unique_ptr<base::EventSink> make_event_sink(Terminal& terminal, const Globals& globals) {
    const Level lowest = globals.verbose ? Level::debug : Level::info;
    if (globals.progress == "json") return std::make_unique<JsonLines>(terminal, lowest);
    if (globals.quiet) return std::make_unique<WarningLines>(terminal);
    if (terminal.is_live()) return std::make_unique<LiveLine>(terminal, lowest);
    return std::make_unique<PlainLines>(terminal, lowest);
}

}  // namespace gitops::cli
