// SORN: one step of all rules in networks of all sizes, and of many small ones.
#include "engram/sorn/sorn.hpp"

#include <cmath>
#include <memory>

#include "bench/cases.hpp"
#include "engine/core/huge_pages.hpp"

namespace engram::bench {

namespace {

Case sorn_case(const std::string& name, Index ne, Index replicas, Index settle) {
  return {name,
          "one step with all five rules, package defaults, no input, target rate 0.1, sparse E to I (in-degree 100) "
          "from 10,000 units on, after " +
              std::to_string(settle) + " steps",
          replicas, [=](Backend& backend, Index networks) {
            sorn::Parameters p;
            p.ne = ne;
            p.nu = ne / 20;
            p.sp_rate = 0.0005 * ne;
            if (ne >= 10000) p.network_type_ie = "Sparse";
            std::vector<std::uint64_t> seeds(networks);
            for (Index r = 0; r < networks; ++r) seeds[r] = r + 1;
            const auto net =
                std::make_shared<sorn::Network>(backend, std::vector<sorn::Parameters>(networks, p), seeds);
            net->run(settle);
            double plastic = 0, units = 0;
            for (const sorn::Counts& c : net->counts()) {
              plastic += static_cast<double>(c.ee + c.ei);
              units += p.ne + p.ni();
            }
            const double fixed_ones = networks * (ne >= 10000 ? p.ni() * 99.5 : static_cast<double>(ne) * p.ni());
            Runnable run;
            // A plastic synapse: index, weight read and written. Of the others a tenth are read. A unit: threshold,
            // drive.
            run.bytes_per_step = plastic * (sizeof(Index) + 2 * sizeof(real)) + 0.1 * fixed_ones * sizeof(real) +
                                 units * 4 * sizeof(real);
            run.synapses_per_step = plastic + 0.1 * fixed_ones;
            const Index steps = ne <= 10000 ? 10 : 1;
            run.steps_per_call = steps;
            run.step = [net, steps] { net->run(steps); };
            run.check = [net, p]() -> std::string {
              const Rows rows = net->state(0).wee;
              if (rows.pre.size() != net->counts()[0].ee) return "the running count of synapses is not their number";
              for (Index i = 0; i < p.ne; ++i) {
                double sum = 0;
                for (std::uint64_t s = rows.start[i]; s < rows.start[i + 1]; ++s)
                  sum += static_cast<double>(rows.weight[s]);
                if (std::abs(sum - 1) > 1e-4)
                  return "incoming weights of unit " + std::to_string(i) + " add up to " + std::to_string(sum);
              }
              return "";
            };
            return run;
          }};
}

/// Touches so much memory and gives it back: the system then has it at hand. A virtual machine may have to get it from
/// its host first, at 0.4 GB/s in place of 20: no property of what is timed.
void bring_memory(std::size_t bytes) {
  std::vector<std::byte> memory;
  resize_huge(memory, bytes);
}

/// From nothing to a network that could take its first step.
Case build_case(Index ne) {
  return {"sorn.build/ne=" + std::to_string(ne),
          "a new network drawn and stored, in memory that was at hand: in-degree 20, sparse E to I (in-degree 100)", 1,
          [=](Backend& backend, Index) {
            sorn::Parameters p;
            p.ne = ne;
            p.nu = ne / 20;
            p.network_type_ie = "Sparse";
            const auto built = std::make_shared<std::unique_ptr<sorn::Network>>();
            Runnable run;
            run.synapses_per_step = ne * (p.lambda_ee + 0.2 * (p.lambda_ei + p.lambda_ie));
            run.bytes_per_step = run.synapses_per_step * (sizeof(Index) + sizeof(real));
            const std::size_t peak = 1050 * std::size_t{ne};
            run.prepare = [built, peak] {
              built->reset();
              bring_memory(peak);
            };
            run.step = [built, p, &backend] {
              *built = std::make_unique<sorn::Network>(backend, std::vector{p}, std::vector<std::uint64_t>{1});
            };
            run.check = [built, ne]() -> std::string {
              const double mean = static_cast<double>((*built)->counts()[0].ee) / ne;
              return std::abs(mean - 19.5) < 0.05 ? "" : "the mean in-degree is " + std::to_string(mean);
            };
            run.step();
            return run;
          },
          true};
}

}  // namespace

std::vector<Case> sorn_cases() {
  std::vector<Case> all;
  for (const Index ne : {200u, 400u, 1000u})
    all.push_back(sorn_case("sorn.step/ne=" + std::to_string(ne), ne, 1, 5000));
  all.push_back(sorn_case("sorn.step/ne=10000", 10000, 1, 500));
  all.push_back(sorn_case("sorn.step/ne=100000", 100000, 1, 200));
  all.push_back(sorn_case("sorn.step/ne=1000000", 1000000, 1, 60));
  all.push_back(sorn_case("sorn.replicas/ne=200,R=64", 200, 64, 5000));
  all.push_back(build_case(1000000));
  return all;
}

}  // namespace engram::bench
