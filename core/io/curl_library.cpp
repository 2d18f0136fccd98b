#include <curl/curl.h>
// keep this order
#include "core/io/curl_library.hpp"

#include <dlfcn.h>

#include <array>
#include <string>

#include "core/base/error.hpp"

namespace gitops::io {

namespace {

using base::Code;
using base::Error;

/// The names of ABI 4, of Linux and of macOS.
constexpr std::array k_names{"libcurl.so.4", "libcurl.4.dylib"};
constexpr std::string_view k_hint = "install libcurl 7.85 or newer: the package libcurl4 (Debian, Ubuntu) or libcurl (Fedora, Alpine)";

void* open_library() {
    for (const char* name : k_names) {
        // Never closed: threads of libcurl's resolver may outlive every client.
        if (void* library = dlopen(name, RTLD_NOW | RTLD_LOCAL)) return library;
    }
    throw Error(Code::unavailable, "libcurl, which speaks HTTP for this program, cannot be loaded").hint(k_hint);
}

template <class Function>
void look_up(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(library, name));
    if (!function) throw Error(Code::unavailable, std::string("the installed libcurl is too old: it lacks ") + name).hint(k_hint);
}

CurlLibrary load() {
    void* library = open_library();
    CurlLibrary table{};
    look_up(library, "curl_global_init", table.global_init);
    look_up(library, "curl_easy_init", table.easy_init);
    look_up(library, "curl_easy_cleanup", table.easy_cleanup);
    look_up(library, "curl_easy_reset", table.easy_reset);
    look_up(library, "curl_easy_perform", table.easy_perform);
    look_up(library, "curl_easy_setopt", table.easy_setopt);
    look_up(library, "curl_easy_getinfo", table.easy_getinfo);
    look_up(library, "curl_easy_strerror", table.easy_strerror);
    look_up(library, "curl_slist_append", table.slist_append);
    look_up(library, "curl_slist_free_all", table.slist_free_all);
    look_up(library, "curl_multi_init", table.multi_init);
    look_up(library, "curl_multi_cleanup", table.multi_cleanup);
    look_up(library, "curl_multi_setopt", table.multi_setopt);
    look_up(library, "curl_multi_add_handle", table.multi_add_handle);
    look_up(library, "curl_multi_remove_handle", table.multi_remove_handle);
    look_up(library, "curl_multi_perform", table.multi_perform);
    look_up(library, "curl_multi_info_read", table.multi_info_read);
    look_up(library, "curl_multi_poll", table.multi_poll);
    look_up(library, "curl_multi_wakeup", table.multi_wakeup);
    if (table.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        throw Error(Code::unavailable, "libcurl cannot be initialized").hint(k_hint);
    return table;
}

}  // namespace

const CurlLibrary& curl_library() {
    static const CurlLibrary library = load();
    return library;
}

}  // namespace gitops::io
