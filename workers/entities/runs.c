#include "workers/entities/runs.h"

static const char *const amounts[] = {"million", "millions", "billion", "billions", "trillion", "trillions", "mln", "bln", "bn",
                                      "crore", "crores", "lakh", "dollar", "dollars", "dlr", "dlrs", "cents", "euro", "euros",
                                      "pound", "pounds", "yen", "yuan", "won", "rand", "franc", "francs", "rupee", "rupees",
                                      "peso", "pesos", "dinar", "dinars", "naira", "ringgit", "baht", "rupiah", "rubles",
                                      "roubles", "lira", "shillings", "riyals", "dirhams", "krona"};

void qw_amounts_init (qw_amounts_t *self)
{
    enum { COUNT = sizeof amounts / sizeof *amounts };
    _Static_assert (COUNT < sizeof self->hashes / sizeof *self->hashes, "room for the 0 at the end");
    *self = (qw_amounts_t) {{0}, {0}};
    for (int i = 0; i < COUNT; i++) {
        uint64_t hash = qw_word_hash (amounts[i], strlen (amounts[i]));
        self->hashes[i] = hash;
        self->bits[hash >> 6 & 15] |= (uint64_t) 1 << (hash & 63);
    }
}

bool qw_amounts_have_indeed (const qw_amounts_t *self, uint64_t exact)
{
    for (const uint64_t *hash = self->hashes; *hash; hash++)
        if (*hash == exact)
            return true;
    return false;
}

size_t qw_runs_find (const uint8_t *signs, size_t first, size_t end, qw_run_t *runs)
{
    size_t count = 0, done = first; /* the end of the last run: not joined to what stands before it */
    for (size_t i = first; i < end; i++) {
        if (!(signs[i] & (QW_SIGN_STANDS_OUT | QW_SIGN_AMOUNT)))
            continue;
        size_t reach = signs[i] & QW_SIGN_AMOUNT ? 2 : 1;
        size_t from = i - first < reach ? first : i - reach, to = end - i <= reach ? end : i + reach + 1;
        while (from > done && (signs[from] & QW_SIGN_JOINED))
            from--;
        for (to = to > done ? to : done; to < end && (signs[to] & QW_SIGN_JOINED);)
            to++;
        if (count == 0 || from > done)
            runs[count++].first = (uint32_t) from;
        runs[count - 1].end = (uint32_t) (done = to);
    }
    return count;
}
