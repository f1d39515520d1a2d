# CUDA is used where nvcc is found and never required; configuring needs no GPU.
set(ENGRAM_HAVE_CUDA OFF)
if(NOT ENGRAM_CUDA STREQUAL "OFF")
  include(CheckLanguage)
  set(CMAKE_CUDA_ARCHITECTURES ${ENGRAM_CUDA_ARCHITECTURES})
  if(NOT CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX})
    find_program(ENGRAM_NVCC nvcc HINTS ENV CUDA_PATH PATH_SUFFIXES bin PATHS /usr/local/cuda/bin)  # often not on PATH
    if(ENGRAM_NVCC)
      set(CMAKE_CUDA_COMPILER ${ENGRAM_NVCC})
    endif()
  endif()
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    enable_language(CUDA)
    set(ENGRAM_HAVE_CUDA ON)
    message(STATUS "CUDA backend: on (${CMAKE_CUDA_COMPILER_VERSION}, ${ENGRAM_CUDA_ARCHITECTURES})")
  elseif(ENGRAM_CUDA STREQUAL "ON")
    message(FATAL_ERROR "ENGRAM_CUDA=ON, but no nvcc was found; put it on PATH or configure with ENGRAM_CUDA=OFF")
  else()
    message(STATUS "CUDA backend: off (no nvcc found)")
  endif()
else()
  message(STATUS "CUDA backend: off (ENGRAM_CUDA=OFF)")
endif()

# CMake 3.25 does not know C++20 for nvcc; host flags stay with the host compiler. Exactness as on the host: no contraction,
# and no change to what nvcc does by default, IEEE division and square root without flush to zero. Not worth a warning:
# pragmas of g++ (loops of known length unroll anyway), and conversions to const of what is const already.
set(engram_cuda_flags -std=c++20 --fmad=false --prec-div=true --prec-sqrt=true --ftz=false --expt-relaxed-constexpr
  --diag-suppress=1675,554 -Xcompiler=-ffp-contract=off)

# Compiled into the library. The compiler keeps what lies between source and object, for the kernel report to look at.
set(engram_kernel_files ${CMAKE_CURRENT_BINARY_DIR}/kernel_files)
file(GLOB_RECURSE engram_kernels CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/kernels/*.cu)

function(engram_add_cuda_kernels target)
  if(NOT ENGRAM_HAVE_CUDA OR NOT engram_kernels)
    target_sources(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/kernels/core/no_cuda.cpp)
    return()
  endif()
  target_sources(${target} PRIVATE ${engram_kernels})
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CUDA>:${engram_cuda_flags}>)
  file(MAKE_DIRECTORY ${engram_kernel_files})
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CUDA>:--keep>
    $<$<COMPILE_LANGUAGE:CUDA>:--keep-dir=${engram_kernel_files}>)
  add_custom_command(TARGET ${target} POST_BUILD COMMAND find ${engram_kernel_files} -type f ! -name "*.ptx" -delete)
  if(ENGRAM_WERROR)
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CUDA>:--Werror=all-warnings>)
  endif()
  set_target_properties(${target} PROPERTIES CUDA_RUNTIME_LIBRARY Static CUDA_ARCHITECTURES "${ENGRAM_CUDA_ARCHITECTURES}")
  # Programs of others need not know the language of CUDA to link what its compiler has left.
  target_link_libraries(${target} PRIVATE ${CMAKE_DL_LIBS} INTERFACE $<INSTALL_INTERFACE:CUDA::cudart_static>)
endfunction()
