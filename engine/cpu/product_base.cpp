#define ENGRAM_PRODUCT product_base
#include "engine/cpu/product.ipp"
