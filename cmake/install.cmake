include(GNUInstallDirs)
install(TARGETS engram_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY python/engram_sim DESTINATION ${CMAKE_INSTALL_DATADIR}/engram/python PATTERN __pycache__ EXCLUDE)
