#define ENGRAM_WALK_ROWS walk_rows_base
#include "sorn_rows.ipp"
