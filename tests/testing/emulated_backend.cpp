#include "tests/testing/emulated_backend.hpp"

#include "kernels/extensions.hpp"
#include "tests/testing/host_launcher.hpp"

namespace engram::testing_kernels {
namespace {

class OnHost final : public kernels::DeviceBackend<HostLauncher>, public Emulation {
 public:
  OnHost(Order order, bool graphs, Memory memory) : kernels::DeviceBackend<HostLauncher>(order, graphs, memory) {
    info_.kind = "emulated";
    info_.name = name_of(order);
    if (memory == Memory::guarded) {  // a device as far as a model can see
      info_.kind = "cuda";
      info_.name = "guarded host";
      info_.memory_total = info_.memory_free = guarded_room;
    }
  }
  const DeviceInfo& info() const override { return info_; }
  void* allocate(std::size_t bytes) override {
    void* p = launch_.memory->take(bytes);
    if (!p) throw MemoryError("the system refused " + std::to_string(bytes) + " bytes");
    const Access access(*launch_.memory);
    fill_with_rubbish(p, bytes);
    return p;
  }
  void release(void* p) noexcept override {
    settle();
    launch_.memory->give(p);
  }
  void upload(void* to, const void* from, std::size_t bytes) override {
    settle();
    const Access access(*launch_.memory);
    std::memcpy(to, from, bytes);
  }
  void download(void* to, const void* from, std::size_t bytes) override {
    settle();
    const Access access(*launch_.memory);
    std::memcpy(to, from, bytes);
  }
  void synchronize() override { settle(); }

  void set_shared_memory(std::size_t bytes) override { launch_.shared = {bytes, 0, bytes}; }
  void set_cluster_blocks(Index blocks) override { launch_.cluster_blocks = blocks; }
  int captures() const override { return launch_.captures; }
  int replays() const override { return launch_.replays; }
  int clusters_run() const override { return launch_.clusters_run; }

 private:
  DeviceInfo info_;
};

}  // namespace

EmulatedParts make_emulated(Order order, bool graphs, Memory memory) {
  auto made = std::make_unique<OnHost>(order, graphs, memory);
  Emulation* const emulation = made.get();
  return {std::move(made), emulation};
}

}  // namespace engram::testing_kernels
