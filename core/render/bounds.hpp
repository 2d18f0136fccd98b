// How large a build may get. Shared subtrees cost nothing while they are shared, so that a small kustomization can ask
// for any amount of output; what it asks for is counted before it is made.
#pragma once

#include <cstddef>

#include "core/doc/value.hpp"

namespace gitops::render {

inline constexpr std::size_t k_max_objects = 250'000;        ///< read from files, bases counted each time they are used
inline constexpr std::size_t k_max_kustomizations = 50'000;  ///< entered, each time one is used
inline constexpr std::size_t k_max_output = 512UL << 20;     ///< bytes of text in all objects together
inline constexpr std::size_t k_max_new_nodes = 8'000'000;    ///< that patches and replacements may put in
inline constexpr std::size_t k_max_new_text = 64UL << 20;      ///< bytes that replacements and vars may write

/// The nodes of `value` written out, counted up to `limit`.
std::size_t count_nodes(const doc::Value& value, std::size_t limit);
/// The bytes of its texts and keys, counted up to `limit`.
std::size_t count_bytes(const doc::Value& value, std::size_t limit);

/// Something that grows up to a limit.
class Budget {
  public:
    explicit Budget(std::size_t limit) : m_left(limit) {}
    std::size_t left() const { return m_left; }
    /// Error(invalid) with the message when there is less left.
    void take(std::size_t amount, const char* message);

  private:
    std::size_t m_left;
};

}  // namespace gitops::render
