"""What a reader changes in the chapters before a book is added."""

from drag import Drag
from place import FIXTURES, wait

CHAPTERS = "return [...document.querySelectorAll('[data-testid=\"preview\"] .row:not(.out) .name')].map((name) => name.innerText)"


def chapters(page):
    return page.run(CHAPTERS)


def choose(page, action):
    """An action of the first chapter's menu."""
    page.click_css('[data-testid="preview"] .row:not(.out) [data-testid="section-menu"]')
    page.click(action)


def test_several_files_with_a_bad_one_then_changes_by_mouse_and_keys(bench):
    page = bench.open()
    page.see("try-sample")
    with Drag([FIXTURES / "chapters.txt", FIXTURES / "binary.txt", FIXTURES / "chapters.md"]) as drag:
        assert "Add 3 books" in page.see("drop-overlay") or "Add 2 books" in page.text("drop-overlay")
        drag.drop()
        page.see("refused")
    wait("both books are offered", lambda: len(page.all("offer")) == 2)
    before = chapters(page)
    assert len(before) >= 3, before

    choose(page, "section-out")
    wait("the first chapter is left out", lambda: chapters(page) == before[1:])
    assert "100 % of" in page.text("preview-coverage")
    page.click("edit-undo")
    wait("it is back", lambda: chapters(page) == before)

    choose(page, "section-split")
    page.click("paragraph")
    wait("a chapter more", lambda: len(chapters(page)) == len(before) + 1)
    choose(page, "section-join")
    wait("joined again", lambda: chapters(page) == before)

    choose(page, "section-rename")
    field = wait("the title can be typed", lambda: page.run("return document.activeElement?.classList.contains('title')"))
    assert field
    page.type("A title of my own\ue007")
    wait("it has the title", lambda: chapters(page)[0] == "A title of my own")

    page.click("edit-pattern")
    page.see("pattern-field")
    page.type("(")
    page.see("edit-problem")
    assert "cannot be read" in page.text("edit-problem")
    page.type("\ue003^" + before[-1])
    wait("the pattern sets the chapters", lambda: not page.has("edit-problem") and len(chapters(page)) == 2)
    page.click("preview-start")
    page.see("book-card", 30)
    wait("both are done", lambda: page.body().count("Done") >= 2 or page.body().count("built-in") >= 2, 60)
    page.click_css('[data-testid="book-card"] a, [data-testid="book-card"] button')
    page.see("book-chapter")
