# Every third-party library ends as one dep_* target; nothing else in the tree names a package.
#
# A shared library costs every run of the program a fifth of a millisecond and more, which is what a small `kustomize build`
# takes. So libraries that every run needs are linked as archives where their development packages hold them, and large
# ones that few commands need (libcurl, libgit2, libcrypto) are only loaded by those: their dep_* targets give headers.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
option(GITOPS_ARCHIVES "link static archives of libraries where there are some" ON)

function(gitops_dependency name)
  add_library(dep_${name} INTERFACE)
  target_link_libraries(dep_${name} INTERFACE ${ARGN})
endfunction()

# What it takes to compile against `target`, without linking it.
function(gitops_headers name target)
  if(NOT TARGET dep_${name})
    add_library(dep_${name} INTERFACE)
  endif()
  foreach(property INCLUDE_DIRECTORIES COMPILE_DEFINITIONS COMPILE_OPTIONS)
    get_target_property(value ${target} INTERFACE_${property})
    if(value)
      set_property(TARGET dep_${name} APPEND PROPERTY INTERFACE_${property} ${value})
    endif()
  endforeach()
endfunction()

# `target`, linked as lib`archive`.a and the libraries that one needs, where that file exists.
function(gitops_archive name target archive)
  find_library(GITOPS_ARCHIVE_${archive} lib${archive}.a)
  mark_as_advanced(GITOPS_ARCHIVE_${archive})
  if(NOT GITOPS_ARCHIVES OR NOT GITOPS_ARCHIVE_${archive})
    gitops_dependency(${name} ${target})
    return()
  endif()
  gitops_dependency(${name} ${GITOPS_ARCHIVE_${archive}} ${ARGN})
  gitops_headers(${name} ${target})
endfunction()

# The name by which the dynamic linker knows the shared library `file`: libgit2.so.1.5
function(gitops_soname variable file)
  execute_process(COMMAND ${CMAKE_OBJDUMP} -p ${file} OUTPUT_VARIABLE headers ERROR_QUIET)
  if(headers MATCHES "SONAME +([^ \n]+)")
    set(${variable} ${CMAKE_MATCH_1} PARENT_SCOPE)
  else()
    set(${variable} ${file} PARENT_SCOPE)
  endif()
endfunction()

pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(GIT2 REQUIRED IMPORTED_TARGET libgit2)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(CURL REQUIRED libcurl)
pkg_search_module(LUA IMPORTED_TARGET lua5.1 lua-5.1 lua51)
if(NOT LUA_FOUND)
  message(FATAL_ERROR "Lua 5.1 with its headers is missing (health scripts run in it): install liblua5.1-0-dev, or run "
    "examples/quickstart/packages.sh")
endif()
find_package(CLI11 REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(OpenSSL REQUIRED)

gitops_archive(libyaml PkgConfig::YAML yaml)
gitops_archive(sqlite PkgConfig::SQLITE sqlite3 m z)
gitops_archive(re2 PkgConfig::RE2 re2)
gitops_archive(yaml_cpp yaml-cpp yaml-cpp)
gitops_dependency(cli11 CLI11::CLI11)
gitops_dependency(json nlohmann_json::nlohmann_json)
gitops_dependency(threads Threads::Threads)

# Debian has no archive of {fmt}, but its header that holds all code of it.
get_target_property(fmt_type fmt::fmt TYPE)
if(GITOPS_ARCHIVES AND fmt_type STREQUAL "SHARED_LIBRARY" AND fmt_VERSION VERSION_GREATER_EQUAL 9 AND fmt_VERSION VERSION_LESS 10)
  configure_file("${CMAKE_CURRENT_LIST_DIR}/fmt_archive.cpp.in" "${CMAKE_BINARY_DIR}/fmt_archive.cpp" COPYONLY)
  add_library(fmt_archive STATIC "${CMAKE_BINARY_DIR}/fmt_archive.cpp")
  gitops_dependency(fmt fmt_archive)
  gitops_headers(fmt fmt::fmt)
else()
  gitops_dependency(fmt fmt::fmt)
endif()

# The headers of what is loaded late, and for tests the libraries themselves.
add_library(dep_curl INTERFACE)
target_include_directories(dep_curl INTERFACE ${CURL_INCLUDE_DIRS})
target_link_libraries(dep_curl INTERFACE ${CMAKE_DL_LIBS})
gitops_archive(lua PkgConfig::LUA lua5.1 ${CMAKE_DL_LIBS} m)
gitops_headers(libgit2 PkgConfig::GIT2)
gitops_headers(openssl OpenSSL::Crypto)
gitops_soname(GITOPS_LIBGIT2 "${GIT2_LINK_LIBRARIES}")
gitops_soname(GITOPS_LIBCRYPTO "${OPENSSL_CRYPTO_LIBRARY}")
gitops_dependency(linked_libgit2 PkgConfig::GIT2)
gitops_dependency(tls OpenSSL::SSL)
