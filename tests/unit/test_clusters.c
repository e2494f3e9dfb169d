/*  test_clusters.c - which mentions become one cluster, under which name and key. A text is written with its mentions in brackets,
    "[P:Kim Jong Un] met [L:Russia]"; what must come out is the key of each mention in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sink/resolve/clusters.h"

typedef struct {
    qw_clusters_t *clusters;
    qw_layers_t *layers;
    char text[1 << 16];
    size_t size;
} fixture_t;

static int set_up (void **state)
{
    static fixture_t fixture;
    fixture.clusters = qw_clusters_new ();
    fixture.layers = qw_layers_new ();
    *state = &fixture;
    return 0;
}

static int tear_down (void **state)
{
    fixture_t *fixture = *state;
    qw_clusters_destroy (&fixture->clusters);
    qw_layers_destroy (&fixture->layers);
    return 0;
}

/* Takes the brackets out, notes the mentions, and resolves. */
static void resolve (fixture_t *fixture, const char *marked)
{
    static const char letters[] = "POLFNRVM"; /* in the order of the types: pRoduct, eVent */
    qw_layers_clear (fixture->layers);
    fixture->size = 0;
    qw_mention_t *open = NULL;
    for (const char *at = marked; *at; at++) {
        if (*at == '[' && at[1] && at[2] == ':') {
            open = qw_layers_add_mention (fixture->layers);
            const char *letter = strchr (letters, at[1]);
            open->type = letter ? (qw_entity_type_t) (letter - letters) : QW_DATE;
            open->span.start = (uint32_t) fixture->size;
            at += 2;
        } else if (*at == ']' && open) {
            open->span.end = (uint32_t) fixture->size;
            open = NULL;
        } else
            fixture->text[fixture->size++] = *at;
    }
    qw_paragraph_t paragraph = {{0, (uint32_t) fixture->size}, QW_ROLE_BODY};
    qw_clusters_resolve (fixture->clusters, fixture->text, fixture->size, &paragraph, 1, fixture->layers);
}

static const char *key_of (const fixture_t *fixture, size_t mention)
{
    static char key[4][256];
    static int turn;
    char *out = key[turn++ % 4];
    uint32_t cluster = fixture->layers->mentions[mention].cluster;
    if (cluster == QW_NO_CLUSTER)
        return "-";
    qw_string_t string = fixture->layers->clusters[cluster].key;
    snprintf (out, sizeof key[0], "%.*s", (int) string.size, qw_layers_string (fixture->layers, string));
    return out;
}

/* `keys`: the key of each mention, separated by blanks. */
static void expect (fixture_t *fixture, const char *marked, const char *keys)
{
    char found[4096] = "";
    resolve (fixture, marked);
    for (size_t i = 0; i < fixture->layers->mention_count; i++) {
        strcat (found, i ? " " : "");
        strcat (found, key_of (fixture, i));
    }
    assert_string_equal (found, keys);
}

static void expect_name (const fixture_t *fixture, uint32_t cluster, const char *name)
{
    qw_string_t string = fixture->layers->clusters[cluster].name;
    assert_int_equal (string.size, strlen (name));
    assert_memory_equal (qw_layers_string (fixture->layers, string), name, string.size);
}

static void a_surname_means_the_person_named_in_full (void **state)
{
    expect (*state, "[P:Mara Velden] spoke. [P:Velden] left.", "person:mara-velden person:mara-velden");
    expect_name (*state, 0, "Mara Velden");
}

static void a_surname_in_the_headline_means_the_person_named_later (void **state)
{
    expect (*state, "[P:Velden] resigns\n\n[P:Mara Velden] resigned.", "person:mara-velden person:mara-velden");
}

static void a_surname_that_stands_first_is_a_surname_too (void **state)
{
    expect (*state, "[P:Choe Ryong Hae] came. [P:Choe] left.", "person:choe-ryong-hae person:choe-ryong-hae");
}

static void spellings_of_a_name_share_their_key (void **state)
{
    expect (*state, "[P:Choe Ryong-hae] [P:CHOE RYONG HAE] [P:Choe Ryong Hae]",
            "person:choe-ryong-hae person:choe-ryong-hae person:choe-ryong-hae");
    expect (*state, "[P:Vladimir V. Putin] [P:Vladimir Putin]", "person:vladimir-putin person:vladimir-putin");
    expect (*state, "[P:José Muñoz] [P:Jose Munoz]", "person:jose-munoz person:jose-munoz");
    expect (*state, "[P:Mr. Ola Berg] [P:Ola Berg]", "person:ola-berg person:ola-berg");
    expect (*state, "[P:O’Neill] [P:O'Neill]", "person:oneill person:oneill");
}

static void a_middle_name_may_be_left_out (void **state)
{
    expect (*state, "[P:Matthew Todd Miller] and [P:Matthew Miller]",
            "person:matthew-todd-miller person:matthew-todd-miller");
}

static void two_people_with_one_surname_stay_two (void **state)
{
    expect (*state, "[P:Kim Jong Un] met [P:Kim Yong-hyun].", "person:kim-jong-un person:kim-yong-hyun");
    expect (*state, "[P:Ada Berg] met [P:Olaf Berg].", "person:ada-berg person:olaf-berg");
}

