#define ENGRAM_PRODUCT product_v4
#include "engine/cpu/product.ipp"
