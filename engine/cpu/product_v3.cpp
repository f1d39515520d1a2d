#define ENGRAM_PRODUCT product_v3
#include "engine/cpu/product.ipp"
