# layergate_folder(<name> SOURCES a.cpp ... [DEPENDS other folders] [PRIVATE third-party targets])
#
# One static library per folder of src/. DEPENDS names the folders whose headers it includes (the list of
# layers in src/LAYERS says which are allowed, and a test holds the includes against it); PRIVATE names the
# libraries that only its .cpp files know.
function(layergate_folder name)
  cmake_parse_arguments(F "" "" "SOURCES;DEPENDS;PRIVATE" ${ARGN})
  add_library(layergate_${name} STATIC ${F_SOURCES})
  add_library(layergate::${name} ALIAS layergate_${name})
  target_link_libraries(layergate_${name} PUBLIC layergate_flags)
  foreach(folder ${F_DEPENDS})
    target_link_libraries(layergate_${name} PUBLIC layergate_${folder})
  endforeach()
  foreach(library ${F_PRIVATE})
    target_link_libraries(layergate_${name} PRIVATE ${library})
  endforeach()
  layergate_precompile(layergate_${name})
endfunction()
