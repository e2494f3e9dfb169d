/*  xml_out.h - text as it may stand in XML 1.0. */
#ifndef QW_EXPORT_XML_OUT_H
#define QW_EXPORT_XML_OUT_H

#include "proto/json_out.h"

/* True for what XML cannot have at all, not even as a reference: most control characters, U+FFFE and U+FFFF. */
bool qw_xml_is_illegal (uint32_t point);

/* Puts text (valid UTF-8), inside an element or an attribute; U+FFFD stands for what is illegal. Carriage returns, and in
 * attributes tabs and line feeds, are written as references, because a reader would change them. */
void qw_xml_put_text (qw_json_out_t *out, qw_bytes_t text);
void qw_xml_put_attribute (qw_json_out_t *out, const char *name, qw_bytes_t value);

/* <name>text</name>; nothing for data NULL. */
void qw_xml_put_element (qw_json_out_t *out, const char *name, qw_bytes_t text);

#endif
