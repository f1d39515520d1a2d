# Where no memory is left, the C library cannot note the destructor of a thread_local object and ends the program: the
# library has none (engine/cpu/of_thread.hpp). cmake -DNM=nm -DLIBRARY=libengram.a -P this
execute_process(COMMAND ${NM} -u -A ${LIBRARY} OUTPUT_VARIABLE symbols ERROR_QUIET COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]*__cxa_thread_atexit[^\n]*" found "${symbols}")
if(found)
  string(REPLACE ";" "\n" found "${found}")
  message(FATAL_ERROR "objects of a thread with a destructor:\n${found}")
endif()
string(REGEX MATCH "__cxa_guard_acquire" any "${symbols}")
if(NOT any)
  message(FATAL_ERROR "${LIBRARY}: no symbol was seen")
endif()
