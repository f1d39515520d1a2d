#include <chrono>
#include <filesystem>

#include "engine/backend/cuda_factory.hpp"
#include "engine/models/cpu_extensions.hpp"
#include "engram/backend.hpp"

namespace engram {

namespace {

/// Whether a driver has made a device that programs could open, on Linux or on its subsystem for Windows.
bool has_device_file() {
  std::error_code unseen;
  for (const char* file : {"/dev/nvidiactl", "/dev/nvidia0", "/dev/dxg", "/dev/nvgpu"})
    if (std::filesystem::exists(file, unseen)) return true;
  return false;
}

}  // namespace

std::string cuda_unavailable() {
  const std::string status = cuda_status();
  // Of a machine without a device the runtime says that its driver is too old.
  return status.find("(cuda") != std::string::npos && !has_device_file() ? "no CUDA device" : status;
}

namespace {

std::unique_ptr<Backend> cuda_backend(int device) {
  if (const std::string why = cuda_unavailable(); !why.empty())
    throw DeviceError("CUDA device " + std::to_string(device) + " cannot be used: " + why);
  return make_cuda_backend(device);
}

}  // namespace

double Backend::time(const std::function<void()>& work) {
  using Clock = std::chrono::steady_clock;
  synchronize();
  const auto start = Clock::now();
  work();
  synchronize();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void Backend::split(std::size_t count, std::size_t, const std::function<void(Backend&, std::size_t)>& job) {
  for (std::size_t i = 0; i < count; ++i) job(*this, i);
}

std::unique_ptr<Backend> make_backend(const std::string& name, const BackendOptions& options) {
  if (options.threads < 0 || options.threads > 4096)
    throw ConfigError("--threads", "found " + std::to_string(options.threads) + "; allowed are 0 (all) to 4096");
  if (name == "cpu" || (name == "auto" && !cuda_unavailable().empty()))
    return std::make_unique<cpu::CpuBackend>(options.threads, cpu::extensions());
  if (name == "auto" || name == "cuda") return cuda_backend(0);
  if (name.starts_with("cuda:") && name.size() > 5 && name.size() < 9 &&
      name.find_first_not_of("0123456789", 5) == std::string::npos)
    return cuda_backend(std::stoi(name.substr(5)));
  throw ConfigError("--backend", "unknown backend \"" + name + "\"; known are auto, cpu, cuda and cuda:0, cuda:1, ...");
}

}  // namespace engram
