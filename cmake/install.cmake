include(GNUInstallDirs)
install(TARGETS engram_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
