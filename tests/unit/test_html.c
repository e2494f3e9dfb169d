#include "web_fixture.h"

static void an_article_element_gives_headline_byline_caption_and_body_in_order (void **state)
{
    (void) state;
    expect_text ("<!doctype html><html><head><title>Ferry sinks off Port Maren | The Post</title></head><body>"
                 "<header><a href=/>The Post</a><nav><ul><li><a href=/w>World</a><li><a href=/s>Sport</a></ul></nav>"
                 "</header>"
                 "<main><article><header><h1>Ferry sinks off Port Maren</h1><p class=standfirst>All aboard are safe</p>"
                 "<div class=byline>By <a rel=author href=/ada>Ada Quill</a></div></header>"
                 "<figure><img src=a.jpg><figcaption>The ferry in 2019</figcaption></figure>" BODY "</article></main>"
                 "<footer><p>Copyright The Post. All rights reserved, and nothing here may be copied by anyone.</p>"
                 "</footer>",
                 "Ferry sinks off Port Maren\n\nAll aboard are safe\n\nBy Ada Quill\n\nThe ferry in 2019\n\n" TEXT);
}

static void div_soup_is_told_by_its_prose (void **state)
{
    (void) state;
    expect_text ("<html><body><div id=w><div id=a1><div><a href=/1>One</a> <a href=/2>Two</a> <a href=/3>"
                 "Three and more</a></div></div>"
                 "<div id=a2><div id=x><div>" LEAD "</div><div>" SAID "</div><div>Yes.</div><div>" LAST "</div></div>"
                 "<div id=y><div><a href=/4>Something else that happened on the same day in another town</a></div>"
                 "<div><a href=/5>And something that happened on the day before, which was a Monday</a></div></div></div>"
                 "<div id=a3>Terms</div></div></body></html>",
                 LEAD "\n\n" SAID "\n\nYes.\n\n" LAST "\n");
}

static void wordpress_pages_lose_sharing_related_and_comments (void **state)
{
    (void) state;
    expect_text ("<body class=\"single single-post has-sidebar comments-open tag-share\"><div id=page>"
                 "<div id=content class=site-content>"
                 "<article id=post-7 class=\"post-7 post type-post hentry category-related tag-comments\">"
                 "<h1 class=entry-title>Ferry sinks</h1><div class=entry-meta><span class=byline>"
                 "by <a class=url href=/a>Ada</a></span></div>"
                 "<div class=entry-content>" BODY
                 "<div class=\"sharedaddy sd-sharing\"><h3>Share this:</h3><ul><li><a href=#>Tweet</a></ul></div>"
                 "<div id=jp-relatedposts class=jp-relatedposts><h3>Related</h3><p>Another ferry sank here, long ago, "
                 "in the year of the storm.</p></div>"
                 "</div><footer class=entry-footer>Tagged <a href=/t>ferry</a></footer></article>"
                 "<div id=comments class=comments-area><h2>2 thoughts</h2><p>I was there, and I can tell you "
                 "that it was not over in ten minutes at all.</p>"
                 "<div id=respond><p>Your email address will not be published. Required fields are marked.</p></div>"
                 "</div></div>"
                 "<div id=secondary class=widget-area><div class=widget><p>Subscribe to our newsletter, which "
                 "comes once a week, and read all.</p></div></div></div>",
                 "Ferry sinks\n\nby Ada\n\n" TEXT);
}

static void amp_pages_lose_their_machinery (void **state)
{
    (void) state;
    expect_text ("<!doctype html><html \xe2\x9a\xa1 lang=en><body><amp-sidebar id=s><ul><li>"
                 "A menu that is long enough to look like a sentence.</ul></amp-sidebar>"
                 "<amp-consent id=c><div><p>We value your privacy and use cookies, as you have surely heard before.</p>"
                 "</div></amp-consent>"
                 "<h1>Ferry sinks</h1><amp-img src=a.jpg width=1 height=1><noscript><img src=a.jpg></noscript></amp-img>"
                 "<p>" LEAD "</p><amp-ad type=x><div placeholder>Advertisement that is here, and has an end.</div>"
                 "</amp-ad><p>" SAID "</p><p>" LAST "</p>"
                 "<amp-analytics><script type=application/json>{\"a\": \"<p>no\"}</script></amp-analytics></body></html>",
                 "Ferry sinks\n\n" TEXT);
}

