// All of engram: the models, and runs of experiments.
#pragma once

#include "engram/assembly/simulator.hpp"
#include "engram/attractor/analysis.hpp"
#include "engram/backend.hpp"
#include "engram/calculus/parser.hpp"
#include "engram/run/config_reader.hpp"
#include "engram/run/simulation.hpp"
#include "engram/sorn/analysis.hpp"
#include "engram/version.hpp"
