/*  html_encoding.h - the encoding of a page from the web, and its conversion to UTF-8. */
#ifndef QW_HTML_ENCODING_H
#define QW_HTML_ENCODING_H

#include "ventilator/encoding.h"

/* Makes UTF-8 of a page. A byte order mark is believed first, then that the bytes are UTF-8, then `charset` (from
 * HTTP; data NULL: none), then the page's own meta element, then the guess of qw_encoding_to_utf8. The names are taken
 * as browsers do (what calls itself Latin-1 is windows-1252), and single wrong bytes become U+FFFD. UTF-8 is left
 * where it is and `encoding` is empty. */
qw_status_t qw_html_to_utf8 (qw_bytes_t bytes, qw_bytes_t charset, qw_buffer_t *into, qw_bytes_t *text,
                             char encoding[QW_ENCODING_NAME], qw_reason_t *reason);

#endif
