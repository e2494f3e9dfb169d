#include <string.h>
#include <utf8proc.h>

#include "sink/export/format.h"

static const qw_export_format_t *const formats[] = {&qw_export_jsonl, &qw_export_conllu, &qw_export_brat,
                                                    &qw_export_tei,   &qw_export_webanno, &qw_export_csv};

const qw_export_format_t *qw_export_format_of_name (const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp (formats[i]->name, name) == 0)
            return formats[i];
    return NULL;
}

bool qw_export_is_break (uint32_t point)
{
    return (point >= '\t' && point <= '\r') || (point >= 0x1c && point <= 0x1e) || point == 0x85 || point == 0x2028
           || point == 0x2029;
}

bool qw_export_is_white (uint32_t point)
{
    return qw_export_is_break (point) || point == 0x1f
           || utf8proc_category ((utf8proc_int32_t) point) == UTF8PROC_CATEGORY_ZS;
}

void qw_export_put_line (qw_json_out_t *out, qw_bytes_t text)
{
    for (size_t i = 0, taken; i < text.size; i += taken) {
        bool is_break = qw_export_is_break (qw_utf8_decode (text.data + i, text.size - i, &taken));
        qw_json_put_raw (out, is_break ? " " : text.data + i, is_break ? 1 : taken);
    }
}
