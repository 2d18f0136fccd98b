// A little SMTP server on a loopback port, for one mail at a time: it takes everything and keeps what it was given.
#pragma once

#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace gitops::test {

struct ReceivedMail {
    std::string from;             ///< as in MAIL FROM: "<a@b>"
    std::vector<std::string> to;
    std::string text;             ///< header and body
};

class SmtpServer {
  public:
    /// `rcpt_answer` is what it says to every recipient.
    explicit SmtpServer(std::string rcpt_answer = "250 OK");
    ~SmtpServer();
    SmtpServer(const SmtpServer&) = delete;
    SmtpServer& operator=(const SmtpServer&) = delete;

    int port() const { return m_port; }
    std::vector<ReceivedMail> mails() const;

  private:
    void serve();
    void talk(int peer);

    std::string m_rcpt_answer;
    int m_socket = -1;
    int m_port = 0;
    mutable std::mutex m_mutex;
    std::vector<ReceivedMail> m_mails;
    std::thread m_thread;
};

}  // namespace gitops::test
