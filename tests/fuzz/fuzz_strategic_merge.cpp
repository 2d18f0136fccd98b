#include <cstddef>
#include <cstdint>

#include "tests/fuzz/kube_targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    gitops::fuzz::strategic_merge({reinterpret_cast<const char*>(data), size});
    return 0;
}
