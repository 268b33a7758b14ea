# The umbrella that users link, and, when this is not part of somebody else's build, its installation.
#
# Static libraries need what they were built on at link time too, so the package configuration looks for it.
set(libraries weir_base weir_mqtt weir_mqtt_testing weir_pipeline weir_connector)

add_library(weir_umbrella INTERFACE)
add_library(weir::weir ALIAS weir_umbrella)
set_target_properties(weir_umbrella PROPERTIES EXPORT_NAME weir)
target_link_libraries(weir_umbrella INTERFACE weir::connector)

if(NOT WEIR_INSTALL)
  return()
endif()

include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/weir)

install(TARGETS ${libraries} weir_umbrella EXPORT weir
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development
        FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
install(EXPORT weir FILE weirTargets.cmake NAMESPACE weir:: DESTINATION ${package_dir} COMPONENT development)

configure_package_config_file(cmake/weirConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/weirConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/weirConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/weirConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/weirConfigVersion.cmake
        DESTINATION ${package_dir} COMPONENT development)

# On its own, for what it is built on need not be there for the rest: find_package(weir COMPONENTS metrics).
if(TARGET weir_metrics)
  install(TARGETS weir_metrics EXPORT weir_metrics
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development
          FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
  install(EXPORT weir_metrics FILE weir_metricsTargets.cmake NAMESPACE weir:: DESTINATION ${package_dir}
          COMPONENT development)
endif()

if(TARGET weir_tool)
  install(TARGETS weir_tool RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT tool)
endif()
