# cmake --install: the program, the libraries with their headers, find_package(Raphson) and raphson.pc; and the
# plugin, where it was built.
#
# Headers lie under include/raphson so that an installed program and the tree itself write the same
# #include "dsp/dynamics/compressor.h". The vector units' objects are inside the two archives (cmake/isa.cmake).
# What is installed may be moved: every path in it is relative to the file it stands in.
include(CMakePackageConfigHelpers)

install(TARGETS raphson_dsp raphson_optim EXPORT RaphsonTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET raphson)
  install(TARGETS raphson RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  if(NOT CMAKE_CROSSCOMPILING) # the program says itself what there is to complete
    set(completions ${PROJECT_BINARY_DIR}/completions)
    install(CODE "
      file(MAKE_DIRECTORY \"${completions}\")
      foreach(shell bash zsh fish)
        execute_process(COMMAND \"$<TARGET_FILE:raphson>\" completion \${shell} OUTPUT_FILE \"${completions}/\${shell}\"
                        COMMAND_ERROR_IS_FATAL ANY)
      endforeach()")
    install(FILES ${completions}/bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME raphson)
    install(FILES ${completions}/fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d RENAME raphson.fish)
    foreach(folder site-functions vendor-completions) # Debian's zsh looks into the second alone below /usr
      install(FILES ${completions}/zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/${folder} RENAME _raphson)
    endforeach()
  endif()
endif()

foreach(folder dsp optim)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/raphson
          FILES_MATCHING PATTERN "*.h" PATTERN cli EXCLUDE)
endforeach()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/assets/models ${PROJECT_SOURCE_DIR}/assets/data
        ${PROJECT_SOURCE_DIR}/assets/recordings DESTINATION ${CMAKE_INSTALL_DATADIR}/raphson)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/THIRD_PARTY.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/raphson)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/LICENSES DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/raphson)
if(TARGET Raphson)
  include(cmake/install_plugin.cmake)
endif()
install(FILES ${PROJECT_SOURCE_DIR}/assets/README.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/raphson RENAME assets.md)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/Raphson)
install(EXPORT RaphsonTargets NAMESPACE raphson:: DESTINATION ${package_folder})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/RaphsonConfig.cmake.in ${PROJECT_BINARY_DIR}/RaphsonConfig.cmake
                              INSTALL_DESTINATION ${package_folder} NO_SET_AND_CHECK_MACRO)
# Before 1.0 a new minor version may change any interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/RaphsonConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/RaphsonConfig.cmake ${PROJECT_BINARY_DIR}/RaphsonConfigVersion.cmake
        DESTINATION ${package_folder})

file(RELATIVE_PATH prefix_from_pc ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" prefix_from_pc ${prefix_from_pc})
configure_file(${PROJECT_SOURCE_DIR}/cmake/raphson.pc.in ${PROJECT_BINARY_DIR}/raphson.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/raphson.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
