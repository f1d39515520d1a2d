#define ENGRAM_WALK_ROWS walk_rows_v3
#include "sorn_rows.ipp"