static void old_pages_of_tables_and_breaks_are_read (void **state)
{
    (void) state;
    expect_text ("<HTML><BODY BGCOLOR=#FFFFFF><TABLE><TR><TD><A HREF=1>News</A><BR><A HREF=2>Sport</A><BR><A HREF=3>"
                 "Weather</A></TD>"
                 "<TD><FONT SIZE=5><H1>Ferry sinks</H1></FONT><FONT FACE=Arial>" LEAD "<BR><BR>\n" SAID "<BR>&nbsp;<BR>" LAST
                 "</FONT></TD></TR></TABLE></BODY></HTML>",
                 "Ferry sinks\n\n" LEAD "\n\n" SAID "\n\xc2\xa0\n" LAST "\n");
}

static void tables_of_figures_are_lines_of_their_rows (void **state)
{
    (void) state;
    expect_text ("<body><article><h1>Ferry sinks</h1>" BODY
                 "<table><tr><th>Year<th>Ferries<tr><td>2019<td>4<tr><td>2020<td>3</table><p>Source: the harbour.</p>"
                 "</article>",
                 "Ferry sinks\n\n" LEAD "\n\n" SAID "\n\n" LAST "\n\nYear Ferries\n\n2019 4\n\n2020 3\n\nSource: "
                 "the harbour.\n");
}

static void cookie_banners_and_dialogs_are_left_out (void **state)
{
    (void) state;
    expect_text ("<body><div id=cookie-notice><p>We and our 812 partners store cookies "
                 "on your device, and process personal data.</p></div>"
                 "<div role=dialog><p>Before you go on, please tell us what you think about our new website, "
                 "dear reader.</p></div>"
                 "<div class=content><h1>Ferry sinks</h1>" BODY "</div>",
                 "Ferry sinks\n\n" TEXT);
}

static void what_is_hidden_is_left_out (void **state)
{
    (void) state;
    expect_text ("<body><article><h1>Ferry<span class=\"visually-hidden\"> (opens in a new window)</span> sinks</h1>"
                 "<p style=\"color:red; display : none\">" LEAD " Hidden.</p><div hidden><p>"
                 "Hidden too, and quite long enough to be taken.</p></div>"
                 "<p aria-hidden=true>Hidden, and quite long enough to be taken for a paragraph.</p>"
                 "<p hidden>" SAID "</p>" BODY "</article>",
                 "Ferry sinks\n\n" TEXT);
}

static void a_paywall_leaves_what_is_there (void **state)
{
    (void) state;
    expect_text ("<body><article class=\"paywall-article\"><h1>Ferry sinks</h1><div class=paywall-content>" BODY "</div>"
                 "<div class=subscribe-box><h2>Subscribe to read on</h2><p>Only 1 euro for the first month, "
                 "and you can cancel at any time you like.</p></div></article>",
                 "Ferry sinks\n\n" TEXT);
}

static void all_captions_of_a_gallery_are_kept (void **state)
{
    (void) state;
    expect_text ("<body><article><h1>Ferry sinks</h1>" BODY "<figure><img><figcaption>A: the pier</figcaption></figure>"
                 "<figure><img><figcaption>B: the crew <small>Photo: M. Venn</small></figcaption></figure></article>",
                 "Ferry sinks\n\n" LEAD "\n\n" SAID "\n\n" LAST "\n\nA: the pier\n\nB: the crew Photo: M. Venn\n");
}

static void posts_of_a_live_blog_stay_together (void **state)
{
    (void) state;
    expect_text ("<body><main><h1>Ferry: as it happened</h1><div class=posts><article><h2>All are safe</h2>"
                 "<p>" LEAD "</p></article>"
                 "<article><h2>The harbour master speaks</h2><p>" SAID "</p></article><article><h2>The company</h2>"
                 "<p>" LAST "</p></article></div></main>",
                 "Ferry: as it happened\n\nAll are safe\n\n" LEAD "\n\nThe harbour master speaks\n\n" SAID "\n\nThe "
                 "company\n\n" LAST "\n");
}

static void lists_and_quotations_in_the_body_are_kept (void **state)
{
    (void) state;
    expect_text ("<body><article><h1>Ferry sinks</h1><p>" LEAD "</p><ul><li>41 passengers<li>6 crew</ul>"
                 "<blockquote><p>We are all well.</p><footer>A passenger</footer></blockquote><p>" LAST "</p>"
                 "<h3>Related stories</h3><ul><li><a href=/1>Old ferries must go, say unions</a></ul></article>",
                 "Ferry sinks\n\n" LEAD "\n\n41 passengers\n\n6 crew\n\nWe are all well.\n\nA passenger\n\n" LAST "\n");
}

