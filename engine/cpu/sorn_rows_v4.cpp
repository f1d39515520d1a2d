#define ENGRAM_WALK_ROWS walk_rows_v4
#include "sorn_rows.ipp"
