# The compiled part of engram_sim, one module a precision: _engram_float, _engram_double. It links the library that the
# program links, so nothing is compiled twice.
set(ENGRAM_PYTHON AUTO CACHE STRING "module for Python: AUTO (if pybind11 is found), ON (required) or OFF")
set(engram_have_python OFF)
if(ENGRAM_PYTHON STREQUAL "OFF" OR ENGRAM_SANITIZE OR ENGRAM_BUNDLE)
  return()
endif()
if(NOT Python_EXECUTABLE AND EXISTS /usr/bin/python3)
  set(Python_EXECUTABLE /usr/bin/python3)  # the one that the packages of the distribution are for
endif()
find_package(Python COMPONENTS Interpreter Development.Module)
set(PYBIND11_FINDPYTHON ON)
find_package(pybind11 2.10 CONFIG)
if(NOT Python_Development.Module_FOUND OR NOT pybind11_FOUND)
  if(ENGRAM_PYTHON STREQUAL "ON")
    message(FATAL_ERROR "ENGRAM_PYTHON=ON needs python3-dev and pybind11-dev; install the packages of packages.txt (./run deps)")
  endif()
  message(STATUS "Python module: off, pybind11 or the headers of Python were not found")
  return()
endif()
message(STATUS "Python module: on, Python ${Python_VERSION}, pybind11 ${pybind11_VERSION}")
set(engram_have_python ON)
file(GLOB python_sources CONFIGURE_DEPENDS python/bind/*.cpp)
set(module _engram_$<IF:$<BOOL:${ENGRAM_DOUBLE}>,double,float>)
pybind11_add_module(engram_python MODULE NO_EXTRAS ${python_sources})
set_target_properties(engram_python PROPERTIES OUTPUT_NAME ${module} UNITY_BUILD OFF  # templates of pybind11: slow together
                      CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
                      LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/python)
target_compile_definitions(engram_python PRIVATE ENGRAM_PYTHON_MODULE=${module})
target_include_directories(engram_python PRIVATE ${CMAKE_CURRENT_SOURCE_DIR} ${CMAKE_CURRENT_BINARY_DIR}/generated)
target_link_libraries(engram_python PRIVATE engram engram_warnings)
engram_precompile(engram_python HEADERS <pybind11/numpy.h$<ANGLE-R> <pybind11/stl.h$<ANGLE-R>)
# Both modules may be loaded at once: the symbols of the library stay within each.
target_link_options(engram_python PRIVATE -Wl,--exclude-libs,ALL,--strip-debug)
# Beside the package, where it is looked for first.
if(NOT SKBUILD)
  include(GNUInstallDirs)
  install(TARGETS engram_python LIBRARY DESTINATION ${CMAKE_INSTALL_DATADIR}/engram/python/engram_sim OPTIONAL)
  return()
endif()
# A wheel has the modules of both precisions; that of the other one comes from a build of its own.
include(ExternalProject)
ExternalProject_Add(double_module SOURCE_DIR ${CMAKE_CURRENT_SOURCE_DIR} BINARY_DIR ${CMAKE_CURRENT_BINARY_DIR}_double
  CMAKE_ARGS -DENGRAM_DOUBLE=ON -DENGRAM_CUDA=OFF -DENGRAM_PYTHON=ON -DBUILD_TESTING=OFF -DCMAKE_UNITY_BUILD=ON
             -DCMAKE_BUILD_TYPE=Release -DPython_EXECUTABLE=${Python_EXECUTABLE} -Dpybind11_DIR=${pybind11_DIR}
  BUILD_COMMAND ${CMAKE_COMMAND} --build <BINARY_DIR> --target engram_python
  INSTALL_COMMAND "" BUILD_ALWAYS ON USES_TERMINAL_BUILD ON)
add_custom_target(engram_python_modules DEPENDS engram_python double_module)
install(TARGETS engram_python LIBRARY DESTINATION engram_sim COMPONENT python)
install(FILES data/digits.csv DESTINATION engram_sim/compat/simulation COMPONENT python)  # fetch_digits_data()
install(DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}_double/python/ DESTINATION engram_sim COMPONENT python FILES_MATCHING PATTERN "*.so")
