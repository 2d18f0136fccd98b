// Terminal is the one place that knows what stdout and stderr are: a terminal or not, how wide, with color or not.
// Answers go to stdout through it; a status line on stderr gives way to them.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

namespace gitops::cli {

enum class Color { plain, bold, dim, red, green, yellow, cyan };

/// `text` between the escape sequences of `color`.
std::string painted(Color color, std::string_view text);

/// Puts a dead end on each of the descriptors 0 to 2 that is closed, so that no database opened later gets its number,
/// and makes a broken pipe an error instead of a signal. To be called first in main.
void open_standard_streams();

/// Writes all of `text` to stdout. Error(unavailable) when it is closed, its reader has gone or the disk is full.
void write_stdout(std::string_view text);
/// The same for stderr, where nothing can be told about a failure.
void write_stderr(std::string_view text) noexcept;
/// Whether text on stderr may be colored by itself: a terminal, and NO_COLOR is not set.
bool stderr_takes_color();

class Terminal {
  public:
    /// `color` is auto, always or never; auto looks for a terminal and at NO_COLOR and TERM.
    explicit Terminal(std::string_view color);
    /// Writes what is left as far as that is possible.
    ~Terminal();
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    bool has_color() const { return m_color; }                ///< on stdout
    bool stderr_has_color() const { return m_stderr_color; }
    bool is_live() const { return m_live; }                   ///< stderr can show a status line
    bool stdout_is_terminal() const { return m_stdout_is_terminal; }
    /// Columns of the terminal; 80 when there is none.
    std::size_t width() const;

    /// `text` in `color` when stdout has color, else as it is.
    std::string paint(Color color, std::string_view text) const;

    /// Adds to the answer on stdout. It is written in large pieces and at flush().
    void print(std::string_view text);
    /// Error(unavailable), see write_stdout().
    void flush();

    /// Replaces the status line; only when is_live().
    void show_status(std::string_view text);
    void clear_status();
    /// A whole line on stderr, above the status line when there is one.
    void print_note(std::string_view line);

  private:
    void flush_locked();
    void clear_status_locked();

    std::mutex m_mutex;
    std::string m_buffer;
    std::string m_status;
    bool m_stdout_is_terminal = false;
    bool m_color = false;
    bool m_stderr_color = false;
    bool m_live = false;
};

}  // namespace gitops::cli
