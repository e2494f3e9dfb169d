#!/usr/bin/env python3
"""The page of `quotewire serve` in a real Chromium: what people do with it, by mouse, by keys and on a phone; that it says nothing
is wrong meanwhile; and that an article's text is never more than text.

`test_web_page.py --screenshots` renews the pictures in docs/web."""
import json
import os
import pathlib
import re
import shutil
import signal
import sys
import unittest

from client_places import python_with
from harness import ROOT
from serving import Served, write_archive

CHROMIUM = next((path for path in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if path), None)
PICTURES = ROOT / "docs" / "web"
HOSTILE = ("<script>window.hacked = 1</script> wins prize\n\nBy <b>Mara Venn</b>\n\n"
           "“<img src=x onerror='window.hacked = 2'> & <script>window.hacked = 3</script>,” said Mara Venn, the harbour master. "
           "Venn said that </span></p><script>window.hacked = 4</script> 𝕏 was no 🚢 ship.\n")

try:
    from playwright.sync_api import expect, sync_playwright
except ImportError:
    sync_playwright = None


class Page(Served):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        keeper = cls()
        keeper.setUp()
        cls.addClassCleanup(keeper.doCleanups)
        archive = write_archive(keeper.folder / "archive.jsonl")
        with open(archive, "a", encoding="utf-8") as out:
            out.write(json.dumps({"id": "<script>window.hacked = 5</script>", "text": HOSTILE, "published": "2024-01-01",
                                  "outlet": "<i>Outlet</i>", "url": "javascript:window.hacked=6"}) + "\n")
        cls.corpus = keeper.annotate(archive)
        keeper.serve(cls.corpus)
        keeper.wait_until_indexed(25)
        cls.shared_port = keeper.port
        playwright = sync_playwright().start()
        cls.addClassCleanup(playwright.stop)
        cls.browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        super().setUp()
        self.port = getattr(type(self), "shared_port", None)

    def open(self, path="/", **options):
        """A page at that address, of a browser that knows nothing yet; whatever it complains about fails the case."""
        context = self.browser.new_context(**{"viewport": {"width": 1280, "height": 860}, "color_scheme": "light",
                                              "reduced_motion": "reduce", **options})
        self.addCleanup(context.close)
        page = context.new_page()
        page.set_default_timeout(20000)
        complaints = []
        page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: complaints.append(f"asks for {request.url}")
                if not request.url.startswith(f"http://127.0.0.1:{self.port}/") else None)
        self.addCleanup(lambda: self.assertEqual(complaints, []))
        self.page = page
        self.go(path)
        return page

    def go(self, path):
        self.page.goto(f"http://127.0.0.1:{self.port}{path}")
        self.settle()

    def settle(self):
        self.page.wait_for_selector("main:not([aria-busy]) .view")

    def said_by(self, key):
        """(quotations, the positions of their articles) of a speaker: what is found changes with the models."""
        quotes = self.json(f"/api/v1/quotes?speaker={key}&limit=200")["quotes"]
        return quotes, {quote["position"] for quote in quotes}

    # -- reading ---------------------------------------------------------------------------------------------------------

    def test_from_a_quotation_to_its_speaker_to_another_article(self):
        page = self.open("/")
        page.get_by_role("link", name="Ferry sinks on Lake Nalubo").click()
        expect(page.locator("h1.headline")).to_have_text("Ferry sinks on Lake Nalubo, killing at least 31")
        quote = page.locator("[data-q]", has_text="This was not the will of God")
        quote.hover()
        expect(page.locator(".mention.on")).to_have_text("Wekesa")
        expect(page.locator(".cue.on")).to_have_text("said")
        expect(page.locator("svg.lines path")).to_have_count(1)
        quote.click()
        card = page.locator("#tie")
        expect(card).to_contain_text("Samuel Wekesa")
        quotes, positions = self.said_by("person:samuel-wekesa")
        self.assertGreater(len(positions), 1)
        expect(card).to_contain_text(f"Also quoted in {len(positions) - 1} other article")
        card.get_by_role("link", name="Samuel Wekesa").click()
        expect(page).to_have_url(re.compile("/entity/person%3Asamuel-wekesa$"))
        expect(page.locator("h1")).to_have_text("Samuel Wekesa")
        self.assertEqual(page.locator("figure.said").count(), len(quotes))
        page.locator("figure.said", has_text="heads will roll").get_by_role("link", name="in the article").click()
        expect(page.locator("h1.headline")).to_contain_text("They laughed at us")
        marked = page.locator("[data-q].on")
        expect(marked).to_contain_text("heads will roll")
        self.assertTrue(marked.first.evaluate("node => node === document.activeElement"))
        page.go_back()
        expect(page.locator("h1")).to_have_text("Samuel Wekesa")

    def test_an_article_shows_its_parts(self):
        page = self.open("/article/1")
        for role, text in (("headline", "survivors tell of night"), ("byline", "Mercy Atieno"), ("caption", "A relative of a passenger"),
                           ("boilerplate", "HOME")):
            expect(page.locator(f".text .{role}").first).to_contain_text(text)
        record = self.json("/api/v1/documents/1")["document"]
        shown = page.locator("article.text").evaluate("node => [...node.children].filter(one => one.tagName !== 'svg')"
                                                      ".map(one => one.textContent).join('')")
        for paragraph in record["structure"]:
            text = record["text"][paragraph["start"]:paragraph["end"]]
            self.assertIn(text, shown, "nothing of a text is left out")
        self.assertEqual(page.locator("[data-q][id]").count(), len(record["quotes"]))
        colours = {kind: page.locator(f"a.e-{kind}").first.evaluate("node => getComputedStyle(node).textDecorationColor")
                   for kind in ("PERSON", "ORG", "LOC")}
        self.assertEqual(len(set(colours.values())), 3, colours)
        spoken, reported = (page.locator(f".q.{kind}").first.evaluate("node => getComputedStyle(node).backgroundColor")
                            for kind in ("direct", "indirect"))
        self.assertNotEqual(spoken, reported)
        page.locator(".quoted li").first.hover()
        most = int(page.locator(".quoted li .number").first.text_content())
        self.assertEqual(page.locator(".theirs[id]").count(), most)
        self.assertGreater(most, 1)

    def test_a_persons_page(self):
        page = self.open("/entity/person:samuel-wekesa")
        days = self.json("/api/v1/entities/person:samuel-wekesa")["days"]
        quotes, positions = self.said_by("person:samuel-wekesa")
        expect(page.locator(".plot svg")).to_have_attribute(
            "aria-label", f"{len(quotes)} quotations from 14 May 2025 to 16 May 2025, {max(one['quotes'] for one in days)} a day at most")
        expect(page.locator(".plot .slot")).to_have_count(len(days))
        moments = page.locator(".moment time").all_text_contents()
        self.assertEqual(len(moments), len(positions))
        self.assertEqual((moments[0], moments[-1]), ("16 May 2025", "14 May 2025"))
        page.locator(".plot .slot").last.click()
        expect(page.locator(".moment")).to_have_count(1)
        expect(page.locator(".timeline h2")).to_contain_text("Said on 16 May 2025")
        page.get_by_role("link", name="all", exact=True).click()
        expect(page.locator(".moment")).to_have_count(len(positions))

    def test_search(self):
        page = self.open("/")
        page.keyboard.press("/")
        page.keyboard.type("water", delay=10)
        expect(page).to_have_url(re.compile(r"/$"))
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/search\?q=water$"))
        expect(page.locator("figure.said mark").first).to_have_text("water")
        before = page.locator("figure.said").count()
        page.keyboard.type(" retired", delay=10)  # found as it is typed
        expect(page).to_have_url(re.compile("retired"))
        self.settle()
        self.assertLess(page.locator("figure.said").count(), before)
        page.locator("#words").fill("wekes")
        expect(page.locator(".names.big a")).to_have_text("Samuel Wekesa")
        page.locator("#words").fill("ferry")
        expect(page.locator("section.articles .card h2").first).to_contain_text("Ministers knew")
        page.get_by_label("outlet").fill("Nalubo Wire")
        page.get_by_label("outlet").press("Tab")
        expect(page).to_have_url(re.compile("outlet=Nalubo"))
        expect(page.locator("section.articles .card")).to_have_count(1)
        page.go_back()
        expect(page.locator("h1")).to_have_text("news")

    def test_people(self):
        page = self.open("/people")
        expect(page.locator(".entities li").first).to_contain_text("Samuel Wekesa")
        page.get_by_label("Name", exact=True).fill("osei")
        expect(page.locator(".entities li").first).to_contain_text("Osei-Strand")
        page.get_by_role("link", name="Organisations").click()
        expect(page.locator("h1")).to_have_text("Organisations")

    # -- while a run goes on ---------------------------------------------------------------------------------------------

    def test_a_real_run_is_seen_live(self):
        inbox = self.folder / "inbox"
        inbox.mkdir()
        write_archive(inbox / "one.jsonl", ["01"])
        corpus = self.folder / "live.corpus"
        run = self.start("run", inbox, "--corpus", corpus, "--follow", "--quiet", "--workers", 2)
        self.wait_for_documents(corpus, 1)
        self.serve(corpus)
        page = self.open("/")
        expect(page.locator(".card")).to_have_count(1)
        expect(page.locator("#pulse")).to_have_class("pulse on")
        write_archive(inbox / "two.jsonl", ["02", "03"])
        news = page.locator("button.news")
        expect(news).to_have_text("Show 2 new articles")
        expect(page.locator(".figures").first).to_contain_text("3 articles")
        expect(page.locator(".card")).to_have_count(1)  # not while somebody reads
        news.click()
        expect(page.locator(".card")).to_have_count(3)
        page.get_by_role("link", name="Live").click()
        expect(page.locator(".workers tbody tr")).to_have_count(2)
        expect(page.locator(".state")).to_contain_text("3 records on disk, all of them in the index")
        write_archive(inbox / "three.jsonl", ["04"])
        expect(page.locator(".card.fresh h2")).to_have_text("North Korea sends senior envoy to Mongolia")
        expect(page.locator(".fact").first).to_have_text("4articles done")
        run.send_signal(signal.SIGINT)
        run.wait(60)
        expect(page.locator(".state")).to_contain_text("No pipeline runs")
        expect(page.locator(".workers")).to_have_count(0)
        page.close()  # its stream would be asked for again when the server is gone

    # -- by keys ---------------------------------------------------------------------------------------------------------

    def test_keys(self):
        page = self.open("/")
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Skip to the text")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        page.keyboard.press("j")
        page.keyboard.press("j")
        second = page.locator(".card").nth(1)
        expect(second).to_be_focused()
        title = second.locator("h2").text_content()
        page.keyboard.press("Enter")
        expect(page.locator("h1.headline")).to_have_text(title)
        page.keyboard.press("j")
        first = page.locator("[data-q].on").first
        expect(first).to_be_focused()
        expect(page.locator("#tie")).to_be_visible()
        outline = first.evaluate("node => getComputedStyle(node).outlineStyle")
        self.assertEqual(outline, "solid", "the focus is seen")
        number = first.get_attribute("data-q")
        page.keyboard.press("j")
        expect(page.locator("[data-q].on").first).not_to_have_attribute("data-q", number)
        page.keyboard.press("k")
        expect(page.locator("[data-q].on").first).to_have_attribute("data-q", number)
        for _ in range(20):  # on to one whose speaker has a name
            if page.locator("#tie a.who").count():
                break
            page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page.locator(".person h1")).to_be_visible()
        page.keyboard.press("u")
        expect(page.locator("h1.headline")).to_have_text(title)
        page.keyboard.press("ArrowRight")
        expect(page.locator("h1.headline")).not_to_have_text(title)
        page.keyboard.press("?")
        expect(page.locator("#help")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#help")).to_be_hidden()
        page.keyboard.press("/")
        expect(page.locator("#words")).to_be_focused()

    def test_what_has_no_words_has_a_name(self):
        page = self.open()
        for path in ("/", "/article/0", "/entity/person:samuel-wekesa", "/search?q=water", "/people", "/live"):
            with self.subTest(path):
                self.go(path)
                self.assertEqual(page.locator("h1").count(), 1)
                nameless = page.evaluate("""() => [...document.querySelectorAll("a, button, input, select")].filter(node =>
                    !(node.hidden || node.textContent.trim() || node.getAttribute("aria-label") || node.labels?.length)).map(node => node.outerHTML)""")
                self.assertEqual(nameless, [])
                doubled = page.evaluate("""() => { const ids = [...document.querySelectorAll("[id]")].map(node => node.id);
                    return ids.filter((id, i) => ids.indexOf(id) !== i); }""")
                self.assertEqual(doubled, [])

    # -- how it looks ----------------------------------------------------------------------------------------------------

    def test_a_phone(self):
        phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
        page = self.open(**phone)
        for path in ("/", "/article/1", "/entity/person:samuel-wekesa", "/search?q=water", "/people", "/live"):
            self.go(path)
            wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            self.assertLessEqual(wide, 0, f"{path} is wider than the phone")
        self.go("/article/0")
        page.locator("[data-q]").nth(2).tap()
        expect(page.locator("#tie .who")).to_be_visible()
        page.wait_for_timeout(300)  # what else is known of the speaker makes the card larger
        box = page.locator("#tie").bounding_box()
        quote = page.locator("[data-q].on").first.bounding_box()
        self.assertLess(quote["y"] + min(quote["height"], 150), box["y"], "the quotation is behind the card")
        self.assertAlmostEqual(box["y"] + box["height"], 844 - 12, delta=2)
        page.locator("#tie .close").tap()
        expect(page.locator("#tie")).to_be_hidden()

    CONTRAST = """selector => {
        const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
        const rgb = colour => { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
        const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
            .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
        const node = document.querySelector(selector);
        const opaque = colour => { canvas.clearRect(0, 0, 1, 1); return rgb(colour)[3] === 255; };
        let ground = node;
        while (ground.parentElement && !opaque(getComputedStyle(ground).backgroundColor)) ground = ground.parentElement;
        const [a, b] = [light(rgb(getComputedStyle(node).color)), light(rgb(getComputedStyle(ground).backgroundColor))];
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); }"""

    def test_dark_and_light(self):
        paper = "getComputedStyle(document.body).backgroundColor"
        for scheme in ("light", "dark"):
            page = self.open("/article/1", color_scheme=scheme)
            page.locator(".q.direct").first.click()
            for selector in (".text .body", ".q.on", ".q.indirect", ".text .caption", ".kicker .first", "#tie .how", ".rail h2", ".meta"):
                self.assertGreaterEqual(page.evaluate(self.CONTRAST, selector), 4.5, f"{selector}, {scheme}")
        dark = page.evaluate(paper)
        page.keyboard.press("t")
        light = page.evaluate(paper)
        self.assertNotEqual(dark, light)
        page.reload()
        self.settle()
        self.assertEqual(page.evaluate(paper), light, "the choice is kept")

    # -- what an article may not do --------------------------------------------------------------------------------------

    def test_text_is_text(self):
        page = self.open("/article/24")
        expect(page.locator("h1.headline")).to_have_text("<script>window.hacked = 1</script> wins prize")
        for part in ("<img src=x onerror='window.hacked = 2'>", "<script>window.hacked = 3</script>", "</span></p><script>", "𝕏 was no 🚢 ship"):
            expect(page.locator("article.text")).to_contain_text(part)
        expect(page.locator(".kicker")).to_contain_text("<i>Outlet</i>")
        self.assertEqual(page.locator("main script, main img, main i, main b").count(), 0)
        self.assertEqual(page.locator("a[href^=javascript]").count(), 0)
        quote = page.locator("[data-q]").first
        quote.click()
        record = self.json("/api/v1/documents/24")["document"]
        first = record["quotes"][0]
        expect(quote).to_have_text(record["text"][first["start"]:first["end"]])
        for path in ("/", "/search?q=hacked", "/entity/person:mara-venn", "/live",
                     "/search?q=%3Cscript%3Ewindow.hacked%3D7%3C%2Fscript%3E"):
            self.go(path)
        self.assertIsNone(page.evaluate("window.hacked ?? null"))

    def test_what_is_not_there_is_said(self):
        context = self.browser.new_context()
        self.addCleanup(context.close)
        page = context.new_page()
        for path, words in (("/article/999", "no document"), ("/entity/%3Cscript%3Ewindow.hacked%3D8%3C%2Fscript%3E", "no entity")):
            page.goto(f"http://127.0.0.1:{self.port}{path}")
            expect(page.get_by_role("alert")).to_contain_text(words)
        self.assertIsNone(page.evaluate("window.hacked ?? null"))


def take_pictures():
    case = Page()
    Page.setUpClass()
    try:
        case.setUp()
        PICTURES.mkdir(parents=True, exist_ok=True)
        phone = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}

        def take(name, path, act=None, **options):
            page = case.open(path, **options)
            if act:
                act(page)
            page.wait_for_timeout(600)
            page.screenshot(path=PICTURES / f"{name}.png")
        take("articles", "/")
        take("article", "/article/0", lambda page: page.locator("[data-q]", has_text="will of God").click())
        take("article-dark", "/article/1", lambda page: page.locator("[data-q]", has_text="laughed at us").click(), color_scheme="dark")
        take("person", "/entity/person:samuel-wekesa")
        take("search", "/search?q=water")
        take("phone", "/article/0", lambda page: page.locator("[data-q]", has_text="will of God").tap(), **phone)
    finally:
        case.doCleanups()
        Page.doClassCleanups()


def main():
    if not CHROMIUM:
        print("skipped: there is no Chromium (Debian: chromium)")
        sys.exit(77)
    if not sync_playwright and not os.environ.get("QUOTEWIRE_TEST_AGAIN"):
        try:
            python = python_with("playwright")
        except unittest.SkipTest as reason:
            print(f"skipped: {reason}")
            sys.exit(77)
        os.execve(python, [str(python), "-B", str(pathlib.Path(__file__).resolve()), *sys.argv[1:]],
                  {**os.environ, "QUOTEWIRE_TEST_AGAIN": "1"})
    if sys.argv[1:] == ["--screenshots"]:
        take_pictures()
    else:
        unittest.main(verbosity=2)  # says why a case is skipped


if __name__ == "__main__":
    main()
