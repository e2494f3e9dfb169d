/*  assets.h - the page's files, which stand in page/ and are built into the program. */
#ifndef QW_WEB_ASSETS_H
#define QW_WEB_ASSETS_H

#include <stddef.h>

typedef struct {
    const char *name; /* "index.html" */
    const char *type; /* "text/html; charset=utf-8" */
    const unsigned char *data;
    size_t size;
} qw_web_asset_t;

/* In order of name. */
extern const qw_web_asset_t qw_web_assets[];
extern const size_t qw_web_asset_count;

#endif
