# Joined compilations (CMAKE_UNITY_BUILD, which the presets of ./run set) save the time that each file takes for the headers
# of the standard library and of JSON. Files of one folder go together, eight at a time: what they call the same in their
# unnamed namespaces should be said once anyway.
function(engram_join target)
  get_target_property(sources ${target} SOURCES)
  foreach(source ${sources})
    get_filename_component(folder ${source} DIRECTORY)
    string(MD5 key "${folder}")
    math(EXPR files_${key} "0${files_${key}} + 1")
    math(EXPR part "(${files_${key}} - 1) / 8")
    file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${folder}/x)
    string(MAKE_C_IDENTIFIER "${folder}${part}" group)
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${group})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD_MODE GROUP)
endfunction()

# The headers of the standard library and of JSON take longer than most files: with joined compilations they are read once
# for a target, with HEADERS of its own, or once for all targets LIKE one whose flags are the same. Files with flags of their
# own take no part, and other builds do not either, so that a header that is not included is noticed.
function(engram_precompile target)
  cmake_parse_arguments(PARSE_ARGV 1 of "" LIKE HEADERS)
  if(NOT CMAKE_UNITY_BUILD)
    return()
  endif()
  if(of_LIKE AND NOT of_LIKE STREQUAL target)
    target_precompile_headers(${target} REUSE_FROM ${of_LIKE})
  else()
    foreach(header ${PROJECT_SOURCE_DIR}/cmake/precompiled.hpp ${of_HEADERS})
      target_precompile_headers(${target} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:${header}>")
    endforeach()
  endif()
endfunction()

# What only reads, checks and reports compiles a fifth faster with -Og than with -O1; files with options of their own keep
# those.
function(engram_compile_quickly target)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT ENGRAM_SANITIZE AND NOT ENGRAM_COVERAGE)
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-Og>)
  endif()
endfunction()
