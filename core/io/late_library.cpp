#include "core/io/late_library.hpp"

#include <dlfcn.h>

#include <string>

#include "core/base/error.hpp"

namespace gitops::io {

using base::Code;
using base::Error;

constinit LateLibrary k_libgit2(GITOPS_LIBGIT2, "install the libgit2 this program was built with, as Debian's package libgit2-1.5");
constinit LateLibrary k_libcrypto(GITOPS_LIBCRYPTO, "install OpenSSL's libcrypto, as Debian's package libssl3");

void* LateLibrary::open() {
    void* library = m_library.load(std::memory_order_acquire);
    if (library != nullptr) return library;
    // Two threads may both load it: the linker counts, and gives them the same library.
    library = dlopen(m_file, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw Error(Code::unavailable, std::string(m_file) + " cannot be loaded").hint(m_hint);
    m_library.store(library, std::memory_order_release);
    return library;
}

void* LateLibrary::address_of(const char* function) {
    void* address = dlsym(open(), function);
    if (address == nullptr)
        throw Error(Code::unavailable, std::string(m_file) + " lacks the function " + function).hint(m_hint);
    return address;
}

}  // namespace gitops::io