static void a_shared_surname_means_the_one_spoken_of_last (void **state)
{
    expect (*state, "[P:Ada Berg] met [P:Olaf Berg]. [P:Berg] smiled. [P:Ada Berg] left. [P:Berg] waved.",
            "person:ada-berg person:olaf-berg person:olaf-berg person:ada-berg person:ada-berg");
}

static void a_person_and_a_place_of_one_name_stay_two (void **state)
{
    expect (*state, "[P:Milo Jordan] flew to [L:Jordan]. [P:Jordan] slept.",
            "person:milo-jordan place:jordan person:milo-jordan");
}

static void an_acronym_means_the_name_with_its_initials (void **state)
{
    expect (*state, "The [O:Harbour Workers Union] ([O:HWU]) struck. [O:HWU] won.",
            "org:harbour-workers-union org:harbour-workers-union org:harbour-workers-union");
    expect (*state, "The [O:Bank of the North Sea], [O:B.N.S.]", "org:bank-of-the-north-sea org:bank-of-the-north-sea");
}

static void well_known_names_share_a_key_across_documents (void **state)
{
    expect (*state, "the [L:U.S.] and the [L:United States] and the [L:US]",
            "place:united-states place:united-states place:united-states");
    expect (*state, "The [O:U.N.]", "org:united-nations");
    expect (*state, "the [O:United Nations]", "org:united-nations");
    expect (*state, "[O:KCNA]", "org:korean-central-news-agency");
}

static void the_north_means_the_country_of_the_text (void **state)
{
    expect (*state, "[L:North Korea] and [L:South Korea]: the [L:North] said. The [L:South] said.",
            "place:north-korea place:south-korea place:north-korea place:south-korea");
    expect (*state, "The [L:North] of the country", "place:north");
}

static void a_short_form_of_a_body_is_that_body (void **state)
{
    expect (*state, "the [O:Russian Foreign Ministry]; the [O:Foreign Ministry]",
            "org:russian-foreign-ministry org:russian-foreign-ministry");
    expect (*state, "[O:Velden Steel Inc.] and [O:Velden Steel]", "org:velden-steel org:velden-steel");
}

static void a_word_shared_by_two_bodies_is_neither (void **state)
{
    expect (*state, "[O:Finance Ministry], [O:Health Ministry], [O:Ministry]",
            "org:finance-ministry org:health-ministry org:ministry");
}

static void peoples_and_abbreviated_koreas_have_one_key (void **state)
{
    expect (*state, "[N:North Koreans], [N:N. Korean], [N:North Korean]",
            "norp:north-korean norp:north-korean norp:north-korean");
}

static void the_type_that_comes_most_is_the_cluster_s (void **state)
{
    fixture_t *fixture = *state;
    resolve (fixture, "[O:Velden Group], [O:Velden Group], [L:Velden Group]");
    assert_int_equal (fixture->layers->cluster_count, 1);
    assert_int_equal (fixture->layers->clusters[0].type, QW_ORG);
    assert_int_equal (fixture->layers->mentions[2].type, QW_ORG);
}

static void dates_have_no_cluster (void **state)
{
    expect (*state, "On [D:Friday] [P:Ola Berg]", "- person:ola-berg");
    fixture_t *fixture = *state;
    assert_int_equal (fixture->layers->cluster_count, 1);
    assert_int_equal (fixture->layers->mentions[0].type, QW_DATE);
}

static void marks_alone_have_no_cluster (void **state) { expect (*state, "[P:--] [O:&]", "- org:and"); }

static void possessives_and_articles_do_not_count (void **state)
{
    expect (*state, "[L:Norway's] [L:Norway] [O:The Guild] [O:Guild] [L:Norway’s]",
            "place:norway place:norway org:guild org:guild place:norway");
}

static void clusters_stand_in_order_of_their_first_mention (void **state)
{
    fixture_t *fixture = *state;
    resolve (fixture, "[L:Oslo] [P:Berg] [L:Rome] [P:Ola Berg]");
    assert_int_equal (fixture->layers->cluster_count, 3);
    assert_string_equal (key_of (fixture, 0), "place:oslo");
    expect_name (fixture, 0, "Oslo");
    expect_name (fixture, 1, "Ola Berg");
    expect_name (fixture, 2, "Rome");
}

static void expect_gender (fixture_t *fixture, const char *marked, qw_gender_t gender)
{
    resolve (fixture, marked);
    assert_int_equal (qw_clusters_gender (fixture->clusters, fixture->layers->mentions[0].cluster), gender);
}

static void titles_names_and_pronouns_tell_the_gender (void **state)
{
    expect_gender (*state, "[P:Robert King] came.", QW_MALE);
    expect_gender (*state, "[P:Susan King] came.", QW_FEMALE);
    expect_gender (*state, "Mrs. [P:Xuvel] came.", QW_FEMALE);
    expect_gender (*state, "Mr [P:Xuvel] came.", QW_MALE);
    expect_gender (*state, "[P:Ri Xuvel] said that she would come.", QW_FEMALE);
    expect_gender (*state, "[P:Ri Xuvel] said. [P:Olo Ptak] took his hat.", QW_GENDER_UNKNOWN);
    expect_gender (*state, "[O:Velden Steel] said he", QW_GROUP);
    expect_gender (*state, "[L:Oslo] he", QW_GENDER_UNKNOWN);
}

