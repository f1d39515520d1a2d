// Tests of a device say why they are skipped where there is none.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>

#include "engram/backend.hpp"

/// Prints what ctest looks for, so that a skipped test is seen.
#define NEEDS_CUDA                                                        \
  if (const std::string why = engram::cuda_unavailable(); !why.empty()) { \
    std::printf("SKIPPED: no CUDA device: %s\n", why.c_str());            \
    GTEST_SKIP() << why;                                                  \
  }
