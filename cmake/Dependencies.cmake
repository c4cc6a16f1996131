# Every package from outside, found once. docs/architecture.md says why each is here.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

# Debian's RE2 has no CMake package, and its gRPC package asks for the target re2::re2.
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
add_library(re2::re2 ALIAS PkgConfig::RE2)

find_package(absl REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(ICU REQUIRED COMPONENTS i18n uc)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)

find_library(PHONENUMBER_LIBRARY phonenumber REQUIRED)
add_library(phonenumber INTERFACE)
target_link_libraries(phonenumber INTERFACE ${PHONENUMBER_LIBRARY})

if(PRIVET_MODELS)
  include(Torch)
endif()

if(PRIVET_TESTS)
  # Who only builds the programs need not have it; the test command installs it, and fails where no test was built.
  find_package(GTest)
  if(NOT GTest_FOUND)
    message(STATUS "GoogleTest is not installed: tests are left out (scripts/setup.sh installs it)")
    set(PRIVET_TESTS OFF)
  endif()
endif()
