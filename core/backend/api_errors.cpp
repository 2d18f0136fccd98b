#include <algorithm>
#include <array>

#include "core/backend/api_client.hpp"
#include "core/backend/server_words.hpp"

namespace gitops::backend {

using base::Code;
using base::Error;
using doc::Value;

namespace {

constexpr std::size_t k_most_causes = 1000;
constexpr std::size_t k_causes_told = 5;

struct Meaning {
    int status;
    Code code;
    std::string_view words;  ///< when the server has none
};
constexpr std::array k_meanings{
    Meaning{400, Code::invalid, "the server calls the request malformed"},
    Meaning{401, Code::denied, "the server does not accept the credentials"},
    Meaning{403, Code::denied, "the server forbids it"},
    Meaning{404, Code::not_found, "the server does not know it"},
    Meaning{405, Code::invalid, "the server does not allow this on such an object"},
    Meaning{406, Code::invalid, "the server cannot answer in the form asked for"},
    Meaning{409, Code::conflict, "the server sees a conflict"},
    Meaning{410, Code::conflict, "too old: the server has forgotten that version"},
    Meaning{413, Code::invalid, "the server finds it too large"},
    Meaning{415, Code::invalid, "the server does not know this form of change"},
    Meaning{422, Code::invalid, "the server refuses it"}};

struct Advice {
    std::string_view said;  ///< part of the server's words
    std::string_view hint;
};
constexpr std::array k_advice{
    Advice{"because it is being terminated",
           "the namespace is being deleted: wait until it is gone, or see its status for the finalizers that hold it"},
    Advice{"cannot impersonate", "the user of the kubeconfig needs the verb \"impersonate\" for --as and --as-group"},
    Advice{"exceeded quota", "raise the ResourceQuota of the namespace, or ask for less"}};

bool is_status(const Value& body) { return body.is_map() && body.text_at("kind") == "Status"; }

/// "a: b; c: d; and 3 more"
std::string told(const std::vector<StatusCause>& causes) {
    std::string text;
    for (const StatusCause& cause : causes) {
        if (&cause - causes.data() == static_cast<std::ptrdiff_t>(k_causes_told)) {
            return text + "; and " + std::to_string(causes.size() - k_causes_told) + " more";
        }
        if (!text.empty()) text += "; ";
        text += cause.field.empty() ? cause.message : cause.field + ": " + cause.message;
    }
    return text;
}

/// The causes where they say more than the message: which fields a validation refused.
std::string words_of(Code code, const Value& body) {
    if (body.is_string()) return server_words(body.text());
    if (!is_status(body)) return {};
    if (code == Code::invalid) {
        std::vector<StatusCause> causes = status_causes(body);
        std::erase_if(causes, [](const StatusCause& cause) { return cause.field.empty() || cause.message.empty(); });
        if (!causes.empty()) return told(causes);
    }
    std::string words = server_words(body.text_at("message"));
    return words.empty() ? server_words(body.text_at("reason")) : words;
}

}  // namespace

std::vector<StatusCause> status_causes(const Value& body) {
    std::vector<StatusCause> causes;
    if (!is_status(body)) return causes;
    const Value* listed = body.path("details", "causes");
    if (listed == nullptr) return causes;
    for (const Value& cause : listed->items().first(std::min(listed->items().size(), k_most_causes))) {
        causes.push_back({server_words(cause.text_at("reason")), server_words(cause.text_at("field")),
                          server_words(cause.text_at("message"))});
    }
    return causes;
}

Error error_of(int status, const Value& body, std::string_view subject) {
    const auto meaning =
        std::find_if(k_meanings.begin(), k_meanings.end(), [&](const Meaning& m) { return m.status == status; });
    const Code code = meaning == k_meanings.end() ? Code::unavailable : meaning->code;
    std::string words = words_of(code, body);
    if (words.empty())
        words = meaning == k_meanings.end() ? "the server answered " + std::to_string(status) : std::string(meaning->words);
    if (status == 410 && words.find("too old") == words.npos) words += ": too old";
    Error error(code, subject.empty() ? words : std::string(subject) + ": " + words);
    for (const Advice& advice : k_advice)
        if (words.find(advice.said) != words.npos) error.hint(advice.hint);
    return error;
}

std::string url_encode(std::string_view text) {
    constexpr std::string_view k_plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    constexpr std::string_view k_digits = "0123456789ABCDEF";
    if (text == "." || text == "..") return text == "." ? "%2E" : "%2E%2E";
    std::string encoded;
    encoded.reserve(text.size());
    for (const char c : text) {
        if (k_plain.find(c) != k_plain.npos) {
            encoded += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        encoded += {'%', k_digits[byte >> 4], k_digits[byte & 15]};
    }
    return encoded;
}

}  // namespace gitops::backend
