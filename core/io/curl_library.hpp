// libcurl, loaded when it is first needed. For this folder only; include <curl/curl.h> before it.
//
// Overview: linking libcurl would map its 25 libraries into every run of the program, also into one that only prints
// its version. So its functions are looked up by name, and called through a table with the types of curl's header.
#pragma once

#ifndef CURLINC_CURL_H
#error "include <curl/curl.h> first: no header of ours includes that of a library"
#endif

#include <memory>

namespace gitops::io {

struct CurlLibrary {
    decltype(&::curl_global_init) global_init;
    decltype(&::curl_easy_init) easy_init;
    decltype(&::curl_easy_cleanup) easy_cleanup;
    decltype(&::curl_easy_reset) easy_reset;
    decltype(&::curl_easy_perform) easy_perform;
    decltype(&::curl_easy_setopt) easy_setopt;
    decltype(&::curl_easy_getinfo) easy_getinfo;
    decltype(&::curl_easy_strerror) easy_strerror;
    decltype(&::curl_slist_append) slist_append;
    decltype(&::curl_slist_free_all) slist_free_all;
    decltype(&::curl_multi_init) multi_init;
    decltype(&::curl_multi_cleanup) multi_cleanup;
    decltype(&::curl_multi_setopt) multi_setopt;
    decltype(&::curl_multi_add_handle) multi_add_handle;
    decltype(&::curl_multi_remove_handle) multi_remove_handle;
    decltype(&::curl_multi_perform) multi_perform;
    decltype(&::curl_multi_info_read) multi_info_read;
    decltype(&::curl_multi_poll) multi_poll;
    decltype(&::curl_multi_wakeup) multi_wakeup;
};

/// The library, loaded and initialized once; safe to call from any thread. Error(unavailable) when it is missing or
/// older than 7.68 (the first with curl_multi_wakeup); a later call tries again.
const CurlLibrary& curl_library();

struct CurlFree {
    void operator()(CURL* easy) const { curl_library().easy_cleanup(easy); }
};
struct CurlMultiFree {
    void operator()(CURLM* multi) const { curl_library().multi_cleanup(multi); }
};
struct CurlListFree {
    void operator()(curl_slist* list) const { curl_library().slist_free_all(list); }
};
using CurlEasy = std::unique_ptr<CURL, CurlFree>;
using CurlMulti = std::unique_ptr<CURLM, CurlMultiFree>;
using CurlList = std::unique_ptr<curl_slist, CurlListFree>;

}  // namespace gitops::io