static void links_inside_of_sentences_do_no_harm (void **state)
{
    (void) state;
    expect_text ("<body><article><h1>Ferry sinks</h1><p>" LEAD "</p><p><a href=/m>Mara Venn</a> told <a href=/p>"
                 "the paper</a> that it sank.</p>"
                 "<p>Read more: <a href=/o>Old ferries must go, say unions</a></p><p><a href=/z>"
                 "Sign up here for our letter</a></p><p>" LAST "</p></article>",
                 "Ferry sinks\n\n" LEAD "\n\nMara Venn told the paper that it sank.\n\n" LAST "\n");
}

static void the_same_paragraph_twice_is_taken_once (void **state)
{
    (void) state;
    expect_text ("<body><article><h1>Ferry sinks</h1><div class=desktop><p>" LEAD "</p></div><div class=mobile>"
                 "<p>" LEAD "</p></div><p>" SAID "</p><p>" LAST "</p></article>",
                 "Ferry sinks\n\n" TEXT);
}

static void text_is_put_together_as_a_browser_does (void **state)
{
    (void) state;
    expect_text ("<body><article><h1>A &amp; B&#39;s &ldquo;ferry&rdquo; &mdash; caf&eacute; &#8364;5 &#x1F6A2; "
                 "&copy &bogus; AT&T &#150;</h1>"
                 "<p>so<b>me</b>\n  wo\xc2\xadrds&shy;, <i>more</i><!-- no > --><script>if (a < b) \"</p>\";</script>"
                 " words < 3 &lt;b&gt;" LEAD "</p>"
                 "<p>" SAID "<p>" LAST "</article>",
                 "A & B's \xe2\x80\x9c" "ferry\xe2\x80\x9d \xe2\x80\x94 caf\xc3\xa9 \xe2\x82\xac" "5 "
                 "\xf0\x9f\x9a\xa2 \xc2\xa9 &bogus; AT&T \xe2\x80\x93\n\n"
                 "some words, more words < 3 <b>" LEAD "\n\n" SAID "\n\n" LAST "\n");
}

static void broken_markup_costs_no_text (void **state)
{
    (void) state;
    expect_text ("<div><article><h1>Ferry sinks</h2></span></table><p><b><i>" LEAD "</b></i></div></p><p>" SAID "<div>"
                 "<a href=x>\n</a></div></section><p>" LAST
                 "</article></article></div></div><p", "Ferry sinks\n\n" TEXT);
    expect_text ("<article><h1>Ferry sinks</h1><button>Play<p>" LEAD "</article><article><p>" SAID "</p><p>" LAST "</p>"
                 "</article>",
                 "Ferry sinks\n\n" SAID "\n\n" LAST "\n");
    expect_text ("<article><h1>Ferry sinks</h1>" BODY "<!-- a comment without end <p>" LEAD, "Ferry sinks\n\n" TEXT);
}

static void a_form_around_the_whole_page_does_no_harm (void **state)
{
    (void) state;
    expect_text ("<body><form id=aspnetForm action=x.aspx><div class=menu><a href=/>Home</a></div><div class=story><h1>"
                 "Ferry sinks</h1>" BODY "</div></form>",
                 "Ferry sinks\n\n" TEXT);
}

