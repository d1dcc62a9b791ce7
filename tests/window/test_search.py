"""Words of a book that was just added are found, and open the chapter at the passage, in the real window."""

from drag import Drag
from place import FIXTURES, wait

CONTROL, SHIFT, ENTER, DOWN, ESCAPE = "\ue009", "\ue008", "\ue007", "\ue015", "\ue00c"
MARKED = "return [...document.querySelectorAll('[data-testid=\"chapter-source\"] mark')].map((one) => one.innerText)"
NOW = """const now = document.querySelector('mark[aria-current]')?.getBoundingClientRect()
return now !== undefined && now.top >= 0 && now.bottom <= innerHeight"""


def test_words_are_found_and_open_the_chapter_at_the_passage(bench):
    page = bench.open()
    page.see("try-sample")
    with Drag([FIXTURES / "chapters.txt"]) as drag:
        page.see("drop-overlay")
        drag.drop()
        page.see("preview-add")
    page.click("preview-add")
    wait("the book is on the shelf", lambda: len(page.all("book-card")) == 1)

    page.chord(CONTROL, SHIFT, "f")
    page.see("search-field")
    wait("the field has the focus", lambda: page.run("return document.activeElement.dataset.testid") == "search-field")
    page.type("crossed it hand")
    hit = page.see("hit")
    assert "The Bridge at Low Water" in hit and "crossed it hand in hand" in hit, hit
    assert "1 book" in page.text("search-said")

    page.type(DOWN)
    wait("the hit has the focus", lambda: page.run("return document.activeElement.dataset.testid") == "hit")
    page.type(ENTER)
    page.see("finder")
    wait("the passage is made visible", lambda: page.run(MARKED)[:3] == ["crossed", "it", "hand"])
    wait("the passage is in sight", lambda: page.run(NOW))
    page.type(ESCAPE)
    wait("nothing is marked any more", lambda: page.run(MARKED) == [])

    page.chord(CONTROL, SHIFT, "f")
    wait("the words are still there", lambda: page.run("return document.querySelector('[data-testid=\"search-field\"]')?.value") == "crossed it hand")
    page.type("zeppelin")
    assert "holds “zeppelin”" in page.see("search-none")
