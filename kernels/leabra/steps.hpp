// Cycles of Leabra networks in one launch a call.
#pragma once

#include "kernels/core/kernel_backend.hpp"
#include "kernels/leabra/leabra.hpp"

namespace engram::kernels {

template <class Launcher>
class LeabraCycles final : public leabra::Cycles {
 public:
  explicit LeabraCycles(KernelOperations<Launcher>& backend)
      : backend_(backend), scratch_{backend.launcher().new_scratch(), backend.launcher().new_scratch()} {}
  bool takes(const leabra::View& net, std::size_t projections) const override {
    return fits_leabra_kernel(net, projections) &&
           (fits_leabra_block(net) || leabra_blocks(net, backend_.launcher().processors()) > 0);
  }
  void run(const leabra::View& net, const std::vector<leabra::ProjectionView>& projections,
           const leabra::Run& run) override {
    backend_.settle();
    run_leabra(backend_.launcher(), scratch_, net, projections, run);
  }

 private:
  KernelOperations<Launcher>& backend_;
  LeabraScratch scratch_;
};

}  // namespace engram::kernels
