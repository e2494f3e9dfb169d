# Debian packages: cpack -G DEB --config build/CPackConfig.cmake. The corpus and the user stay when they are removed.
set (CPACK_PACKAGE_CONTACT "The Quotewire authors <quotewire@localhost>")
set (CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set (CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set (CPACK_STRIP_FILES ON)
set (CPACK_SET_DESTDIR ON) # units have absolute paths in them
set (CPACK_INSTALL_PREFIX /usr)
set (CPACK_PACKAGING_INSTALL_PREFIX /usr)

set (CPACK_DEB_COMPONENT_INSTALL ON)
set (CPACK_COMPONENTS_ALL programs library development python)
set (CPACK_COMPONENTS_GROUPING IGNORE)
set (CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set (CPACK_DEBIAN_PACKAGE_SECTION text)

set (CPACK_DEBIAN_PROGRAMS_PACKAGE_NAME quotewire)
set (CPACK_DEBIAN_PROGRAMS_PACKAGE_SHLIBDEPS ON)
set (CPACK_DEBIAN_PROGRAMS_PACKAGE_DEPENDS "python3 (>= 3.9)")
set (CPACK_COMPONENT_PROGRAMS_DESCRIPTION
    "Finds tokens, entities and quotations with their speakers in English news, on as many cores and machines as there are.")
set (CPACK_DEBIAN_PROGRAMS_PACKAGE_CONTROL_EXTRA
    "${CMAKE_SOURCE_DIR}/deploy/debian/conffiles;${CMAKE_SOURCE_DIR}/deploy/debian/postinst;${CMAKE_SOURCE_DIR}/deploy/debian/prerm")
set (CPACK_DEBIAN_PROGRAMS_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set (CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libquotewire${PROJECT_VERSION_MAJOR})
set (CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set (CPACK_DEBIAN_LIBRARY_PACKAGE_SHLIBDEPS ON)
set (CPACK_COMPONENT_LIBRARY_DESCRIPTION "Reads a corpus of Quotewire, from its files or from a running pipeline: the library for C.")

set (CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libquotewire-dev)
set (CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set (CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libquotewire${PROJECT_VERSION_MAJOR} (= ${PROJECT_VERSION})")
set (CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "The header, the static library, and the files for pkg-config and CMake.")

set (CPACK_DEBIAN_PYTHON_PACKAGE_NAME python3-quotewire)
set (CPACK_DEBIAN_PYTHON_PACKAGE_SECTION python)
set (CPACK_DEBIAN_PYTHON_PACKAGE_ARCHITECTURE all)
set (CPACK_DEBIAN_PYTHON_PACKAGE_DEPENDS "python3 (>= 3.9), python3-crc32c, python3-msgpack, python3-xxhash, python3-zmq")
set (CPACK_COMPONENT_PYTHON_DESCRIPTION "Reads a corpus of Quotewire, from its files or from a running pipeline.")
include (CPack)