static void json_ld_tells_most_and_is_believed_first (void **state)
{
    (void) state;
    expect_metadata (
        "<html lang=en_GB><head><title>Other | X</title><meta property=og:title content='Worse'>"
        "<meta name=author content=Worse>"
        "<meta property=og:site_name content=Worse><link rel=canonical href=https://post.example/ferry>"
        "<script type=application/ld+json>{\"@type\":\"WebSite\",\"name\":\"no\"}</script>"
        "<script type='application/ld+json'>\n"
        "{\"@context\":\"https://schema.org\",\"@graph\":["
        "{\"@type\":\"NewsMediaOrganization\",\"@id\":\"#o\",\"name\":\"The Post\"},"
        "{\"@type\":\"Person\",\"@id\":\"#p\",\"name\":\"Ada "
        "Quill\"},{\"@type\":[\"NewsArticle\",\"X\"],\"headline\":\"Ferry\n &amp; sea\","
        "\"datePublished\":\"2025-03-04T09:30:00.000+0100\",\"author\":[{\"@id\":\"#p\"},{\"name\":\"Ben "
        "Ott\"},{\"name\":\"Cy Dee\"}],"
        "\"publisher\":{\"@id\":\"#o\"},\"inLanguage\":\"en-US\"}]};</script></head><body><article>" BODY "</article>",
        "title=Ferry & sea\nbyline=Ada Quill, Ben Ott and Cy Dee\npublished=2025-03-04T09:30:00+01:00\noutlet=The "
        "Post\nlanguage=en-US\n"
        "url=https://post.example/ferry");
    expect_metadata ("<script type=application/ld+json>"
                     "[{\"@type\":\"BreadcrumbList\"},{\"@type\":\"Article\",\"headline\":\"H\",\"author\":\"A. Quill\","
                     "\"publisher\":\"P\",\"mainEntityOfPage\":{\"@id\":\"https://p.example/1\"}}]</script>"
                     "<article>" BODY "</article>",
                     "title=H\nbyline=A. Quill\noutlet=P\nurl=https://p.example/1");
}

static void meta_elements_and_visible_lines_tell_the_rest (void **state)
{
    (void) state;
    expect_metadata ("<html xml:lang=de><head><title>Ferry sinks - The Post</title>"
                     "<meta content='The Post' property='og:site_name'>"
                     "<meta property=article:published_time content='2025-03-04T08:30:00Z'>"
                     "<meta name=author content='By Ada &amp; Ben'>"
                     "<meta property=article:author content=https://social.example/ada>"
                     "<meta property=og:url content=https://p.example/2>"
                     "</head><body><article>" BODY "</article>",
                     "title=Ferry sinks\nbyline=Ada & Ben\npublished=2025-03-04T08:30:00Z\noutlet=The "
                     "Post\nlanguage=de\nurl=https://p.example/2");
    expect_metadata ("<body><article><h1>Ferry sinks</h1><p class=byline>By Ada Quill</p>"
                     "<time datetime=2025-03-04 pubdate>Tuesday</time>" BODY "</article>",
                     "title=Ferry sinks\nbyline=Ada Quill\npublished=2025-03-04");
    expect_metadata ("<body><article><h1>Ferry sinks</h1><p class=pub-date>Published: 4 March 2025, 9:05 p.m. "
                     "GMT</p>" BODY "</article>",
                     "title=Ferry sinks\npublished=2025-03-04T21:05:00Z");
}

static void what_cannot_be_right_is_no_metadata (void **state)
{
    (void) state;
    expect_metadata ("<html lang='x y'><head><link rel=canonical href=/relative><meta name=date content=yesterday>"
                     "<meta name=author content=https://a.example/>"
                     "<script type=application/ld+json>{\"@type\":\"NewsArticle\",\"headline\":</script><title> </title>"
                     "</head><body><article>" BODY "</article>",
                     "");
}

static void the_text_of_json_ld_helps_where_scripts_draw_the_page (void **state)
{
    (void) state;
    expect_text ("<script type=application/ld+json>{\"@type\":\"NewsArticle\",\"headline\":\"Ferry "
                 "sinks\",\"articleBody\":\"" LEAD "\\n\\n" LAST
                 " And that was all there was to say.\\n\"}</script><body><div id=root></div><noscript>"
                 "You need JavaScript.</noscript>",
                 "Ferry sinks\n\n" LEAD "\n\n" LAST " And that was all there was to say.\n");
}

static void pages_without_an_article_say_so (void **state)
{
    (void) state;
    expect_failure ("", QW_NOT_FOUND, "no article");
    expect_failure ("<html><body><ul><li><a href=1>One</a><li><a href=2>Two</a></ul></body>"
                    "</html>", QW_NOT_FOUND, "no article");
    char page[4000] = "<body><main>";
    for (int i = 0; i < 9; i++)
        strcat (page, "<div><h3><a href=/1>Ferry sinks off Port Maren</a></h3><p>A ferry sank off the harbour on "
                "Tuesday, they said, and that was that.</p></div>");
    expect_failure (page, QW_NOT_FOUND, "no article");
    expect_failure ("\x7f" "ELF\1\1\1 this is no page at all", QW_NOT_FOUND, "no article");
}

