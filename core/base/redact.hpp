// Takes credentials out of text before anybody can see it.
#pragma once

#include <string>
#include <string_view>

namespace gitops::base {

/// `text` with the user info of every URL ("https://user:token@host" -> "https://***@host"; a lone user name of
/// an ssh URL stays), "Authorization:" values and "Bearer ..." tokens replaced by "***". Never throws.
std::string redact(std::string_view text);

}  // namespace gitops::base
