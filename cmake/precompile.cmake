# layergate_precompile(<target> [FOR tests]): the target's files find the standard library's headers, and for tests Catch2's,
# read already. Only where LAYERGATE_PRECOMPILE is on, for builds from nothing (scripts/demo, CI): a compiler cache serves a developer better, and
# does not get on with it. Every file still includes what it uses.
if(LAYERGATE_PRECOMPILE)
  # What is precompiled must be the same text for all of them, macros on the command line too.
  target_link_libraries(layergate_flags INTERFACE dep::fmt)
  target_compile_options(layergate_flags INTERFACE -pthread)  # as re2 and others ask for
  set(standard_headers <algorithm> <functional> <map> <memory> <optional> <set> <string> <string_view> <unordered_map>
    <utility> <variant> <vector> <fmt/format.h>)
  file(WRITE ${CMAKE_BINARY_DIR}/precompile.cpp "")
  add_library(layergate_precompiled OBJECT ${CMAKE_BINARY_DIR}/precompile.cpp)
  target_link_libraries(layergate_precompiled PRIVATE layergate_flags)
  target_precompile_headers(layergate_precompiled PRIVATE ${standard_headers})
  if(LAYERGATE_DEVELOPER)
    add_library(layergate_precompiled_tests OBJECT ${CMAKE_BINARY_DIR}/precompile.cpp)
    target_link_libraries(layergate_precompiled_tests PRIVATE layergate_catch)
    target_precompile_headers(layergate_precompiled_tests PRIVATE ${standard_headers} "${PROJECT_SOURCE_DIR}/tests/support/catch.h")
  endif()
endif()

function(layergate_precompile target)
  cmake_parse_arguments(P "" "FOR" "" ${ARGN})
  if(LAYERGATE_PRECOMPILE AND P_FOR STREQUAL "tests")
    target_precompile_headers(${target} REUSE_FROM layergate_precompiled_tests)
  elseif(LAYERGATE_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM layergate_precompiled)
  endif()
endfunction()
