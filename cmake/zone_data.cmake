# Writes the IANA time zones of this machine as C++ tables, for a program that must know them where no zone data is
# installed (a bare container, a static build). Run by the build: cmake -DFOLDER=/usr/share/zoneinfo -DOUTPUT=x.inc -P
# zone_data.cmake
if(NOT EXISTS ${FOLDER}/tzdata.zi)
  message(FATAL_ERROR "${FOLDER}/tzdata.zi is missing: install the package tzdata (scripts/install_dependencies)")
endif()
file(STRINGS ${FOLDER}/tzdata.zi version REGEX "^# version " LIMIT_COUNT 1)
string(REGEX REPLACE "^# version +" "" version "${version}")

file(GLOB_RECURSE files RELATIVE ${FOLDER} ${FOLDER}/*)
list(SORT files)
set(blobs "")
set(names "")
set(count 0)
foreach(name IN LISTS files)
  # posix/ and right/ repeat every zone; the last with leap seconds, which no calendar of people has.
  # localtime and posixrules are this machine's own choice.
  if(name MATCHES "^(posix|right)/" OR name MATCHES "^(localtime|posixrules)$" OR NOT name MATCHES "^[A-Za-z][A-Za-z0-9_+/-]*$")
    continue()
  endif()
  file(READ ${FOLDER}/${name} hex HEX)
  if(NOT hex MATCHES "^545a6966") # "TZif"
    continue()
  endif()
  string(MD5 key "${hex}")
  if(NOT DEFINED index_${key})
    set(index_${key} ${count})
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" text "${hex}")
    string(APPEND blobs "    Bytes(\"${text}\"),\n")
    math(EXPR count "${count} + 1")
  endif()
  string(APPEND names "    {\"${name}\", ${index_${key}}},\n")
endforeach()
file(WRITE ${OUTPUT} "// Made by cmake/zone_data.cmake of tzdata ${version}.
constexpr std::string_view kVersion = \"${version}\";
constexpr std::string_view kBlobs[] = {
${blobs}};
constexpr Name kNames[] = {
${names}};
")
