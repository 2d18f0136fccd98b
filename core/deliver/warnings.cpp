#include "core/deliver/warnings.hpp"

#include "core/deliver/health/health_rules.hpp"
#include "core/deliver/pod_trouble.hpp"
#include "core/kube/resource.hpp"

namespace gitops::deliver {
namespace {

/// When it happened last; the newer API writes series and eventTime, the older one lastTimestamp.
std::string_view time_of(const doc::Value& event) {
    for (const auto path : {"series.lastObservedTime", "lastTimestamp", "eventTime", "metadata.creationTimestamp"})
        if (const auto time = text_at(event, path); !time.empty()) return time;
    return {};
}

}  // namespace

Warnings::Warnings(const std::vector<doc::Value>& events) {
    for (const auto& event : events) {
        const auto* object = event.find("involvedObject");
        if (object == nullptr || event.text_at("type") != "Warning") continue;
        m_by_kind[std::string(object->text_at("kind"))].push_back(
            {std::string(object->text_at("name")), std::string(object->text_at("uid")), std::string(time_of(event)),
             reason_and_message(event.text_at("reason"), event.text_at("message"))});
    }
}

std::string Warnings::about(const doc::Value& object, std::string_view since) const {
    const auto kind = m_by_kind.find(kube::kind_of(object));
    if (kind == m_by_kind.end()) return {};
    const Warning* latest = nullptr;
    for (const auto& warning : kind->second) {
        const bool other = !warning.uid.empty() && warning.uid != kube::uid_of(object);
        if (other || warning.name != kube::name_of(object) || warning.at < since) continue;
        if (latest == nullptr || latest->at <= warning.at) latest = &warning;
    }
    return latest == nullptr ? std::string() : latest->text;
}

std::string Warnings::about_any(std::string_view kind, const std::function<bool(std::string_view)>& is_one, std::string_view since) const {
    const auto found = m_by_kind.find(kind);
    if (found == m_by_kind.end()) return {};
    const Warning* latest = nullptr;
    for (const auto& warning : found->second)
        if (is_one(warning.name) && warning.at >= since && (latest == nullptr || latest->at <= warning.at)) latest = &warning;
    return latest == nullptr ? std::string() : latest->text;
}

}  // namespace gitops::deliver
