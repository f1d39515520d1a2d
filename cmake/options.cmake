# Flags. Exactness first: no contraction, no fast-math. The two -fno flags let sqrt and selects vectorise; they concern
# errno and the exception flags, no result.
add_library(engram_options INTERFACE)
target_compile_features(engram_options INTERFACE cxx_std_20)
target_compile_options(engram_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off -fno-math-errno -fno-trapping-math>)
if(ENGRAM_DOUBLE)
  target_compile_definitions(engram_options INTERFACE ENGRAM_DOUBLE)
endif()
if(ENGRAM_NO_CLONES)
  target_compile_definitions(engram_options INTERFACE ENGRAM_NO_CLONES)
endif()
# What takes time is in the loops of the CPU; all the rest compiles a third faster with -O1. Asserts stay: they cost
# nothing that a benchmark shows.
set(CMAKE_CXX_FLAGS_RELEASE -O1)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")  # a tenth less time for half as much memory more
  string(APPEND CMAKE_CXX_FLAGS " --param ggc-min-heapsize=500000 --param ggc-min-expand=100")
endif()

if(ENGRAM_SANITIZE OR ENGRAM_COVERAGE)
  set(ENGRAM_OPTIMISED_LOOPS -O1)
else()
  set(ENGRAM_OPTIMISED_LOOPS -O3)
endif()
if(ENGRAM_SANITIZE)
  string(APPEND CMAKE_CXX_FLAGS_RELEASE " -g1")  # reports name lines
  # Cloned functions are chosen by a resolver that runs before a sanitizer is ready.
  target_compile_definitions(engram_options INTERFACE ENGRAM_NO_CLONES)
  target_compile_options(engram_options INTERFACE -fsanitize=${ENGRAM_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(engram_options INTERFACE -fsanitize=${ENGRAM_SANITIZE})
endif()

# Counts of the lines that ran, of the library and of the kernels that the tests run on the host; what tests them stays as
# it is. Linking counts too, for whoever uses the library.
add_library(engram_coverage INTERFACE)
if(ENGRAM_COVERAGE)
  target_compile_options(engram_coverage INTERFACE $<$<COMPILE_LANGUAGE:CXX>:--coverage;-fprofile-update=atomic>)
  target_link_options(engram_options INTERFACE --coverage)
endif()

# What reads files of others finds its own stack, buffers and containers guarded, and calls and returns only to places
# that are marked for it. The loops read none, and are left as they are but for the marks.
add_library(engram_hardening INTERFACE)
if(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT ENGRAM_SANITIZE AND NOT ENGRAM_COVERAGE)
  target_compile_options(engram_hardening INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fstack-protector-strong;-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=3;-D_GLIBCXX_ASSERTIONS>)
  list(APPEND ENGRAM_OPTIMISED_LOOPS -fno-stack-protector -U_FORTIFY_SOURCE -U_GLIBCXX_ASSERTIONS)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    target_compile_options(engram_hardening INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fcf-protection=full>)
  endif()
endif()

add_library(engram_warnings INTERFACE)
target_compile_options(engram_warnings INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wconversion -Wno-sign-conversion
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> $<$<CXX_COMPILER_ID:Clang>:-Wno-unknown-pragmas -Wno-missing-braces>>)
# Beside the thread sanitizer's calls g++ 12 sees strings end where they do not.
if(ENGRAM_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(engram_warnings INTERFACE -Wno-array-bounds -Wno-stringop-overflow)
endif()
if(ENGRAM_WERROR)
  target_compile_options(engram_warnings INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Werror>)
endif()

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
target_link_libraries(engram_options INTERFACE Threads::Threads)

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()

find_package(Git QUIET)
set(ENGRAM_GIT_COMMIT unknown)
if(GIT_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${CMAKE_CURRENT_SOURCE_DIR} describe --always --dirty --abbrev=12
                  OUTPUT_VARIABLE ENGRAM_GIT_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
configure_file(${PROJECT_SOURCE_DIR}/cmake/version.hpp.in ${CMAKE_CURRENT_BINARY_DIR}/include/engram/version.hpp @ONLY)
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/generated/engram_version.hpp CONTENT
"#pragma once
#define ENGRAM_GIT_COMMIT \"${ENGRAM_GIT_COMMIT}\"
#define ENGRAM_COMPILER \"${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}\"
#define ENGRAM_BUILD_TYPE \"${CMAKE_BUILD_TYPE}\"
")
