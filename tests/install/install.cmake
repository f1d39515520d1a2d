# Installs the library into an empty folder, builds a program against what lies there, and runs it.
#   cmake -DBUILD=folder -DGUEST=folder -DINTO=folder -DCOMPILER=c++ -DGENERATOR=Ninja -P install.cmake
file(REMOVE_RECURSE ${INTO})
set(installed ${INTO}/installed)
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${installed} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} -S ${GUEST} -B ${INTO}/guest -G ${GENERATOR} -DCMAKE_PREFIX_PATH=${installed}
                        -DCMAKE_CXX_COMPILER=${COMPILER}
                OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${INTO}/guest OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${INTO}/guest/guest OUTPUT_VARIABLE said COMMAND_ERROR_IS_FATAL ANY)
if(NOT said MATCHES "^[0-9]+\\.[0-9]+\\.[0-9]+: [1-9][0-9]* winners\n$")
  message(FATAL_ERROR "the program said: ${said}")
endif()
# No door for signals, and no way out of the process: these belong to the program.
file(GLOB archive ${installed}/lib*/libengram_*.a ${installed}/lib*/*/libengram_*.a)
execute_process(COMMAND ${NM} -u ${archive} OUTPUT_VARIABLE symbols ERROR_QUIET COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL " U (sigaction|signal|_exit|exit|quick_exit|execv[a-z]*)(@[^\n]*)?\n" forbidden "${symbols}")
if(forbidden)
  message(FATAL_ERROR "the library uses ${forbidden}")
endif()
message(STATUS "${said}")
