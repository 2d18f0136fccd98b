#include "core/render/bounds.hpp"

#include "core/base/error.hpp"

namespace gitops::render {

std::size_t count_nodes(const doc::Value& value, std::size_t limit) {
    std::size_t count = 1;
    for (const auto& item : value.items())
        if (count < limit) count += count_nodes(item, limit - count);
    for (const auto& entry : value.entries())
        if (count < limit) count += count_nodes(entry.value, limit - count);
    return count;
}

std::size_t count_bytes(const doc::Value& value, std::size_t limit) {
    std::size_t count = value.is_scalar() ? value.text().size() + 1 : 1;
    for (const auto& item : value.items())
        if (count < limit) count += count_bytes(item, limit - count);
    for (const auto& entry : value.entries())
        if (count < limit) count += entry.name().size() + count_bytes(entry.value, limit - count);
    return count;
}

void Budget::take(std::size_t amount, const char* message) {
    if (amount > m_left) throw base::Error(base::Code::invalid, message);
    m_left -= amount;
}

}  // namespace gitops::render
