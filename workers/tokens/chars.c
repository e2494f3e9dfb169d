#include "workers/tokens/chars.h"

#include <stddef.h>

#define SP QW_CHAR_SPACE
#define LO QW_CHAR_LOWER
#define UP QW_CHAR_UPPER
#define DI QW_CHAR_DIGIT
#define AP QW_CHAR_APOSTROPHE
#define QU QW_CHAR_QUOTE
#define HY QW_CHAR_HYPHEN
#define DO QW_CHAR_DOT
#define CO QW_CHAR_COMMA
#define CL QW_CHAR_COLON
#define SE QW_CHAR_SEMICOLON
#define MA QW_CHAR_MARK
#define OP QW_CHAR_OPEN
#define CE QW_CHAR_CLOSE
#define CU QW_CHAR_CURRENCY
#define SL QW_CHAR_SLASH
#define SY QW_CHAR_SYMBOL
#define HI QW_CHAR_HIGH
#define HIGH_ROW HI, HI, HI, HI, HI, HI, HI, HI, HI, HI, HI, HI, HI, HI, HI, HI

const uint8_t qw_char_of_byte[256] = {
    SY, SY, SY, SY, SY, SY, SY, SY, SY, SP, SP, SP, SP, SP, SY, SY, /* 0x00, with tab to carriage return */
    SY, SY, SY, SY, SY, SY, SY, SY, SY, SY, SY, SY, SP, SP, SP, SP, /* 0x10 */
    SP, MA, QU, SY, CU, SY, SY, AP, OP, CE, SY, SY, CO, HY, DO, SL, /* 0x20:  !"#$%&'()*+,-./ */
    DI, DI, DI, DI, DI, DI, DI, DI, DI, DI, CL, SE, SY, SY, SY, MA, /* 0x30: 0-9:;<=>? */
    SY, UP, UP, UP, UP, UP, UP, UP, UP, UP, UP, UP, UP, UP, UP, UP, /* 0x40: @A-O */
    UP, UP, UP, UP, UP, UP, UP, UP, UP, UP, UP, OP, SY, CE, SY, SY, /* 0x50: P-Z[\]^_ */
    AP, LO, LO, LO, LO, LO, LO, LO, LO, LO, LO, LO, LO, LO, LO, LO, /* 0x60: `a-o */
    LO, LO, LO, LO, LO, LO, LO, LO, LO, LO, LO, OP, SY, CE, SY, SY, /* 0x70: p-z{|}~ */
    HIGH_ROW, HIGH_ROW, HIGH_ROW, HIGH_ROW, HIGH_ROW, HIGH_ROW, HIGH_ROW, HIGH_ROW};

typedef struct {
    uint32_t first, last;
    qw_char_t kind;
} range_t;

/* U+2000 to U+206F, the block that nearly all of the marks in news text come from, by code point. */
static const uint8_t general_punctuation[112] = {
    SP, SP, SP, SP, SP, SP, SP, SP, SP, SP, SP, SP, LO, LO, LO, LO,                                         /* 2000 */
    HY, HY, QW_CHAR_DASH, QW_CHAR_DASH, QW_CHAR_DASH, QW_CHAR_DASH, SY, SY, AP, AP, AP, AP, QU, QU, QU, QU, /* 2010 */
    SY, SY, SY, SY, DO, DO, QW_CHAR_STOP, SY, SP, SP, LO, LO, LO, LO, LO, SP,                               /* 2020 */
    SY, SY, AP, QU, QU, AP, QU, QU, SY, QU, QU, SY, MA, MA, SY, SY,                                         /* 2030 */
    SY, SY, SY, SY, SL, OP, CE, MA, MA, MA, SY, SY, SY, SY, SY, SY,                                         /* 2040 */
    SY, SY, SY, SY, SY, SY, SY, SY, SY, SY, SY, SY, SY, SY, SY, SP,                                         /* 2050 */
    SP, LO, LO, LO, LO, LO, LO, LO, LO, LO, LO, LO, LO, LO, LO, LO};                                        /* 2060 */

