#include <curl/curl.h>
// keep this order
#include "core/io/mail.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "core/base/digest.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/io/curl_library.hpp"

namespace gitops::io {

namespace {

using base::Code;
using base::Error;

bool is_plain(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 127; });
}

/// RFC 2047 in base64, in words of at most 75 characters.
std::string header_text(std::string_view text) {
    if (is_plain(text)) return std::string(text);
    std::string encoded;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t count = std::min<std::size_t>(42, text.size() - at);
        while (at + count < text.size() && count > 1 && (static_cast<unsigned char>(text[at + count]) & 0xC0U) == 0x80U) --count;
        encoded += (encoded.empty() ? "=?utf-8?B?" : "\r\n =?utf-8?B?") + base::base64_encode(text.substr(at, count)) + "?=";
        at += count;
    }
    return encoded;
}

void require_line(std::string_view text, std::string_view what) {
    if (text.find_first_of("\r\n") != text.npos || text.find('\0') != text.npos)
        throw Error(Code::invalid, "the " + std::string(what) + " of a mail is one line");
}

/// "a@b" of "Name <a@b>".
std::string address_of(const std::string& text) {
    require_line(text, "address");
    const auto open = text.rfind('<');
    const auto address = open != text.npos && text.ends_with('>') ? text.substr(open + 1, text.size() - open - 2) : text;
    if (address.find('@') == address.npos || address.find_first_of(" <>") != address.npos || !is_plain(address))
        throw Error(Code::invalid, "\"" + text + "\" is no mail address");
    return address;
}

struct Upload {
    std::string text;
    std::size_t sent = 0;
};

std::size_t read_upload(char* to, std::size_t size, std::size_t count, void* user) {
    auto& upload = *static_cast<Upload*>(user);
    const auto part = upload.text.copy(to, size * count, upload.sent);
    upload.sent += part;
    return part;
}

int watch_stop(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<const std::stop_token*>(user)->stop_requested() ? 1 : 0;
}

Code code_of(CURLcode result) {
    switch (result) {
        case CURLE_LOGIN_DENIED:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_USE_SSL_FAILED: return Code::denied;
        case CURLE_ABORTED_BY_CALLBACK: return Code::cancelled;
        default: return Code::unavailable;
    }
}

void add(CurlList& list, const std::string& text) {
    curl_slist* longer = curl_library().slist_append(list.get(), text.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    list.release();
    list.reset(longer);
}

}  // namespace

std::string mail_text(const Mail& mail) {
    if (mail.to.empty()) throw Error(Code::invalid, "a mail goes to somebody");
    require_line(mail.subject, "subject");
    address_of(mail.from);
    std::vector<std::string> to;
    for (const auto& each : mail.to) to.push_back(address_of(each));
    std::string text = fmt::format("Date: {:%a, %d %b %Y %H:%M:%S} +0000\r\n", std::chrono::floor<std::chrono::seconds>(mail.date));
    const auto name_end = mail.from.rfind('<');
    text += "From: " + (name_end == mail.from.npos ? mail.from : header_text(base::trim(mail.from.substr(0, name_end))) + " " +
                                                                     mail.from.substr(name_end)) + "\r\n";
    text += "To: " + base::join(to, ",\r\n ") + "\r\nSubject: " + header_text(mail.subject) + "\r\n";
    if (!mail.id.empty()) text += "Message-ID: <" + mail.id + "@gitopsctl>\r\n";
    text += "MIME-Version: 1.0\r\nContent-Type: text/" + std::string(mail.format == Mail::Format::html ? "html" : "plain") +
            "; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\nAuto-Submitted: auto-generated\r\n\r\n";
    const auto body = base::base64_encode(mail.body);
    for (std::size_t at = 0; at < body.size(); at += 76) text += body.substr(at, 76) + "\r\n";
    return text;
}

void send_mail(const MailServer& server, const Mail& mail, std::stop_token stop) {
    Upload upload{mail_text(mail)};
    const auto& curl = curl_library();
    const CurlEasy easy(curl.easy_init());
    if (!easy) throw std::bad_alloc();
    const auto set = [&](CURLoption option, auto value) { curl.easy_setopt(easy.get(), option, value); };
    const bool is_tls = server.port == 465;
    const auto url = fmt::format("{}://{}:{}/gitopsctl", is_tls ? "smtps" : "smtp", server.host, server.port);
    const auto from = "<" + address_of(mail.from) + ">";
    CurlList to;
    for (const auto& each : mail.to) add(to, "<" + address_of(each) + ">");
    char reason[CURL_ERROR_SIZE] = "";
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    set(CURLOPT_USE_SSL, static_cast<long>(server.password.empty() ? CURLUSESSL_TRY : CURLUSESSL_ALL));
    set(CURLOPT_SSL_VERIFYPEER, server.skip_tls_verify ? 0L : 1L);
    set(CURLOPT_SSL_VERIFYHOST, server.skip_tls_verify ? 0L : 2L);
    curl_blob authorities{const_cast<char*>(server.ca_pem.data()), server.ca_pem.size(), CURL_BLOB_NOCOPY};
    if (!server.ca_pem.empty()) set(CURLOPT_CAINFO_BLOB, &authorities);
    if (!server.username.empty()) set(CURLOPT_USERNAME, server.username.c_str());
    if (!server.password.empty()) set(CURLOPT_PASSWORD, server.password.c_str());
    set(CURLOPT_MAIL_FROM, from.c_str());
    set(CURLOPT_MAIL_RCPT, to.get());
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_READFUNCTION, read_upload);
    set(CURLOPT_READDATA, static_cast<void*>(&upload));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, watch_stop);
    set(CURLOPT_XFERINFODATA, static_cast<void*>(&stop));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(server.timeout.count()));
    set(CURLOPT_ERRORBUFFER, reason);
    const CURLcode result = curl.easy_perform(easy.get());
    if (result == CURLE_OK) return;
    throw Error(code_of(result), fmt::format("{}:{} did not take the mail: {}", server.host, server.port,
                                             reason[0] != '\0' ? reason : curl.easy_strerror(result)));
}

}  // namespace gitops::io