static void the_same_mentions_give_the_same_clusters_whatever_came_before (void **state)
{
    static const char *const text = "[P:Ada Berg], [O:HWU], the [O:Harbour Workers Union], [P:Berg], [L:Rome]";
    fixture_t *fixture = *state;
    char first[4096] = "", again[4096] = "";
    resolve (fixture, text);
    for (size_t i = 0; i < fixture->layers->mention_count; i++)
        strcat (strcat (first, key_of (fixture, i)), " ");
    for (int i = 0; i < 200; i++)
        fixture->text[i] = 'x';
    resolve (fixture, "[P:Olaf Berg], [O:Head Water Utility], [P:Rome]");
    resolve (fixture, text);
    for (size_t i = 0; i < fixture->layers->mention_count; i++)
        strcat (strcat (again, key_of (fixture, i)), " ");
    assert_string_equal (first, again);
}

/* Thousands of people of one surname: the time stays bounded, and every mention has a cluster. */
static void a_crowd_of_one_name_is_resolved (void **state)
{
    enum { CROWD = 20000 };
    fixture_t *fixture = *state;
    char *text = malloc (CROWD * 24);
    size_t size = 0;
    assert_non_null (text);
    qw_layers_clear (fixture->layers);
    for (int i = 0; i < CROWD; i++) {
        qw_mention_t *mention = qw_layers_add_mention (fixture->layers);
        mention->type = QW_PERSON;
        mention->span.start = (uint32_t) size;
        if (i % 2 == 0)
            size += (size_t) sprintf (text + size, "A%c%c%c ", 'a' + i / 2 % 26, 'a' + i / 52 % 26, 'a' + i / 1352 % 26);
        size += (size_t) sprintf (text + size, "Kim");
        mention->span.end = (uint32_t) size;
        text[size++] = ' ';
    }
    qw_clusters_resolve (fixture->clusters, text, size, NULL, 0, fixture->layers);
    for (int i = 0; i < CROWD; i++)
        assert_true (fixture->layers->mentions[i].cluster < fixture->layers->cluster_count);
    assert_true (fixture->layers->cluster_count >= CROWD / 2);
    free (text);
}

static void a_name_without_end_keeps_within_bounds (void **state)
{
    fixture_t *fixture = *state;
    memset (fixture->text, 'x', sizeof fixture->text);
    for (size_t i = 5; i < sizeof fixture->text; i += 6)
        fixture->text[i] = ' ';
    qw_layers_clear (fixture->layers);
    *qw_layers_add_mention (fixture->layers) = (qw_mention_t) {{0, sizeof fixture->text}, QW_ORG, QW_NO_CLUSTER};
    qw_clusters_resolve (fixture->clusters, fixture->text, sizeof fixture->text, NULL, 0, fixture->layers);
    assert_int_equal (fixture->layers->cluster_count, 1);
    assert_true (fixture->layers->clusters[0].key.size < 256);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_surname_means_the_person_named_in_full),
        cmocka_unit_test (a_surname_in_the_headline_means_the_person_named_later),
        cmocka_unit_test (a_surname_that_stands_first_is_a_surname_too),
        cmocka_unit_test (spellings_of_a_name_share_their_key),
        cmocka_unit_test (a_middle_name_may_be_left_out),
        cmocka_unit_test (two_people_with_one_surname_stay_two),
        cmocka_unit_test (a_shared_surname_means_the_one_spoken_of_last),
        cmocka_unit_test (a_person_and_a_place_of_one_name_stay_two),
        cmocka_unit_test (an_acronym_means_the_name_with_its_initials),
        cmocka_unit_test (well_known_names_share_a_key_across_documents),
        cmocka_unit_test (the_north_means_the_country_of_the_text),
        cmocka_unit_test (a_short_form_of_a_body_is_that_body),
        cmocka_unit_test (a_word_shared_by_two_bodies_is_neither),
        cmocka_unit_test (peoples_and_abbreviated_koreas_have_one_key),
        cmocka_unit_test (the_type_that_comes_most_is_the_cluster_s),
        cmocka_unit_test (dates_have_no_cluster),
        cmocka_unit_test (marks_alone_have_no_cluster),
        cmocka_unit_test (possessives_and_articles_do_not_count),
        cmocka_unit_test (clusters_stand_in_order_of_their_first_mention),
        cmocka_unit_test (titles_names_and_pronouns_tell_the_gender),
        cmocka_unit_test (the_same_mentions_give_the_same_clusters_whatever_came_before),
        cmocka_unit_test (a_crowd_of_one_name_is_resolved),
        cmocka_unit_test (a_name_without_end_keeps_within_bounds),
    };
    return cmocka_run_group_tests (tests, set_up, tear_down);
}
