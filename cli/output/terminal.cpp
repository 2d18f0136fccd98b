#include "cli/output/terminal.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "cli/output/columns.hpp"
#include "core/base/error.hpp"

namespace gitops::cli {

namespace {

constexpr std::size_t k_piece = 64 << 10;
constexpr std::size_t k_standard_width = 80;
constexpr std::string_view k_erase_line = "\r\x1b[K";

/// 0, or the errno that stopped the writing.
int write_all(int descriptor, std::string_view text) noexcept {
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

bool is_set(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0';
}

bool terminal_is_dumb() {
    const char* kind = std::getenv("TERM");
    return kind == nullptr || std::strcmp(kind, "dumb") == 0;
}

bool takes_color(int descriptor) { return ::isatty(descriptor) != 0 && !is_set("NO_COLOR") && !terminal_is_dumb(); }

std::string_view escape_of(Color color) {
    switch (color) {
        case Color::plain: return "";
        case Color::bold: return "\x1b[1m";
        case Color::dim: return "\x1b[2m";
        case Color::red: return "\x1b[31m";
        case Color::green: return "\x1b[32m";
        case Color::yellow: return "\x1b[33m";
        case Color::cyan: return "\x1b[36m";
    }
    return "";
}

}  // namespace

std::string painted(Color color, std::string_view text) {
    const std::string_view escape = escape_of(color);
    if (escape.empty() || text.empty()) return std::string(text);
    return std::string(escape).append(text).append("\x1b[0m");
}

void open_standard_streams() {
    std::signal(SIGPIPE, SIG_IGN);
    // Opening takes the lowest free number, so in this order each gets its own. stdout gets one that cannot be
    // written to: a closed stdout stays an error.
    constexpr std::array modes{O_RDONLY, O_RDONLY, O_WRONLY};
    for (int descriptor = 0; descriptor < 3; ++descriptor) {
        if (::fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
        if (::open("/dev/null", modes[static_cast<std::size_t>(descriptor)]) < 0) std::_Exit(2);
    }
}

void write_stdout(std::string_view text) {
    const int cause = write_all(STDOUT_FILENO, text);
    if (cause != 0) {
        throw base::Error(base::Code::unavailable, std::string("cannot write to standard output: ") + std::strerror(cause));
    }
}

void write_stderr(std::string_view text) noexcept { write_all(STDERR_FILENO, text); }

bool stderr_takes_color() { return takes_color(STDERR_FILENO); }

Terminal::Terminal(std::string_view color)
    : m_stdout_is_terminal(::isatty(STDOUT_FILENO) != 0),
      m_color(color == "always" || (color != "never" && takes_color(STDOUT_FILENO))),
      m_stderr_color(color == "always" || (color != "never" && takes_color(STDERR_FILENO))),
      m_live(::isatty(STDERR_FILENO) != 0 && !terminal_is_dumb()) {}

Terminal::~Terminal() {
    const std::lock_guard lock(m_mutex);
    clear_status_locked();
    write_all(STDOUT_FILENO, m_buffer);
}

std::size_t Terminal::width() const {
    winsize size{};
    for (const int descriptor : {STDERR_FILENO, STDOUT_FILENO}) {
        if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    }
    return k_standard_width;
}

std::string Terminal::paint(Color color, std::string_view text) const {
    return m_color ? painted(color, text) : std::string(text);
}

void Terminal::print(std::string_view text) {
    const std::lock_guard lock(m_mutex);
    m_buffer += text;
    if (m_buffer.size() >= k_piece) flush_locked();
}

void Terminal::flush() {
    const std::lock_guard lock(m_mutex);
    flush_locked();
}

void Terminal::flush_locked() {
    if (m_buffer.empty()) return;
    clear_status_locked();
    // Taken out first: what could not be written once is not tried again by the destructor.
    const std::string text = std::exchange(m_buffer, {});
    write_stdout(text);
}

void Terminal::show_status(std::string_view text) {
    const std::lock_guard lock(m_mutex);
    if (!m_live) return;
    std::string line = shortened(one_line(text), width() - 1);
    if (line == m_status) return;
    write_stderr(std::string(k_erase_line) + line);
    m_status = std::move(line);
}

void Terminal::clear_status() {
    const std::lock_guard lock(m_mutex);
    clear_status_locked();
}

void Terminal::clear_status_locked() {
    if (m_status.empty()) return;
    write_stderr(k_erase_line);
    m_status.clear();
}

void Terminal::print_note(std::string_view line) {
    const std::lock_guard lock(m_mutex);
    const std::string status = m_status;
    clear_status_locked();
    write_stderr(std::string(line) + "\n" + status);
    m_status = status;
}

}  // namespace gitops::cli
