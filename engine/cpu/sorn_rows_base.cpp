#define ENGRAM_SORN_LOOPS sorn_loops_base
#include "sorn_rows.ipp"
