#define ENGRAM_SORN_LOOPS sorn_loops_base
#include "engine/models/sorn/cpu/rows.ipp"
