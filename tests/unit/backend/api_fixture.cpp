#include "tests/unit/backend/api_fixture.hpp"

#include <filesystem>
#include <fstream>

namespace gitops::test {

void EventLog::emit(const base::Event& event) {
    const std::lock_guard lock(m_mutex);
    m_events.push_back(event);
}

std::vector<std::string> EventLog::messages(std::string_view kind, base::Level level) const {
    const std::lock_guard lock(m_mutex);
    std::vector<std::string> texts;
    for (const base::Event& event : m_events)
        if (event.kind == kind && event.level == level) texts.push_back(event.message);
    return texts;
}

ApiFixture::ApiFixture() {
    access.context = "lab";
    access.server = server.url();
    access.user = "ada";
    access.token = "s3cr3t-token";
}

std::unique_ptr<backend::ApiClient> ApiFixture::client() {
    return std::make_unique<backend::ApiClient>(access, options, clock, events);
}

std::int64_t ApiFixture::waited() const { return (clock->now() - *base::parse_rfc3339("2026-01-01T00:00:00Z")).count(); }

std::string text_of(const base::Error& error, const HttpServer& server) {
    std::string text = std::string(base::code_name(error.code())) + ": " + error.message();
    for (const std::string& note : error.notes()) text += "\n" + note;
    if (!error.hint_text().empty()) text += "\nhint: " + error.hint_text();
    const std::string address = server.url();
    for (auto at = text.find(address); at != text.npos; at = text.find(address)) text.replace(at, address.size(), "SERVER");
    return text;
}

void replace_unseen(const std::string& path, const std::string& text) {
    const auto written = std::filesystem::last_write_time(path);
    std::ofstream(path) << text;
    std::filesystem::last_write_time(path, written);
}

backend::ApiRequest request_of(std::string method, std::string path) {
    backend::ApiRequest request;
    request.method = std::move(method);
    request.path = std::move(path);
    return request;
}

HttpAnswer json(std::string body, int status) {
    HttpAnswer answer;
    answer.status = status;
    answer.headers = {{"Content-Type", "application/json"}};
    answer.body = std::move(body);
    return answer;
}

}  // namespace gitops::test
