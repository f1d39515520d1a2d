#include "engine/cpu/cpu_backend.hpp"

#include <sys/sysinfo.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>

#include "engine/core/huge_pages.hpp"
#include "engine/cpu/noise.hpp"
#include "engine/cpu/of_thread.hpp"
#include "engine/cpu/parallel.hpp"
#include "kernels/operations/bodies.hpp"

namespace engram::cpu {

const char* instruction_set() {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(ENGRAM_NO_CLONES)
  if (__builtin_cpu_supports("x86-64-v4")) return "AVX-512";
  if (__builtin_cpu_supports("x86-64-v3")) return "AVX2";
#endif
  return "baseline";
}

namespace {

std::string processor_name() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown processor";
}

}  // namespace

CpuBackend::CpuBackend(int threads, ExtensionTable extensions) : table_(extensions) {
  struct sysinfo memory {};
  sysinfo(&memory);
  info_ = {"cpu",
           processor_name(),
           instruction_set(),
           threads > 0 ? threads : default_threads(),
           0,
           memory.totalram * memory.mem_unit,
           memory.freeram * memory.mem_unit};
  info_.jobs = info_.threads;
}

Extension* CpuBackend::find_extension(ExtensionId id) {
  for (const auto& [known, extension] : extensions_)
    if (known == id) return extension.get();
  for (const ExtensionMaker& maker : table_)
    if (maker.id == id) return extensions_.emplace_back(maker.id, maker.make(*this)).second.get();
  return nullptr;
}

void* CpuBackend::allocate(std::size_t bytes) {
  // A whole number of cache lines, for aligned_alloc asks for it; what fills many pages gets large ones where the
  // system has them, for gathers and walks over gigabytes would miss a translation every 4 kB.
  const std::size_t unit = bytes >= 4 * huge_page ? huge_page : 64, size = ceil_div(bytes, unit) * unit;
  void* p = std::aligned_alloc(unit, size);
  if (!p) throw MemoryError("the system refused " + std::to_string(bytes) + " bytes");
  if (unit == huge_page) use_huge_pages(p, size);
  return p;
}
void CpuBackend::release(void* p) noexcept { std::free(p); }
void CpuBackend::upload(void* to, const void* from, std::size_t bytes) { copy(to, from, bytes); }
void CpuBackend::download(void* to, const void* from, std::size_t bytes) { copy(to, from, bytes); }
void CpuBackend::copy(void* to, const void* from, std::size_t bytes) {
  if (bytes > 0) std::memmove(to, from, bytes);  // arrays without elements may have no address
}
void CpuBackend::zero(void* p, std::size_t bytes) {
  parallel_for(info_.threads, bytes, bytes / 16, [&](std::size_t begin, std::size_t end, int) {
    std::memset(static_cast<char*>(p) + begin, 0, end - begin);
  });
}

void CpuBackend::sweep(const Synapses& synapses, const Sweep& sweep) {
  if (const auto* dense = std::get_if<DenseView>(&synapses))
    sweep_dense(*dense, sweep, info_.threads);
  else if (const auto* outgoing = std::get_if<OutgoingView>(&synapses))
    sweep_outgoing(*outgoing, sweep, info_.threads, sums_, marks_);
  else
    sweep_incoming(std::get<IncomingView>(synapses), sweep, info_.threads);
}

void CpuBackend::select_top_k(Batch<const real> score, Index k, const Active& winners) {
  if (k < 1 || k > score.units)
    throw Error("select_top_k: found k = " + std::to_string(k) + "; allowed are 1 to the " +
                std::to_string(score.units) + " units");
  parallel_for(info_.threads, score.batches, std::size_t{score.batches} * score.units,
               [&](std::size_t begin, std::size_t end, int) {
                 auto& scratch = of_thread<TopKScratch, struct SelectionScratch>();
                 for (std::size_t b = begin; b < end; ++b) {
                   top_k(score.at(static_cast<Index>(b)), score.units, k, winners.index + b * winners.stride, scratch);
                   winners.count[b] = k;
                 }
               });
}

void CpuBackend::collect(Batch<const real> x, real above, const Active& out) {
  parallel_for(info_.threads, x.batches, std::size_t{x.batches} * x.units,
               [&](std::size_t begin, std::size_t end, int) {
                 for (std::size_t b = begin; b < end; ++b) {
                   const real* values = x.at(static_cast<Index>(b));
                   Index* index = out.index + b * out.stride;
                   Index count = 0;
                   for (Index i = 0; i < x.units && count < out.stride; ++i)
                     if (values[i] > above) {
                       if (out.value) out.value[b * out.stride + count] = values[i];
                       index[count++] = i;
                     }
                   out.count[b] = count;
                 }
               });
}

void CpuBackend::sample(const Distribution& distribution, Span<const std::uint64_t> seeds, Stream stream, Tick tick,
                        Batch<real> out) {
  const Index whole = out.units / 4, blocks = ceil_div<Index>(out.units, 4);
  const auto fill = [&](real* to, Index begin, Index end, std::uint64_t seed) {
    if (const auto* uniform = std::get_if<Uniform>(&distribution))
      fill_uniforms(to + std::size_t{begin} * 4, begin, end - begin, seed, stream, tick, uniform->low,
                    uniform->high - uniform->low);
    else
      fill_normals(to + std::size_t{begin} * 4, begin, end - begin, seed, stream, tick,
                   std::get<Normal>(distribution).mean, std::get<Normal>(distribution).sd);
  };
  // Ranges of blocks of all batches in one line, so that few large and many small batches both fill the threads.
  const std::size_t items = std::size_t{out.batches} * blocks;
  parallel_for(info_.threads, items, items * 16, [&](std::size_t begin, std::size_t end, int) {
    while (begin < end) {
      const auto b = static_cast<Index>(begin / blocks);
      const auto first = static_cast<Index>(begin % blocks);
      const Index last = static_cast<Index>(std::min<std::size_t>(blocks, first + (end - begin)));
      fill(out.at(b), first, std::min(last, whole), seeds[b]);
      if (last > whole) {  // the last block of a batch may be a part
        real four[4];
        fill(four - std::size_t{whole} * 4, whole, whole + 1, seeds[b]);
        std::copy_n(four, out.units - whole * 4, out.at(b) + std::size_t{whole} * 4);
      }
      begin += last - first;
    }
  });
}

}  // namespace engram::cpu
