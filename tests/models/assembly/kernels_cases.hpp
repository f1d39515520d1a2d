// Sparse areas that are drawn where they run, compared with those of the host.
#pragma once

#include <gtest/gtest.h>

#include "engram/assembly/assembly.hpp"
#include "engram/assembly/build.hpp"

namespace engram::testing_kernels {

inline void expect_areas_made_as_on_the_host(Backend& backend) {
  ASSERT_NE(backend.extension<assembly::Build>(), nullptr);
  const auto cpu = make_backend("cpu", {.threads = 1});
  for (const char* sampler : {"bernoulli", "uniform_masked"})
    for (const char* normalisation : {"in_place", "scaled", "none"})
      for (const double p : {0.0, 0.02, 0.7, 1.0}) {
        SCOPED_TRACE(sampler + std::string(", ") + normalisation + ", p " + std::to_string(p));
        assembly::AreaSpec area;
        area.name = "A";
        area.inputs = {"x"};
        area.n = 1300;  // more than a segment
        area.k = 20;
        area.storage = "sparse";
        area.sampler = sampler;
        area.normalisation = normalisation;
        area.p_synapse = p;
        const assembly::Spec spec{{{"x", 90, 8}}, {{area}}};
        const assembly::Assembly made(backend, spec, {3, 9}), expected(*cpu, spec, {3, 9});
        for (const std::string& name : expected.matrix_names()) EXPECT_EQ(made.matrix(name), expected.matrix(name));
      }
}

}  // namespace engram::testing_kernels
