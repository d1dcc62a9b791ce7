"""The commands by keys, and the library by keys and by the right mouse button."""

from display import xdo
from drag import Drag
from place import FIXTURES, wait

CONTROL, SHIFT, ENTER, ESCAPE, DOWN, RIGHT = "\ue009", "\ue008", "\ue007", "\ue00c", "\ue015", "\ue014"
ITEMS = "return [...document.querySelectorAll('[data-testid=\"palette-item\"] .label')].map((one) => one.innerText)"
ACTIVE = "return document.activeElement.tagName + ' ' + (document.activeElement.closest('[data-place]')?.dataset.place ?? document.activeElement.id)"


def place(page):
    return page.run("return location.hash")


def command(page, words):
    """Opens the commands by keys, types, and does what stands first."""
    page.chord(CONTROL, "k")
    page.see("palette")
    wait("the field has the focus", lambda: page.run("return document.activeElement.dataset.testid") == "palette-input")
    page.type(words)
    page.see("palette-item")
    page.type(ENTER)
    wait("the commands are closed", lambda: not page.has("palette"))


def add_two_books(page):
    page.see("try-sample")
    with Drag([FIXTURES / "chapters.txt", FIXTURES / "chapters.md"]) as drag:
        page.see("drop-overlay")
        drag.drop()
        page.see("preview-add")
    wait("both books are offered", lambda: len(page.all("offer")) == 2)
    page.click("preview-add")
    wait("both books are on the shelf", lambda: len(page.all("book-card")) == 2)


def test_palette_leads_everywhere_and_keys_do_the_rest(bench):
    page = bench.open()
    add_two_books(page)

    command(page, "settings")
    wait("the settings are shown", lambda: place(page) == "#/settings")
    command(page, "tries of a call")
    wait("the setting has the focus", lambda: page.run("return document.activeElement.id") == "set-llm.attempts")
    command(page, "dark col")
    wait("the colours are dark", lambda: page.run("return document.documentElement.dataset.theme") == "dark")
    page.chord(CONTROL, "2")
    wait("the board is shown", lambda: place(page).startswith("#/board"))
    page.type("gl")
    wait("the library is shown", lambda: place(page) == "#/library")

    page.chord("?")
    assert "Keyboard shortcuts" in page.see("shortcuts")
    page.type(ESCAPE)
    wait("the list is closed", lambda: not page.has("shortcuts"))

    title = page.run("return document.querySelector('[data-testid=\"book-card\"] .title').innerText")
    page.chord("/")
    wait("the search has the focus", lambda: page.run("return 'find' in document.activeElement.dataset"))
    page.type("nothing is called that")
    page.see("no-books")
    page.type(ESCAPE)
    wait("both are shown again", lambda: len(page.all("book-card")) == 2)
    page.type(DOWN)
    wait("the first book has the focus", lambda: page.run(ACTIVE) == "A 0")
    page.chord(SHIFT, RIGHT)
    wait("the second book has the focus", lambda: page.run(ACTIVE) == "A 1")
    assert "2 books chosen" in page.see("choice-bar")
    page.type(ESCAPE)
    wait("none is chosen", lambda: not page.has("choice-bar"))

    page.chord(CONTROL, "k")
    page.see("palette")
    page.type(title[:6])
    wait("the book is found", lambda: title in page.run(ITEMS))
    page.type(ESCAPE)
    wait("the commands are closed", lambda: not page.has("palette"))
    wait("the focus is back", lambda: page.run(ACTIVE) == "A 1")
    page.type(ENTER)
    page.see("book-chapter")


def test_palette_and_the_right_button_offer_the_same_for_a_book(bench):
    page = bench.open()
    add_two_books(page)
    x, y, _, _ = bench.app.box()
    spot = "const box = document.querySelector('[data-testid=\"book-card\"] a').getBoundingClientRect(); return [box.x + 40, box.y + 60]"
    dx, dy = page.run(spot)
    xdo("mousemove", int(x + dx), int(y + dy), "click", 3)
    words = page.see("book-menu")
    assert "Open" in words and "Summarise" in words and "Remove from the library" in words, words
    page.run("[...document.querySelectorAll('[role=menuitem]')].find((one) => one.innerText.startsWith('Remove')).click()")
    wait("one book is left", lambda: len(page.all("book-card")) == 1)
    page.run("[...document.querySelectorAll('[data-testid=notice] button')].find((one) => one.innerText === 'Undo').click()")
    wait("it is back", lambda: len(page.all("book-card")) == 2)