static void encodings_are_told_by_mark_http_and_meta (void **state)
{
    (void) state;
#define CAFE(head, e)                                                                                                       \
    "<html><head>" head "</head><body><article><p>" LEAD "</p><p>The caf" e " was open all day, she said.</p><p>" LAST "</p>"
    const char *const expected = LEAD "\n\nThe caf\xc3\xa9 was open all day, she said.\n\n" LAST "\n";
    const struct {
        const char *html, *charset, *encoding;
    } pages[] = {
        {CAFE ("", "\xc3\xa9"), NULL, ""},
        {CAFE ("<meta charset=iso-8859-1>", "\xc3\xa9"), "windows-1251", ""},
        {CAFE ("<meta charset=iso-8859-1>", "\xe9"), NULL, "WINDOWS-1252"},
        {CAFE ("<meta http-equiv=Content-Type content='text/html; charset=ISO-8859-2'>", "\xe9"), NULL, "ISO-8859-2"},
        {CAFE ("<meta charset=utf-8>", "\xe9"), "latin1", "WINDOWS-1252"},
        {CAFE ("<meta charset=macintosh>", "\x8e"), NULL, "MACINTOSH"},
        {CAFE ("", "\xe9"), NULL, "WINDOWS-1252"},
        {CAFE ("<meta charset=no-such-thing>", "\xe9"), NULL, "WINDOWS-1252"},
        {"\xef\xbb\xbf" CAFE ("<meta charset=koi8-r>", "\xc3\xa9"), NULL, ""},
    };
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        const page_t *page = read_page (pages[i].html, strlen (pages[i].html), pages[i].charset);
        assert_int_equal (page->status, QW_OK);
        assert_string_equal (page->text, expected);
        assert_string_equal (page->encoding, pages[i].encoding);
    }
    const char *broken = CAFE ("<meta charset=utf-8>", "\xe9");
    assert_non_null (strstr (read_page (broken, strlen (broken), NULL)->text, "caf\xef\xbf\xbd was"));
}

static void utf_16_is_read_with_and_without_a_mark (void **state)
{
    (void) state;
    const char *html = "<html><body><article><h1>Ferry sinks</h1><p>" LEAD "</p><p>" LAST "</p></article>";
    char wide[2000];
    size_t size = strlen (html);
    for (size_t i = 0; i < size; i++) {
        wide[2 + 2 * i] = html[i];
        wide[3 + 2 * i] = 0;
    }
    memcpy (wide, "\xff\xfe", 2);
    for (size_t from = 0; from <= 2; from += 2) {
        const page_t *page = read_page (wide + from, 2 * size + 2 - from, NULL);
        assert_string_equal (page->text, "Ferry sinks\n\n" LEAD "\n\n" LAST "\n");
        assert_string_equal (page->encoding, "UTF-16LE");
    }
}

/* The same piece so many times. */
static char *repeated (const char *piece, size_t count, size_t *size)
{
    size_t length = strlen (piece);
    char *all = malloc (length * count + 1);
    for (size_t i = 0; i < count; i++)
        memcpy (all + i * length, piece, length);
    *size = length * count;
    all[*size] = 0;
    return all;
}

static void a_million_nested_tags_are_refused (void **state)
{
    (void) state;
    static const char *const pieces[] = {"<div>", "<b>", "<table><tr><td>", "<ul><li>", "<x-y>"};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        size_t size;
        char *html = repeated (pieces[i], 1000000, &size);
        const page_t *page = read_page (html, size, NULL);
        assert_int_equal (page->status, QW_TOO_LARGE);
        assert_non_null (strstr (page->reason, "deep"));
        free (html);
    }
}

static void hostile_repetition_takes_linear_time (void **state)
{
    (void) state;
    static const char *const pieces[] = {"<p>",       "</b>",   "<a ",   "<a href=x>", "</div><div>", "<!--",     "<![CDATA[",
                                         "&",         "<",      "a\n<br>", "<p a=",      "<li>",        "<script>", "<title>",
                                         "<td>",      "<tr>",   "<br>",  "&#",         "<button>",    "<meta content="};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        size_t size;
        char *html = repeated (pieces[i], 1500000, &size);
        const page_t *page = read_page (html, size, NULL);
        assert_true (page->status == QW_NOT_FOUND || page->status == QW_TOO_LARGE);
        free (html);
    }
}

