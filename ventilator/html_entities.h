#ifndef QW_HTML_ENTITIES_H
#define QW_HTML_ENTITIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The character that "&name;" stands for, `name` without NUL characters; `bare`: it stands there without the
 * semicolon, which only the oldest names may. 0: none. */
uint32_t qw_html_entity (const char *name, size_t size, bool bare);

#endif
