#define ENGRAM_SORN_LOOPS sorn_loops_v3
#include "sorn_rows.ipp"
