#include "sink/export/xml_out.h"

#include "proto/utf8.h"

bool qw_xml_is_illegal (uint32_t point)
{
    return (point < 0x20 && point != '\t' && point != '\n' && point != '\r') || point == 0xfffe || point == 0xffff;
}

static const char *reference_of (uint32_t point, bool attribute)
{
    switch (point) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '\r':
        return "&#13;";
    case '"':
        return attribute ? "&quot;" : NULL;
    case '\t':
        return attribute ? "&#9;" : NULL;
    case '\n':
        return attribute ? "&#10;" : NULL;
    default:
        return qw_xml_is_illegal (point) ? "\xef\xbf\xbd" : NULL;
    }
}

static void put (qw_json_out_t *out, qw_bytes_t text, bool attribute)
{
    size_t done = 0;
    for (size_t i = 0, taken; i < text.size; i += taken) {
        uint32_t point = qw_utf8_decode (text.data + i, text.size - i, &taken);
        const char *reference = reference_of (point, attribute);
        if (!reference)
            continue;
        qw_json_put_raw (out, text.data + done, i - done);
        qw_json_put_text (out, reference);
        done = i + taken;
    }
    qw_json_put_raw (out, text.data + done, text.size - done);
}

void qw_xml_put_text (qw_json_out_t *out, qw_bytes_t text) { put (out, text, false); }

void qw_xml_put_attribute (qw_json_out_t *out, const char *name, qw_bytes_t value)
{
    qw_json_put_text (out, " ");
    qw_json_put_text (out, name);
    qw_json_put_text (out, "=\"");
    put (out, value, true);
    qw_json_put_text (out, "\"");
}

void qw_xml_put_element (qw_json_out_t *out, const char *name, qw_bytes_t text)
{
    if (!text.data)
        return;
    qw_json_put_text (out, "<");
    qw_json_put_text (out, name);
    qw_json_put_text (out, ">");
    qw_xml_put_text (out, text);
    qw_json_put_text (out, "</");
    qw_json_put_text (out, name);
    qw_json_put_text (out, ">");
}
