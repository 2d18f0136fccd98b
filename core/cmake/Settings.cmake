# A compiler cache is used where there is one.
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()

# Warnings and settings of our own code, as one INTERFACE target.
add_library(gitops_settings INTERFACE)
# RE2 asks for -pthread: with it everywhere all targets share their precompiled headers.
target_compile_options(gitops_settings INTERFACE -pthread)
target_include_directories(gitops_settings INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_options(gitops_settings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these inside the standard library at -O2.
  target_compile_options(gitops_settings INTERFACE -Wno-restrict -Wno-dangling-pointer -Wno-maybe-uninitialized)
endif()
if(GITOPS_WERROR)
  target_compile_options(gitops_settings INTERFACE -Werror)
endif()
if(GITOPS_SANITIZE)
  target_compile_options(gitops_settings INTERFACE -fsanitize=${GITOPS_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  target_link_options(gitops_settings INTERFACE -fsanitize=${GITOPS_SANITIZE})
endif()

# One static library per folder of core and its wings, its sources found by name; the rest are what it may use.
function(gitops_library name)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp" "${CMAKE_CURRENT_SOURCE_DIR}/${name}/*/*.cpp")
  list(FILTER sources EXCLUDE REGEX "_compiler/")  # programs that run while building
  if(NOT sources)  # a folder of headers only
    add_library(gitops_${name} INTERFACE)
    target_link_libraries(gitops_${name} INTERFACE gitops_settings ${ARGN})
    return()
  endif()
  add_library(gitops_${name} STATIC ${sources})
  target_link_libraries(gitops_${name} PUBLIC gitops_settings ${ARGN})
endfunction()