static void files_are_told_by_name_and_by_content (void **state)
{
    (void) state;
    const char *html = "\n<!-- x -->\n<!DOCTYPE html>\n<html><body><article><h1>Ferry</h1>" BODY "</article></body></html>";
    mkdir ("d", 0755);
    write_text ("d/a.html", html);
    write_text ("d/b.htm", html);
    write_text ("d/c.xhtml", html);
    write_text ("d/d.HTML", "<p>Nothing here");
    write_text ("d/e.txt", html);
    write_text ("page", html);
    qw_source_t *source = open_source (false, MAX_BYTES, "d");
    expect_next (source, "d/a.html Ferry\n\nA ferry sank off the harbour on Tuesday, the coast gu");
    expect_next (source, "d/b.htm Ferry\n\nA ferry sank off the harbour on Tuesday, the coast gu");
    expect_next (source, "d/c.xhtml Ferry\n\nA ferry sank off the harbour on Tuesday, the coast gu");
    expect_next (source, "d/d.HTML failed=no article");
    expect_next (source, "d/e.txt \n<!-- x -->\n<!DOCTYPE html>\n<html><body><article><h1>Ferry</");
    expect_status (source, QW_END);
    qw_source_destroy (&source);
    source = open_source (false, MAX_BYTES, "page");
    expect_next (source, "page Ferry\n\nA ferry sank off the harbour on Tuesday, the coast gu");
    expect_status (source, QW_END);
    qw_source_destroy (&source);
}

static void a_type_can_be_forced (void **state)
{
    (void) state;
    write_text ("a.txt", "<body><article><h1>Ferry</h1>" BODY "</article>");
    const char *path = "a.txt";
    qw_reason_t reason = {""};
    qw_source_options_t options = {.max_document_bytes = MAX_BYTES, .type = "html"};
    qw_source_t *source = qw_source_new (&path, 1, &options, &reason);
    expect_next (source, "a.txt Ferry\n\nA ferry sank off the harbour on Tuesday, the coast gu");
    qw_source_destroy (&source);
    options.type = "spoons";
    assert_null (qw_source_new (&path, 1, &options, &reason));
    assert_non_null (strstr (reason.text, "'spoons'"));
}

static void a_file_beyond_the_limit_fails_without_being_read_whole (void **state)
{
    (void) state;
    FILE *file = fopen ("a.html", "wb");
    fputs ("<html><body><p>", file);
    assert_int_equal (fseek (file, 100000000, SEEK_CUR), 0); /* a line of 100 MB */
    fputs (BODY, file);
    fclose (file);
    qw_source_t *source = open_source (false, MAX_BYTES, "a.html");
    expect_next (source, "a.html failed=larger than the 1448576 bytes");
    qw_source_progress_t progress;
    qw_source_progress (source, &progress);
    assert_true (progress.bytes_read < 4000000);
    expect_status (source, QW_END);
    qw_source_destroy (&source);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        CASE (an_article_element_gives_headline_byline_caption_and_body_in_order),
        CASE (div_soup_is_told_by_its_prose),
        CASE (wordpress_pages_lose_sharing_related_and_comments),
        CASE (amp_pages_lose_their_machinery),
        CASE (old_pages_of_tables_and_breaks_are_read),
        CASE (tables_of_figures_are_lines_of_their_rows),
        CASE (cookie_banners_and_dialogs_are_left_out),
        CASE (what_is_hidden_is_left_out),
        CASE (a_paywall_leaves_what_is_there),
        CASE (all_captions_of_a_gallery_are_kept),
        CASE (posts_of_a_live_blog_stay_together),
        CASE (lists_and_quotations_in_the_body_are_kept),
        CASE (links_inside_of_sentences_do_no_harm),
        CASE (the_same_paragraph_twice_is_taken_once),
        CASE (text_is_put_together_as_a_browser_does),
        CASE (broken_markup_costs_no_text),
        CASE (a_form_around_the_whole_page_does_no_harm),
        CASE (json_ld_tells_most_and_is_believed_first),
        CASE (meta_elements_and_visible_lines_tell_the_rest),
        CASE (what_cannot_be_right_is_no_metadata),
        CASE (the_text_of_json_ld_helps_where_scripts_draw_the_page),
        CASE (pages_without_an_article_say_so),
        CASE (encodings_are_told_by_mark_http_and_meta),
        CASE (utf_16_is_read_with_and_without_a_mark),
        CASE (a_million_nested_tags_are_refused),
        CASE (hostile_repetition_takes_linear_time),
        CASE (files_are_told_by_name_and_by_content),
        CASE (a_type_can_be_forced),
        CASE (a_file_beyond_the_limit_fails_without_being_read_whole),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
