# Every third-party library, found once and known to the rest of the build under one name, dep::<library>.
# Distributions spell the same library's target differently; the differences end here.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

function(dep_alias name)
  add_library(dep_${name} INTERFACE)
  target_link_libraries(dep_${name} INTERFACE ${ARGN})
  # SYSTEM: a warning inside somebody else's header is not ours to fix.
  foreach(target ${ARGN})
    if(TARGET ${target})
      get_target_property(dirs ${target} INTERFACE_INCLUDE_DIRECTORIES)
      if(dirs)
        target_include_directories(dep_${name} SYSTEM INTERFACE ${dirs})
      endif()
    endif()
  endforeach()
  add_library(dep::${name} ALIAS dep_${name})
endfunction()

find_package(fmt CONFIG REQUIRED)
dep_alias(fmt fmt::fmt)

find_package(nlohmann_json 3.10 CONFIG REQUIRED)
dep_alias(json nlohmann_json::nlohmann_json)

find_package(simdjson CONFIG REQUIRED)
dep_alias(simdjson simdjson::simdjson)

find_package(CLI11 2.1 CONFIG REQUIRED)
dep_alias(cli11 CLI11::CLI11)

find_package(yaml-cpp CONFIG REQUIRED)  # 0.7 exports `yaml-cpp`, 0.8 `yaml-cpp::yaml-cpp`
if(TARGET yaml-cpp::yaml-cpp)
  dep_alias(yaml yaml-cpp::yaml-cpp)
else()
  dep_alias(yaml yaml-cpp)
endif()

find_package(ODBC REQUIRED)
dep_alias(odbc ODBC::ODBC)

pkg_check_modules(GIT2 REQUIRED IMPORTED_TARGET GLOBAL libgit2>=1.1)
dep_alias(git2 PkgConfig::GIT2)

pkg_check_modules(PQXX REQUIRED IMPORTED_TARGET GLOBAL libpqxx>=6.4)
pkg_check_modules(PQ REQUIRED IMPORTED_TARGET GLOBAL libpq)
dep_alias(pqxx PkgConfig::PQXX PkgConfig::PQ)
dep_alias(pq PkgConfig::PQ)

pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET GLOBAL re2)
dep_alias(re2 PkgConfig::RE2)

pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET GLOBAL libcrypto)
dep_alias(crypto PkgConfig::CRYPTO)

# The zones' rules by cctz, their data from tzdata at build time (cmake/zone_data.cmake): no zone files are needed where
# the program runs. Debian's package has no CMake or pkg-config file.
find_path(CCTZ_INCLUDE_DIR cctz/time_zone.h REQUIRED)
find_library(CCTZ_LIBRARY cctz REQUIRED)
add_library(dep_cctz INTERFACE)
target_include_directories(dep_cctz SYSTEM INTERFACE ${CCTZ_INCLUDE_DIR})
target_link_libraries(dep_cctz INTERFACE ${CCTZ_LIBRARY})
add_library(dep::cctz ALIAS dep_cctz)
set(LAYERGATE_ZONEINFO /usr/share/zoneinfo CACHE PATH "Folder of the compiled IANA zones to build in")
