/*  test_language.c - which texts look English. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ventilator/language.h"

static void expect (bool english, const char *text) { assert_int_equal (qw_language_is_english (text, strlen (text)), english); }

static void english_is_known (void **state)
{
    (void) state;
    expect (true, "The council said on Monday that the bridge would stay closed for repairs until the end of the summer, and that "
                  "drivers should use the old road by the harbour.");
    expect (true, "THE COUNCIL SAID ON MONDAY THAT THE BRIDGE WOULD STAY CLOSED FOR REPAIRS UNTIL THE END OF THE SUMMER, AND THAT "
                  "DRIVERS SHOULD USE THE OLD ROAD BY THE HARBOUR.");
    expect (true, "Nkosazana Dlamini, Thandeka Zulu, Sipho Ndlovu, Bongani Mokoena, Lerato Khumalo and Themba Nkosi said that the "
                  "court in Mthatha would hear them.");
}

static void others_are_told_from_it (void **state)
{
    (void) state;
    expect (false, "Der Rat teilte am Montag mit, die Brücke bleibe bis zum Ende des Sommers gesperrt, und die Fahrer sollten die "
                   "alte Straße am Hafen nehmen. Es war in der Nacht so kalt, was man an dem Eis sah.");
    expect (false, "De raad meldde maandag dat de brug tot het einde van de zomer gesloten blijft voor herstel en dat automobilisten "
                   "de oude weg langs de haven moeten nemen.");
    expect (false, "Rådet meddelade på måndagen att bron hålls stängd till slutet av sommaren och att förarna bör ta den gamla vägen "
                   "vid hamnen.");
    expect (false, "El consejo dijo el lunes que el puente seguirá cerrado por obras hasta el final del verano y que los conductores "
                   "deben tomar la vieja carretera del puerto.");
    expect (false, "Совет сообщил в понедельник, что мост останется закрытым на ремонт до конца лета.");
    expect (false, "市议会周一表示,这座桥将关闭维修至夏季结束,司机应使用港口旁的旧路。");
}

static void too_little_says_nothing (void **state)
{
    (void) state;
    expect (true, "");
    expect (true, "Der Rat teilte am Montag mit.");
    expect (true, "市议会");
    expect (true, "12:30 14:45 1,000 $5");
}

static void only_the_front_is_looked_at (void **state)
{
    (void) state;
    static char text[100000];
    static const char english[] = "the man said that ", other[] = "der mann sagte dass ";
    size_t size = 0;
    while (size < 4000)
        size += strlen (strcpy (text + size, english));
    while (size < 50000)
        size += strlen (strcpy (text + size, other));
    assert_true (qw_language_is_english (text, size));
    text[2999] = '\xc3'; /* half a character at the border */
    assert_true (qw_language_is_english (text, 3000));
}

/* Each word that tells must be told, also at the end of the text and at the border of what is read at once. */
static void each_little_word_counts (void **state)
{
    (void) state;
    static const char *const words[] = {"the", "and", "to", "that", "with", "for", "said", "from", "it", "his", "he", "has", "have",
                                        "this", "which", "were", "are", "not", "but", "they", "their", "would", "who", "after",
                                        "its", "as", "will", "of", "in", "on", "by"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        for (size_t shift = 0; shift < 80; shift++) {
            char text[300] = "";
            memset (text, '.', shift);
            for (int other = 0; other < 27; other++)
                strcat (text, "zzz ");
            strcat (strcat (strcat (text, words[i]), " "), words[i]);
            expect (false, text); /* 2 of 29 */
            strcat (strcat (text, "-"), words[i]);
            expect (true, text);
        }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (english_is_known),
        cmocka_unit_test (others_are_told_from_it),
        cmocka_unit_test (too_little_says_nothing),
        cmocka_unit_test (only_the_front_is_looked_at),
        cmocka_unit_test (each_little_word_counts),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
