#include <dlfcn.h>

#include "kernels/core/cublas.hpp"
#include "kernels/core/cuda_launcher.hpp"

namespace engram::kernels {

namespace {

/// The functions that are asked for, as every version from 12 on has them. Statuses and options are enumerations,
/// which C passes as int; 0 is success, no transposition.
struct Library {
  using Handle = void*;
  int (*create)(Handle*);
  int (*destroy)(Handle);
  int (*set_stream)(Handle, cudaStream_t);
  int (*set_workspace)(Handle, void*, std::size_t);
  using Size = std::int64_t;
  int (*multiply)(Handle, int transpose_a, int transpose_b, Size m, Size n, Size k, const real* alpha, const real* a,
                  Size lda, long long stride_a, const real* b, Size ldb, long long stride_b, const real* beta, real* c,
                  Size ldc, long long stride_c, Size count);
  const char* (*name_of)(int status);
};

Library open_library() {
  const std::string name = "libcublas.so." + std::to_string(CUDART_VERSION / 1000);
  void* const library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  const char* const reason = library ? nullptr : dlerror();
  if (!library)
    throw LibraryError("fast sums on a CUDA device need cuBLAS, which cannot be opened (" +
                       std::string(reason ? reason : name) +
                       "): install it, or name its folder in LD_LIBRARY_PATH, or leave sums exact");
  const auto find = [&](auto& function, const char* symbol) {
    function = reinterpret_cast<std::decay_t<decltype(function)>>(dlsym(library, symbol));
    if (!function) throw LibraryError(name + " has no " + symbol + ": fast sums need another version of it");
  };
  Library all;
  find(all.create, "cublasCreate_v2");
  find(all.destroy, "cublasDestroy_v2");
  find(all.set_stream, "cublasSetStream_v2");
  find(all.set_workspace, "cublasSetWorkspace_v2");
  find(all.multiply, sizeof(real) == 4 ? "cublasSgemmStridedBatched_64" : "cublasDgemmStridedBatched_64");
  find(all.name_of, "cublasGetStatusName");
  return all;
}

/// Stays open until the process ends, as its makers want it; where it is absent the next who asks is told again.
const Library& library() {
  static const Library opened = open_library();
  return opened;
}

void check_status(int status, const char* what) {
  if (status) throw DeviceError(std::string("CUDA multiply: cuBLAS ") + what + ": " + library().name_of(status));
}

}  // namespace

Cublas::Cublas(cudaStream_t stream, void* workspace, std::size_t bytes) {
  check_status(library().create(&handle_), "cannot begin");
  check_status(library().set_stream(handle_, stream), "refuses the stream");
  check_status(library().set_workspace(handle_, workspace, bytes), "refuses its memory");
}

Cublas::~Cublas() {
  if (handle_) library().destroy(handle_);
}

/// Rows in memory are columns to cuBLAS: [pre][post] is the matrix of post times pre, [batch][unit] that of unit times
/// batch. Its default arithmetic keeps the precision of its operands.
void Cublas::multiply(const DenseView& w, Batch<const real> x, Index group, Batch<real> out) {
  const real one = 1, none = 0;
  const auto size = [](std::size_t n) { return static_cast<Library::Size>(n); };
  check_status(library().multiply(handle_, 0, 0, w.n_post, group, w.n_pre, &one, w.weight, size(w.pitch),
                                  size(w.plane_stride() * w.planes), x.data, size(x.stride), size(x.stride * group),
                                  &none, out.data, size(out.stride), size(out.stride * group), w.replicas),
               "cannot multiply");
}

void CudaLauncher::multiply(const DenseView& weights, Batch<const real> x, Index group, Batch<real> out) {
  select();
  if (!products_) {
    char* const workspace = scratch<char>(Scratch::products, Cublas::workspace_bytes);
    products_ = std::make_shared<Cublas>(stream_, workspace, Cublas::workspace_bytes);
  }
  if (x.batches == 0) return;
  products_->multiply(weights, x, group, out);
  launched("multiply");
}

}  // namespace engram::kernels
