#define ENGRAM_SORN_LOOPS sorn_loops_v4
#include "sorn_rows.ipp"
