# cmake --install, the plugin's part: bundles where hosts look under a prefix of /usr or /usr/local, and the
# program of its own, which is called raphson-standalone since file systems may take bin/Raphson for bin/raphson.
foreach(format vst3 lv2)
  string(TOUPPER ${format} kind)
  if(TARGET Raphson_${kind})
    set(bundle $<TARGET_PROPERTY:Raphson_${kind},JUCE_PLUGIN_ARTEFACT_FILE>) # holds such expressions itself
    install(DIRECTORY "$<TARGET_GENEX_EVAL:Raphson_${kind},${bundle}>" DESTINATION lib/${format} USE_SOURCE_PERMISSIONS)
  endif()
endforeach()
if(APPLE)
  install(DIRECTORY "$<TARGET_BUNDLE_DIR:Raphson_AU>" DESTINATION lib/components USE_SOURCE_PERMISSIONS)
  install(DIRECTORY "$<TARGET_BUNDLE_DIR:Raphson_Standalone>" DESTINATION . USE_SOURCE_PERMISSIONS)
else()
  install(PROGRAMS $<TARGET_FILE:Raphson_Standalone> DESTINATION ${CMAKE_INSTALL_BINDIR}
          RENAME raphson-standalone${CMAKE_EXECUTABLE_SUFFIX})
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/assets/presets DESTINATION ${CMAKE_INSTALL_DATADIR}/raphson)
