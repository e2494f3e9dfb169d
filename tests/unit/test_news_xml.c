#include "news_fixture.h"

static const char rss[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"\n"
    "  xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:media=\"http://search.yahoo.com/mrss/\">\n"
    "<channel><title>Harbour &amp;amp; Hill Gazette</title><link>https://gazette.example/</link>\n"
    "<language>en-GB</language><image><title>Logo</title><link>https://gazette.example/logo</link></image>\n"
    "<item><title>Ferry fares &amp;#8216;to fall&amp;#8217;</title><link>https://gazette.example/fares</link>\n"
    "<guid isPermaLink=\"false\">4711</guid><dc:creator>Ada Quill</dc:creator><dc:creator>Ben Reed</dc:creator>\n"
    "<pubDate>Mon, 11 Mar 2024 13:45:00 +0100</pubDate><media:title>A picture</media:title>\n"
    "<description>Fares fall.</description>\n"
    "<content:encoded><![CDATA[<p>Fares will fall, <b>Mayor Lund</b> said.</p><script>x()</script>\n"
    "<p>&#8220;We listened,&#8221; she&nbsp;said.<br>It is done.</p><figure><img src='a.jpg'><figcaption>The\n"
    "ferry.</figcaption></figure>]]></content:encoded></item>\n"
    "<item><title>Teaser</title><link>https://gazette.example/t</link>\n"
    "<description>Only the start of it &#8230;</description></item>\n"
    "</channel></rss>\n";

static void a_feed_with_content_becomes_articles (void **state)
{
    (void) state;
    static const size_t pieces[] = {100000, 37, 1};
    for (size_t i = 0; i < 3; i++) {
        news_t news;
        open_news (&news, rss, sizeof rss - 1, pieces[i]);
        assert_true (next_news (&news));
        expect_text (&news, "Ferry fares \xe2\x80\x98to fall\xe2\x80\x99\n\nBy Ada Quill, Ben Reed\n\n"
                            "Fares will fall, Mayor Lund said.\n\n\xe2\x80\x9cWe listened,\xe2\x80\x9d she\xc2\xa0said.\n"
                            "It is done.\n\nThe ferry.");
        assert_int_equal (news.item->number, 1);
        expect_bytes (news.item->id, "https://gazette.example/#4711");
        assert_string_equal (value_of (&news, "title"), "Ferry fares \xe2\x80\x98to fall\xe2\x80\x99");
        assert_string_equal (value_of (&news, "byline"), "Ada Quill, Ben Reed");
        assert_string_equal (value_of (&news, "published"), "2024-03-11T13:45:00+01:00");
        assert_string_equal (value_of (&news, "outlet"), "Harbour & Hill Gazette");
        assert_string_equal (value_of (&news, "language"), "en-GB");
        assert_string_equal (value_of (&news, "url"), "https://gazette.example/fares");
        assert_string_equal (value_of (&news, "guid"), "4711");
        expect_failure (&news, "teaser");
        assert_non_null (strstr (news.item->failed, "https://gazette.example/t"));
        expect_bytes (news.item->id, "https://gazette.example/t");
        assert_int_equal (news.item->number, 2);
        expect_end (&news);
        expect_end (&news);
        close_news (&news);
    }
}

static void expect_description (size_t bytes, const char *end, bool counts)
{
    char xml[3000], text[2000];
    for (size_t i = 0; i < bytes; i++)
        text[i] = i % 6 == 5 ? ' ' : 'w';
    snprintf (text + bytes, sizeof text - bytes, "%s", end);
    snprintf (xml, sizeof xml, "<rss><channel><item><title>T</title><description>%s</description></item></channel></rss>",
              text);
    news_t news;
    open_news (&news, xml, strlen (xml), 100000);
    if (counts) {
        assert_true (next_news (&news));
        assert_null (news.item->failed);
        assert_null (news.item->id.data); /* nothing tells it from others but its text */
    } else
        expect_failure (&news, "teaser");
    close_news (&news);
}

static void a_long_description_is_the_article_and_a_cut_one_is_not (void **state)
{
    (void) state;
    expect_description (790, "end.", false);
    expect_description (900, "end.", true);
    expect_description (900, "end...", false);
    expect_description (900, "[\xe2\x80\xa6]", false);
}

static void rss_1_items_stand_beside_their_channel (void **state)
{
    (void) state;
    static const char xml[] =
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'\n"
        " xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:c='http://purl.org/rss/1.0/modules/content/'>\n"
        "<channel rdf:about='https://a.example/rss'><title>Delta Post</title><link>https://a.example/</link>"
        "<dc:language>en</dc:language></channel>\n"
        "<item rdf:about='https://a.example/1?a=1&amp;b=2'><title>One</title><link>https://a.example/1?a=1&amp;b=2</link>"
        "<dc:date>2024-03-11T10:00Z</dc:date><c:encoded>&lt;p&gt;First.&lt;/p&gt;&lt;p&gt;A &amp;amp; B.&lt;/p&gt;"
        "</c:encoded></item></rdf:RDF>";
    news_t news;
    open_news (&news, xml, sizeof xml - 1, 100000);
    assert_true (next_news (&news));
    expect_text (&news, "One\n\nFirst.\n\nA & B.");
    expect_bytes (news.item->id, "https://a.example/1?a=1&b=2");
    assert_string_equal (value_of (&news, "published"), "2024-03-11T10:00:00Z");
    assert_string_equal (value_of (&news, "outlet"), "Delta Post");
    assert_string_equal (value_of (&news, "language"), "en");
    expect_end (&news);
    close_news (&news);
}

static void atom_content_is_html_xhtml_or_text (void **state)
{
    (void) state;
    static const char xml[] =
        "<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='en'><title>Lantern</title><id>tag:l.example,2024:feed</id>\n"
        "<link rel='self' href='https://l.example/atom'/><link href='https://l.example/'/>"
        "<author><name>The desk</name></author>\n"
        "<entry><id>tag:l.example,2024:1</id><title type='html'>&lt;i&gt;Bees&lt;/i&gt; are back</title>\n"
        "<link href='https://l.example/edit' rel='edit'/><link rel='alternate' href='https://l.example/1'/>\n"
        "<updated>2024-03-12T08:00:00Z</updated><published>2024-03-11T08:00:00-05:00</published>\n"
        "<author><name>Cy Vane</name></author><summary>Short.</summary>\n"
        "<content type='html'>&lt;p&gt;One.&lt;/p&gt;&lt;ul&gt;&lt;li&gt;two&lt;li&gt;three&lt;/ul&gt;</content></entry>\n"
        "<entry><id>tag:l.example,2024:2</id><title>X</title><updated>2024-03-12T08:00:00Z</updated>\n"
        "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>He said <q>no, <q>never</q> </q>.</p>"
        "<p>End.</p></div></content></entry>\n"
        "<entry><id>tag:l.example,2024:3</id><title>Y</title><content>Line one.\nLine two.</content></entry></feed>";
    news_t news;
    open_news (&news, xml, sizeof xml - 1, 11);
    assert_true (next_news (&news));
    expect_text (&news, "Bees are back\n\nBy Cy Vane\n\nOne.\n\ntwo\n\nthree");
    expect_bytes (news.item->id, "tag:l.example,2024:1");
    assert_string_equal (value_of (&news, "url"), "https://l.example/1");
    assert_string_equal (value_of (&news, "published"), "2024-03-11T08:00:00-05:00");
    assert_string_equal (value_of (&news, "outlet"), "Lantern");
    assert_true (next_news (&news));
    expect_text (&news, "X\n\nBy The desk\n\nHe said \xe2\x80\x9cno, \xe2\x80\x98never\xe2\x80\x99\xe2\x80\x9d.\n\nEnd.");
    assert_string_equal (value_of (&news, "published"), "2024-03-12T08:00:00Z");
    assert_true (next_news (&news));
    expect_text (&news, "Y\n\nBy The desk\n\nLine one.\nLine two.");
    expect_end (&news);
    close_news (&news);
}

static const char nitf[] =
    "<?xml version='1.0' encoding='ISO-8859-1'?>\n<!DOCTYPE nitf SYSTEM 'http://wire.example/nitf-3-4.dtd'>\n"
    "<nitf><head><title>Slug</title><docdata><doc-id id-string='A17' regsrc='WIRE'/><date.issue norm='20240311T134500Z'/>\n"
    "</docdata><pubdata name='Wire of the North' date.publication='20240312'/></head>\n"
    "<body><body.head><hedline><hl1>Dam <em>holds</em>,\n engineers say</hl1><hl2>River still rising</hl2></hedline>\n"
    "<byline>By <person>Jos\xe9 Field</person><byttl>Staff Writer</byttl></byline>\n"
    "<dateline><location>KELD</location>, <story.date>March 11</story.date></dateline></body.head>\n"
    "<body.content><block><p>The dam &mdash; built in 1931 &mdash; holds.</p><p>It &amp; the weir.</p>\n"
    "<media media-type='image'><media-metadata name='x'/><media-reference source='a.jpg'>alt</media-reference>"
    "<media-caption>The dam at Keld.</media-caption>"
    "<media-producer>Jo Lens</media-producer></media></block></body.content>\n"
    "<body.end><tagline>Editing by M. Hand</tagline></body.end></body></nitf>";

static void nitf_has_its_parts_in_order (void **state)
{
    (void) state;
    news_t news;
    open_news (&news, nitf, sizeof nitf - 1, 100000);
    assert_true (next_news (&news));
    expect_text (&news, "Dam holds, engineers say\n\nRiver still rising\n\nBy Jos\xc3\xa9 Field, Staff Writer\n\n"
                        "KELD, March 11 \xe2\x80\x94 The dam \xe2\x80\x94 built in 1931 \xe2\x80\x94 holds.\n\n"
                        "It & the weir.\n\n"
                        "The dam at Keld.\n\nJo Lens\n\nEditing by M. Hand");
    assert_int_equal (news.item->number, 0);
    expect_bytes (news.item->id, "WIRE#A17");
    assert_string_equal (value_of (&news, "byline"), "Jos\xc3\xa9 Field");
    assert_string_equal (value_of (&news, "published"), "2024-03-11T13:45:00Z");
    assert_string_equal (value_of (&news, "outlet"), "Wire of the North");
    assert_string_equal (qw_news_xml_encoding (news.news), "ISO-8859-1");
    expect_end (&news);
    close_news (&news);
}

#define G2 "xmlns='http://iptc.org/std/nar/2006-10-01/'"

static const char newsml[] =
    "<newsMessage " G2 "><header><sent>2024-03-11T14:00:00Z</sent></header><itemSet>\n"
    "<packageItem guid='urn:p:1'><itemMeta/>"
    "<groupSet><group><itemRef residref='urn:n:1'/></group></groupSet></packageItem>\n"
    "<newsItem guid='urn:n:1' version='3' xml:lang='en'><itemMeta><itemClass qcode='ninat:text'/>"
    "<provider qcode='w:x'><name>Fjord News</name></provider><versionCreated>2024-03-11T13:00:00+00:00</versionCreated>"
    "<pubStatus qcode='stat:usable'/></itemMeta><contentMeta><contentCreated>2024-03-11T12:00:00Z</contentCreated>"
    "<language tag='en-US'/><headline role='hldrole:short'>Short</headline><headline>Pilots end strike</headline>"
    "<by>By Una Kest</by><dateline>OSLO, March 11 (Fjord)</dateline></contentMeta>\n"
    "<contentSet><inlineXML contenttype='application/xhtml+xml'><html xmlns='http://www.w3.org/1999/xhtml'>"
    "<head><title>t</title><link rel='canonical' href='https://f.example/1'/></head>"
    "<body><h1>Pilots end strike</h1><p>OSLO, March 11 (Fjord) - Pilots went back.</p><p>More.</p></body></html></inlineXML>"
    "<inlineData contenttype='text/plain'>The same as text.</inlineData></contentSet></newsItem>\n"
    "<newsItem guid='urn:n:2'><itemMeta><itemClass qcode='ninat:picture'/></itemMeta>"
    "<contentSet><remoteContent href='p.jpg'/></contentSet></newsItem>\n"
    "<newsItem guid='urn:n:3'><contentMeta><headline>Plain</headline></contentMeta><contentSet>"
    "<inlineData encoding='base64'>QUFB</inlineData>"
    "<inlineData contenttype='text/plain; charset=utf-8'>One.\n\nTwo.</inlineData>"
    "</contentSet></newsItem>\n"
    "<newsItem guid='urn:n:4'><contentMeta/><contentSet><inlineXML contenttype='application/nitf+xml'>"
    "<nitf><body><body.head>"
    "<hedline><hl1>Inner</hl1></hedline></body.head><body.content><p>Text.</p></body.content></body></nitf></inlineXML>"
    "</contentSet></newsItem>\n"
    "<newsItem guid='urn:n:5'><itemMeta><pubStatus qcode='stat:canceled'/></itemMeta><contentSet><inlineData>Wrong."
    "</inlineData></contentSet></newsItem></itemSet></newsMessage>";

static void a_news_message_gives_its_items_and_counts_the_rest (void **state)
{
    (void) state;
    static const size_t pieces[] = {100000, 1};
    for (size_t i = 0; i < 2; i++) {
        news_t news;
        open_news (&news, newsml, sizeof newsml - 1, pieces[i]);
        assert_true (next_news (&news));
        expect_text (&news, "Pilots end strike\n\nBy Una Kest\n\nOSLO, March 11 (Fjord) - Pilots went back.\n\nMore.");
        expect_bytes (news.item->id, "urn:n:1#3");
        assert_string_equal (value_of (&news, "guid"), "urn:n:1");
        assert_string_equal (value_of (&news, "version"), "3");
        assert_string_equal (value_of (&news, "published"), "2024-03-11T12:00:00Z");
        assert_string_equal (value_of (&news, "language"), "en-US");
        assert_string_equal (value_of (&news, "outlet"), "Fjord News");
        assert_string_equal (value_of (&news, "url"), "https://f.example/1");
        assert_true (next_news (&news));
        expect_text (&news, "Plain\n\nOne.\n\nTwo.");
        expect_bytes (news.item->id, "urn:n:3#1");
        assert_true (next_news (&news));
        expect_text (&news, "Inner\n\nText.");
        expect_failure (&news, "must not be used: stat:canceled");
        expect_end (&news);
        assert_int_equal (qw_news_xml_skipped (news.news), 2);
        close_news (&news);
    }
}

static void an_item_alone_is_the_file (void **state)
{
    (void) state;
    static const char xml[] = "<newsItem " G2 " guid='urn:n:9' version='2'><contentMeta><headline>H</headline></contentMeta>"
                              "<contentSet><inlineXML><p>A.</p><p>B.</p></inlineXML></contentSet></newsItem>";
    news_t news;
    open_news (&news, xml, sizeof xml - 1, 100000);
    assert_true (next_news (&news));
    expect_text (&news, "H\n\nA.\n\nB.");
    assert_int_equal (news.item->number, 0);
    expect_end (&news);
    close_news (&news);
}

#define ITEM(n)                                                                                                             \
    "<item><title>T" n "</title><x:encoded xmlns:x='http://purl.org/rss/1.0/modules/content/'>"                             \
    "Text " n ".</x:encoded></item>\n"

static void broken_xml_keeps_the_items_before_it (void **state)
{
    (void) state;
    static const struct {
        const char *xml, *words;
    } cases[] = {{"<rss><channel>\n" ITEM ("1") "<item><title>T2</item>" ITEM ("3") "</channel></rss>",
                  "line 3: broken XML: Opening and ending tag mismatch: title"},
                 {"<rss><channel>\n" ITEM ("1") "<item><title>T2", "broken XML: it ends too early"},
                 {"<rss><channel>\n" ITEM ("1") "<item>\xff\xfe</item></channel></rss>", "not proper UTF-8"},
                 {"<rss><channel>\n" ITEM ("1") "<item><title>&nosuch;</title></item></channel></rss>",
                  "'nosuch' not defined"},
                 {"<rss><channel>\n" ITEM ("1") "</channel></rss>behind", "Extra content"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        news_t news;
        open_news (&news, cases[i].xml, strlen (cases[i].xml), i % 2 ? 5 : 100000);
        assert_true (next_news (&news));
        expect_text (&news, "T1\n\nText 1.");
        expect_failure (&news, cases[i].words);
        assert_int_equal (news.item->number, 2);
        assert_null (news.item->id.data);
        expect_end (&news);
        close_news (&news);
    }
}

static void bytes_that_libxml2_takes_for_characters_are_no_text (void **state)
{
    (void) state;
    static const char xml[] = "<rss><channel>" ITEM ("1") "<item><content:encoded>"
                              "<![CDATA[Over\xc1\xadlong.]]></content:encoded>"
                              "</item>" ITEM ("3") "</channel></rss>";
    news_t news;
    open_news (&news, xml, sizeof xml - 1, 100000);
    assert_true (next_news (&news));
    expect_failure (&news, "UTF-8");
    assert_true (next_news (&news));
    expect_text (&news, "T3\n\nText 3.");
    expect_end (&news);
    close_news (&news);
}

static void what_is_no_news_says_so (void **state)
{
    (void) state;
    static const struct {
        const char *xml, *words;
    } cases[] = {{"", "no elements"},
                 {" \n", "no elements"},
                 {"no XML", "broken XML: "},
                 {"<svg xmlns='http://www.w3.org/2000/svg'/>", "<svg>"},
                 {"<rss><channel><item/></channel></rss>", "it has no text"},
                 {"<?xml version='1.0' encoding='x-nothing'?><rss/>", "encoding"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        news_t news;
        open_news (&news, cases[i].xml, strlen (cases[i].xml), 100000);
        expect_failure (&news, cases[i].words);
        expect_end (&news);
        close_news (&news);
    }
}

static void entities_of_the_file_are_never_expanded_nor_fetched (void **state)
{
    (void) state;
    static const struct {
        const char *xml, *words;
    } cases[] = {
        {"<!DOCTYPE rss [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
         "<rss><channel><item><title>&b;</title>"
         "</item></channel></rss>", "'b' not defined"},
        {"<!DOCTYPE rss [<!ENTITY a SYSTEM 'file:///etc/hostname'>]>"
         "<rss><channel><item><title>&a;</title></item></channel></rss>",
         "'a' not defined"},
        {"<!DOCTYPE rss [<!ENTITY a 'ha'>]><rss><channel><item><title id='&a;'>x</title></item></channel></rss>",
         "'a' not defined"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        news_t news;
        open_news (&news, cases[i].xml, strlen (cases[i].xml), 100000);
        expect_failure (&news, cases[i].words);
        expect_end (&news);
        close_news (&news);
    }
    static const char known[] = "<!DOCTYPE rss [<!ENTITY nbsp 'oh no'>]>"
                                "<rss><channel><item><guid>urn:1</guid><link a='&eacute;'>"
                                "https://x.example/&eacute;</link><title>A&nbsp;B&hellip;</title><description/>"
                                "<content:encoded>T&lt;br&gt;U</content:encoded></item></channel></rss>";
    news_t news;
    open_news (&news, known, sizeof known - 1, 100000);
    assert_true (next_news (&news));
    expect_text (&news, "A\xc2\xa0" "B\xe2\x80\xa6\n\nT\nU"); /* the prefix is understood although nobody declared it */
    assert_string_equal (value_of (&news, "url"), "https://x.example/\xc3\xa9");
    expect_end (&news);
    close_news (&news);
}

/* head, `count` times `part`, tail */
static char *repeat (const char *head, const char *part, size_t count, const char *tail, size_t *size)
{
    size_t each = strlen (part), at = strlen (head);
    *size = at + each * count + strlen (tail);
    char *xml = malloc (*size + 1);
    assert_non_null (xml);
    memcpy (xml, head, at);
    for (size_t i = 0; i < count; i++, at += each)
        memcpy (xml + at, part, each);
    strcpy (xml + at, tail);
    return xml;
}

static void expect_refusal (const char *head, const char *part, size_t count, const char *tail, const char *words)
{
    size_t size;
    char *xml = repeat (head, part, count, tail, &size);
    news_t news;
    open_news (&news, xml, size, 100000);
    expect_failure (&news, words);
    expect_end (&news);
    close_news (&news);
    free (xml);
}

static void what_would_take_memory_or_time_is_refused (void **state)
{
    (void) state;
    expect_refusal ("<rss><channel><item>", "<a>", 1000000, "", "deep");
    expect_refusal ("<rss><channel x='", "1234567890", 3000000, "'/></rss>", "a tag of it has more than 128 KiB");
    expect_refusal ("<rss ", "a=''\n", 1000000, "/>", "a tag of it has more than 128 KiB");
    expect_refusal ("<rss><!--", "1234567890", 3000000, "--></rss>", "more than 1 MiB");
    expect_refusal ("<rss><channel><item><title>", "1234567890", 3000000, "</title></item></channel></rss>", "no text");
    expect_refusal ("<rss><channel><item><content:encoded>", "1 34567890", 3000000,
                    "</content:encoded></item></channel></rss>", "larger than the 100000 bytes allowed");
    expect_refusal ("<rss><channel><item><content:encoded><![CDATA[", "1<34567890", 3000000,
                    "]]></content:encoded></item></channel></rss>", "a piece of it has more than 10 MB");
    expect_refusal ("<!DOCTYPE rss [<!ATTLIST rss ", "a CDATA 'x'\n", 200, ">]><rss/>", "more than 100 attributes");
}

static void more_names_than_news_have_are_refused (void **state)
{
    (void) state;
    enum { NAMES = 200000 };
    char *xml = malloc (NAMES * 12 + 100);
    assert_non_null (xml);
    size_t size = (size_t) sprintf (xml, "<rss><channel>" ITEM ("1"));
    for (int i = 0; i < NAMES; i++)
        size += (size_t) sprintf (xml + size, "<b%d/>", i);
    news_t news;
    open_news (&news, xml, size, 100000);
    assert_true (next_news (&news));
    expect_text (&news, "T1\n\nText 1.");
    expect_failure (&news, "different names");
    expect_end (&news);
    close_news (&news);
    free (xml);
}

static void an_item_that_is_too_large_costs_no_other (void **state)
{
    (void) state;
    static const char *const contents[][3] = {{"", "&lt;p&gt;Words and words ", ""},
                                              {"<![CDATA[", "<p>Words and words ", "]]>"}};
    for (size_t i = 0; i < 2; i++) {
        char head[300], tail[300];
        snprintf (head, sizeof head, "<rss><channel>\n%s<item><guid>urn:2</guid><content:encoded>%s", ITEM ("1"),
                  contents[i][0]);
        snprintf (tail, sizeof tail, "%s</content:encoded></item>\n%s</channel></rss>", contents[i][2], ITEM ("3"));
        size_t size;
        char *xml = repeat (head, contents[i][1], 20000, tail, &size);
        news_t news;
        open_news (&news, xml, size, 100000);
        assert_true (next_news (&news));
        expect_text (&news, "T1\n\nText 1.");
        expect_failure (&news, "larger than the 100000 bytes allowed");
        expect_bytes (news.item->id, "urn:2");
        assert_true (next_news (&news));
        expect_text (&news, "T3\n\nText 3.");
        expect_end (&news);
        close_news (&news);
        free (xml);
    }
}

static void news_are_told_by_their_root (void **state)
{
    (void) state;
    static const struct {
        const char *start;
        bool is_news;
    } cases[] = {{"<?xml version='1.0'?>\n<rss version='2.0'>", true},
                 {"\xef\xbb\xbf  <!-- <html> --><!DOCTYPE nitf [<!ENTITY a '>'>]><nitf>", true},
                 {"<rdf:RDF xmlns:rdf='x'>", true},
                 {"<newsItem\nguid='1'>", true},
                 {"<feed/>", true},
                 {"<feedback>", false},
                 {"<rss", false}, /* cut off */
                 {"<!DOCTYPE html><html>", false},
                 {"<?xml version='1.0'?><svg>", false},
                 {"rss <rss>", false},
                 {"<!--", false},
                 {"", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (qw_news_xml_sniff (qw_bytes_of (cases[i].start)) != cases[i].is_news)
            fail_msg ("%s", cases[i].start);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_feed_with_content_becomes_articles),
        cmocka_unit_test (a_long_description_is_the_article_and_a_cut_one_is_not),
        cmocka_unit_test (rss_1_items_stand_beside_their_channel),
        cmocka_unit_test (atom_content_is_html_xhtml_or_text),
        cmocka_unit_test (nitf_has_its_parts_in_order),
        cmocka_unit_test (a_news_message_gives_its_items_and_counts_the_rest),
        cmocka_unit_test (an_item_alone_is_the_file),
        cmocka_unit_test (broken_xml_keeps_the_items_before_it),
        cmocka_unit_test (bytes_that_libxml2_takes_for_characters_are_no_text),
        cmocka_unit_test (what_is_no_news_says_so),
        cmocka_unit_test (entities_of_the_file_are_never_expanded_nor_fetched),
        cmocka_unit_test (what_would_take_memory_or_time_is_refused),
        cmocka_unit_test (more_names_than_news_have_are_refused),
        cmocka_unit_test (an_item_that_is_too_large_costs_no_other),
        cmocka_unit_test (news_are_told_by_their_root),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
