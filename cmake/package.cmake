# What `cmake --install` and scripts/package put where. A .deb is made on the distribution it is for: dpkg-shlibdeps reads
# from the program which of that distribution's libraries, in which versions, it depends on.
include(GNUInstallDirs)
install(TARGETS layergate RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)  # as Debian names it
install(FILES policies/schema.json policies/result-schema.json policies/strict.yml DESTINATION ${CMAKE_INSTALL_DATADIR}/layergate)

# The program writes its shells' completions itself; a build for another machine can't run it and goes without.
if(NOT CMAKE_CROSSCOMPILING)
  set(completions_folder ${CMAKE_BINARY_DIR}/completions)
  set(completions)
  foreach(shell bash zsh fish)
    add_custom_command(OUTPUT ${completions_folder}/${shell} VERBATIM
      COMMAND ${CMAKE_COMMAND} -E make_directory ${completions_folder}
      COMMAND $<TARGET_FILE:layergate> completions ${shell} > ${completions_folder}/${shell}
      DEPENDS layergate)
    list(APPEND completions ${completions_folder}/${shell})
  endforeach()
  add_custom_target(completions ALL DEPENDS ${completions})
  install(FILES ${completions_folder}/bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME layergate)
  install(FILES ${completions_folder}/zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions RENAME _layergate)
  install(FILES ${completions_folder}/fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d RENAME layergate.fish)
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "The Layergate authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# git is what the hook and CI run anyway; drivers are wanted by who counts rows over ODBC.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "git")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "libsqliteodbc, odbc-mariadb, odbc-postgresql")
include(CPack)