/* The rest, in order. What is not listed is a letter. */
static const range_t ranges[] = {
    {0x80, 0x84, SY},
    {0x85, 0x85, SP},
    {0x86, 0x9f, SY},
    {0xa0, 0xa0, SP},
    {0xa1, 0xa1, OP}, /* inverted exclamation mark */
    {0xa2, 0xa5, CU},
    {0xa6, 0xa9, SY},
    {0xab, 0xab, QU},
    {0xac, 0xac, SY},
    {0xae, 0xb1, SY},
    {0xb2, 0xb3, DI},
    {0xb4, 0xb4, AP},
    {0xb6, 0xb8, SY},
    {0xb9, 0xb9, DI},
    {0xbb, 0xbb, QU},
    {0xbc, 0xbe, DI},
    {0xbf, 0xbf, OP},
    {0xc0, 0xd6, UP},
    {0xd7, 0xd7, SY},
    {0xd8, 0xde, UP},
    {0xf7, 0xf7, SY},
    {0x2bb, 0x2bd, AP},
    {0x37e, 0x37e, SE},
    {0x386, 0x38f, UP},
    {0x391, 0x3ab, UP},
    {0x400, 0x42f, UP},
    {0x531, 0x556, UP},
    {0x589, 0x589, QW_CHAR_STOP},
    {0x60c, 0x60c, CO},
    {0x61b, 0x61b, SE},
    {0x61f, 0x61f, QW_CHAR_STOP},
    {0x660, 0x669, DI},
    {0x6d4, 0x6d4, QW_CHAR_STOP},
    {0x6f0, 0x6f9, DI},
    {0x964, 0x965, QW_CHAR_STOP},
    {0x966, 0x96f, DI},
    {0x1680, 0x1680, SP},
    {0x20a0, 0x20cf, CU},
    {0x2100, 0x2101, SY},
    {0x2116, 0x2116, SY},
    {0x2120, 0x2122, SY},
    {0x2150, 0x215f, DI},
    {0x2190, 0x2bff, SY},
    {0x3000, 0x3000, SP},
    {0x3001, 0x3001, CO},
    {0x3002, 0x3002, QW_CHAR_STOP},
    {0x3003, 0x3004, SY},
    {0x3008, 0x3011, QU},
    {0x3012, 0x3013, SY},
    {0x3014, 0x301b, OP},
    {0x301c, 0x301c, QW_CHAR_DASH},
    {0x301d, 0x301f, QU},
    {0x3030, 0x3030, QW_CHAR_DASH},
    {0xd800, 0xf8ff, SY},
    {0xfe10, 0xfe1f, SY},
    {0xfe30, 0xfe6f, SY},
    {0xfeff, 0xfeff, SP},
    {0xff01, 0xff01, QW_CHAR_STOP},
    {0xff02, 0xff02, QU},
    {0xff03, 0xff06, SY},
    {0xff07, 0xff07, AP},
    {0xff08, 0xff08, OP},
    {0xff09, 0xff09, CE},
    {0xff0a, 0xff0b, SY},
    {0xff0c, 0xff0c, CO},
    {0xff0d, 0xff0d, HY},
    {0xff0e, 0xff0e, QW_CHAR_STOP},
    {0xff0f, 0xff0f, SL},
    {0xff10, 0xff19, DI},
    {0xff1a, 0xff1a, CL},
    {0xff1b, 0xff1b, SE},
    {0xff1c, 0xff1e, SY},
    {0xff1f, 0xff1f, QW_CHAR_STOP},
    {0xff20, 0xff20, SY},
    {0xff21, 0xff3a, UP},
    {0xff3b, 0xff3b, OP},
    {0xff3c, 0xff3c, SY},
    {0xff3d, 0xff3d, CE},
    {0xff3e, 0xff40, SY},
    {0xff5b, 0xff5b, OP},
    {0xff5c, 0xff5c, SY},
    {0xff5d, 0xff5d, CE},
    {0xff5e, 0xff60, SY},
    {0xff61, 0xff61, QW_CHAR_STOP},
    {0xff62, 0xff63, QU},
    {0xff64, 0xff64, CO},
    {0xffe0, 0xffe6, CU},
    {0xfff0, 0xffff, SY},
    {0x1f000, 0x1faff, SY},
    {0xe0000, 0x10ffff, SY},
};

qw_char_t qw_char_of_point (uint32_t point)
{
    if (point >= 0x2000 && point < 0x2070)
        return (qw_char_t) general_punctuation[point - 0x2000];
    if (point >= 0x100 && point < 0x180) /* Latin Extended-A: capitals and small letters take turns */
        return ((point >= 0x139 && point <= 0x148) || point >= 0x179) == (point & 1) ? QW_CHAR_UPPER : QW_CHAR_LOWER;
    if (point >= 0x3040 && point < 0xd800) /* kana, ideographs, Hangul */
        return QW_CHAR_LOWER;
    size_t low = 0, high = sizeof ranges / sizeof *ranges;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (ranges[middle].last < point)
            low = middle + 1;
        else
            high = middle;
    }
    return low < sizeof ranges / sizeof *ranges && ranges[low].first <= point ? ranges[low].kind : QW_CHAR_LOWER;
}
