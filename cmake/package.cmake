# cpack -G DEB and cpack -G TGZ: everything that cmake --install puts in place.
set(CPACK_PACKAGE_NAME raphson)
set(CPACK_PACKAGE_CONTACT "The Raphson authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Clones analogue dynamics hardware from recordings, and plays the clones")
set(CPACK_PACKAGE_DESCRIPTION "A program that learns a compressor's parameters from a recording before and after it, the \
libraries it is made of, and a plugin (VST3, LV2 and a program of its own) that plays what was learnt.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_THREADS 0)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION sound)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
if(RAPHSON_PLUGIN) # JUCE looks for these when a window opens
  set(CPACK_DEBIAN_PACKAGE_DEPENDS "libx11-6, libxext6, libxcursor1, libxinerama1, libxrandr2, libxrender1")
endif()
include(CPack)
