#define ENGRAM_SORN_LOOPS sorn_loops_v3
#include "engine/models/sorn/cpu/rows.ipp"
