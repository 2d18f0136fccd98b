// Shared libraries that are loaded when the first of their functions is called. For this folder only.
//
// Overview: linking libgit2 and libcrypto would map them, and the fifteen libraries they ask for, into every run of the
// program, also into one that only builds a kustomization. So a header of this folder declares, for each function in
// use, an object of the same name and type: inside gitops::io the name finds the object, and calls stay as they were.
#pragma once

#include <atomic>

namespace gitops::io {

/// One library by the name the dynamic linker knows it by. Never closed: its threads and handles may outlive all owners.
class LateLibrary {
  public:
    /// `file` and `hint` live as long as the program; the hint says how to get the library.
    constexpr LateLibrary(const char* file, const char* hint) : m_file(file), m_hint(hint) {}

    /// The address of a function; safe to call from any thread. Error(unavailable) when the library cannot be loaded
    /// or lacks the function; a later call tries again.
    void* address_of(const char* function);

  private:
    void* open();

    const char* m_file;
    const char* m_hint;
    std::atomic<void*> m_library{nullptr};
};

/// The very versions this program was compiled for: their structs have no other layout.
extern LateLibrary k_libgit2;
extern LateLibrary k_libcrypto;

template <class Signature>
class LateFunction;

/// One function of a late library; it is looked up once.
template <class Result, class... Parameters>
class LateFunction<Result(Parameters...)> {
  public:
    constexpr LateFunction(LateLibrary& library, const char* name) : m_library(library), m_name(name) {}

    Result operator()(Parameters... parameters) const {
        void* address = m_address.load(std::memory_order_acquire);
        if (address == nullptr) {
            address = m_library.address_of(m_name);
            m_address.store(address, std::memory_order_release);
        }
        return reinterpret_cast<Result (*)(Parameters...)>(address)(parameters...);
    }

  private:
    LateLibrary& m_library;
    const char* m_name;
    mutable std::atomic<void*> m_address{nullptr};
};

template <class Result, class... Parameters>
class LateFunction<Result(Parameters...) noexcept> : public LateFunction<Result(Parameters...)> {
  public:
    using LateFunction<Result(Parameters...)>::LateFunction;
};

}  // namespace gitops::io
