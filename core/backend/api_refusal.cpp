#include "core/backend/api_refusal.hpp"

#include <string>
#include <string_view>

namespace gitops::backend {

using doc::Value;

namespace {

/// Where a text quoted by Go ends: after its closing quote.
std::size_t end_of_quote(std::string_view text, std::size_t open) {
    for (std::size_t i = open + 1; i < text.size(); ++i) {
        if (text[i] == '\\') ++i;
        else if (text[i] == '"') return i + 1;
    }
    return text.size();
}

/// Without `Invalid value: "{...}": `, the document itself.
std::string without_documents(std::string_view text) {
    constexpr std::string_view k_quoted = "Invalid value: \"{";
    std::string kept;
    for (auto at = text.find(k_quoted); at != text.npos; at = text.find(k_quoted)) {
        kept += text.substr(0, at);
        text.remove_prefix(end_of_quote(text, at + k_quoted.size() - 2));
        if (text.starts_with(": ")) text.remove_prefix(2);
    }
    return kept.append(text);
}

/// `configmaps "a" already exists` and `Operation cannot be fulfilled on configmaps "a": the object has been modified`
/// without what stands before, and is, the name.
std::string_view after_name(std::string_view text, std::string_view name) {
    const auto open = text.find('"');
    if (name.empty() || open == text.npos) return text;
    const auto close = end_of_quote(text, open);
    const bool is_name = text.substr(open + 1, close - open - 2) == name;
    if (!is_name || text.substr(0, open).find(':') != text.npos) return text;
    std::string_view rest = text.substr(close);
    for (std::string_view separator : {": ", " "})
        if (rest.starts_with(separator) && rest.size() > separator.size()) return rest.substr(separator.size());
    return text;
}

Value shortened(const Value& status, std::string_view name) {
    Value body = status;
    if (!body.is_map() || !body.has("message")) return body;
    body.set("message", after_name(without_documents(body.text_at("message")), name));
    const Value* causes = body.path("details", "causes");
    if (causes == nullptr || !causes->is_list()) return body;
    std::vector<Value> told(causes->items().begin(), causes->items().end());
    for (Value& cause : told)
        if (cause.is_map()) cause.set("message", without_documents(cause.text_at("message")));
    body.at("details").set("causes", Value::list(std::move(told)));
    return body;
}

}  // namespace

base::Error refusal(const ApiResponse& response, const Target& target) {
    return error_of(response.status, shortened(response.body, target.name), target.subject());
}

}  // namespace gitops::backend
