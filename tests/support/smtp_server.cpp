#include "tests/support/smtp_server.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "tests/support/loopback.hpp"

namespace gitops::test {

SmtpServer::SmtpServer(std::string rcpt_answer) : m_rcpt_answer(std::move(rcpt_answer)) {
    const Listener listener = listen_on_loopback();
    m_socket = listener.socket;
    m_port = listener.port;
    m_thread = std::thread([this] { serve(); });
}

SmtpServer::~SmtpServer() {
    shutdown(m_socket, SHUT_RDWR);
    m_thread.join();
    close(m_socket);
}

void SmtpServer::serve() {
    while (true) {
        const int peer = accept(m_socket, nullptr, nullptr);
        if (peer < 0) return;
        talk(peer);
        close(peer);
    }
}

void SmtpServer::talk(int peer) {
    std::string input;
    ReceivedMail mail;
    const auto until = [&](const std::string& mark) {
        while (input.find(mark) == input.npos)
            if (!receive(peer, input, 10'000)) return std::string();
        const auto end = input.find(mark) + mark.size();
        auto part = input.substr(0, end);
        input.erase(0, end);
        return part;
    };
    send_all(peer, "220 test\r\n");
    for (auto line = until("\r\n"); !line.empty(); line = until("\r\n")) {
        const auto argument = line.substr(0, line.size() - 2).substr(std::min(line.find(':') + 1, line.size() - 2));
        if (line.starts_with("EHLO")) send_all(peer, "250 test\r\n");
        else if (line.starts_with("MAIL FROM:")) {
            mail.from = argument.substr(0, argument.find('>') + 1);
            send_all(peer, "250 OK\r\n");
        } else if (line.starts_with("RCPT TO:")) {
            mail.to.push_back(argument);
            send_all(peer, m_rcpt_answer + "\r\n");
        } else if (line.starts_with("DATA")) {
            send_all(peer, "354 go on\r\n");
            mail.text = until("\r\n.\r\n");
            const std::scoped_lock guard(m_mutex);
            m_mails.push_back(std::exchange(mail, {}));
            send_all(peer, "250 OK\r\n");
        } else if (line.starts_with("QUIT")) {
            send_all(peer, "221 bye\r\n");
            return;
        } else {
            send_all(peer, "500 what?\r\n");
        }
    }
}

std::vector<ReceivedMail> SmtpServer::mails() const {
    const std::scoped_lock guard(m_mutex);
    return m_mails;
}

}  // namespace gitops::test
