/*  test_blocks_plain.c - the same for processors without SSE2. */
#define QW_BLOCKS_PLAIN
#include "test_blocks.c"
