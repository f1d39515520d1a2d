// A CUDA status that is no success becomes an error that says who, what and where.
#pragma once

#include <cuda_runtime_api.h>

#include <string>

#include "engram/core/error.hpp"

namespace engram::kernels {

inline std::string device_name(int device) {
  cudaDeviceProp properties{};
  const std::string number = "device " + std::to_string(device);
  return cudaGetDeviceProperties(&properties, device) == cudaSuccess ? number + " (" + properties.name + ")" : number;
}

/// `bytes` are those asked for, where memory is.
inline void check(cudaError_t status, const char* operation, int device, std::size_t bytes = 0) {
  if (status == cudaSuccess) return;
  static_cast<void>(cudaGetLastError());  // an error that does not stick is told once
  std::string text =
      std::string("CUDA ") + operation + ": " + cudaGetErrorString(status) + " (" + cudaGetErrorName(status) + ")";
  if (bytes) text += ", " + std::to_string(bytes) + " bytes";
  text += " on " + device_name(device);
  if (status == cudaErrorMemoryAllocation) throw MemoryError(text);
  throw DeviceError(text);
}

}  // namespace engram::kernels
