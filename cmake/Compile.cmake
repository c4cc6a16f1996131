# How everything of ours is compiled.
add_library(privet_options INTERFACE)
target_compile_options(privet_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wpedantic;-Wshadow;-Wnon-virtual-dtor>)
target_include_directories(privet_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_definitions(privet_options INTERFACE PRIVET_VERSION="${PROJECT_VERSION}")

if(PRIVET_SANITIZE)
  add_compile_options(-fsanitize=${PRIVET_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all -g)
  add_link_options(-fsanitize=${PRIVET_SANITIZE})
endif()
if(PRIVET_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# privet_library(NAME SOURCES a.cc ... DEPENDS lib ...): one room's static library.
function(privet_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC privet_options ${ARG_DEPENDS})
endfunction()

# privet_test(NAME SOURCES a_test.cc ... DEPENDS lib ...): a GoogleTest binary, run by ctest as one test.
function(privet_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE privet_options ${ARG_DEPENDS} GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300)
endfunction()

# privet_fuzzer(NAME SOURCES a_fuzz.cc DEPENDS lib ...): a libFuzzer target; ctest runs it for a minute on the seeds of
# tests/fuzz/seeds/NAME.
function(privet_fuzzer name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE privet_options ${ARG_DEPENDS})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
endfunction()
