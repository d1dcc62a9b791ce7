"""A picture of every screen in two sizes, light and dark, each looked at by axe too."""

import subprocess

from display import ask_to_close, measure, picture, windows, xdo
from drag import Drag
from measure import book
from place import ARTIFACTS, FIXTURES, ROOT, SAMPLE, built, wait
from sim import Sim

SIZES = {"": (1280, 800), "-wide": (1920, 1080)}
NARROW = (900, 700)
# What sticks out of the window at the side, or is cut off there without a way to scroll to it.
BEYOND = """return [...document.querySelectorAll('main *, nav *')].filter((one) => {
  const box = one.getBoundingClientRect()
  return box.width > 0 && box.right > innerWidth + 1 && !one.closest('[data-testid=chart-uplot], .unseen')
}).map((one) => one.outerHTML.slice(0, 120))"""
CONTROL, ESCAPE = "\ue009", "\ue00c"
CHOOSE_BOOK = """const list = document.querySelector('[data-testid="try-book"]')
list.selectedIndex = list.options.length - 1
list.dispatchEvent(new Event('change', { bubbles: true }))"""
# Fewer grey levels than this is an empty screen.
FEWEST_GREYS = 40
AXE = ROOT / "ui" / "node_modules" / "axe-core" / "axe.min.js"
# An open menu stands at the end of the page, outside of its landmarks, as menus that float do: only that rule is left aside.
LOOK = """const open = document.querySelector('[role=menu]') !== null
return axe.run(document, { resultTypes: ['violations'], rules: { region: { enabled: !open } } }).then(({ violations }) => violations.map(
    (one) => `${one.id}: ${one.nodes.map((node) => `${node.html} ${node.failureSummary}`).join(' | ')}`))"""


def resize(bench, page, size):
    """Gives the window a size, as a person drags its corner."""
    if bench.app.box()[2:] == size:
        return
    window = max(windows("^Epitome$"), key=lambda found: int(xdo("getwindowgeometry", "--shell", found).split("WIDTH=")[1].split()[0]))
    xdo("windowmove", window, 0, 0)
    xdo("windowsize", window, *size)
    wait(f"the window is {size}", lambda: bench.app.box()[2:] == size)
    wait("the page is as wide", lambda: page.run("return innerWidth") == size[0])


def accessible(page, name):
    """Axe finds nothing, contrast included: only here are there real colours."""
    if not page.run("return 'axe' in window"):
        page.run(AXE.read_text("utf-8"))
    # What fades in has no colour of its own yet.
    page.run("return Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null))).then(() => null)")
    found = page.run(LOOK)
    assert not found, f"axe on {name}: {found}"


def shoot(bench, page, name):
    """The pictures of what is shown; each must show something, and the dark one be the darker."""
    for word, size in SIZES.items():
        resize(bench, page, size)
        for theme in ("light", "dark"):
            page.run("document.documentElement.dataset.theme = arguments[0]", theme)
            path = ARTIFACTS / f"{name}{word}-{theme}.png"

            def shown():
                picture(path, bench.app.box())
                return (measure(path, "mean") > 0.5) == (theme == "light") and measure(path, "%k") >= FEWEST_GREYS

            wait(f"the screen “{name}” is drawn {theme}", shown, 15, 0.1)
            assert (measure(path, "w"), measure(path, "h")) == size, f"{name} is not {size} in size"
            if not word:
                accessible(page, f"{name}, {theme}")
    resize(bench, page, SIZES[""])


def narrow(bench, page, name):
    """In the smallest window nothing is beyond its edge, and the picture of it is kept."""
    resize(bench, page, NARROW)
    page.run("document.documentElement.dataset.theme = 'light'")
    wait(f"everything of “{name}” is within {NARROW[0]} pixels", lambda: not page.run(BEYOND), 5)
    assert page.run("return document.documentElement.scrollWidth <= innerWidth"), f"{name} scrolls sideways"
    picture(ARTIFACTS / f"{name}-narrow-light.png", bench.app.box())
    accessible(page, f"{name}, narrow")
    resize(bench, page, SIZES[""])


def test_screens_light_and_dark(bench):
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    # Slow enough that the run is still under way for the pictures of it, on a busy machine too.
    with Sim(bench.sim_log, 0.5, "--plain") as sim:
        page = bench.open(sim.address)
        page.see("try-sample")
        assert bench.app.box()[2:] == SIZES[""], bench.app.box()
        shoot(bench, page, "library-empty")
        with Drag([SAMPLE, FIXTURES / "binary.txt"]) as drag:
            page.see("drop-overlay")
            shoot(bench, page, "drop")
            drag.drop()
            page.see("refused")
            page.see("preview-start")
        shoot(bench, page, "preview")
        page.click_css('[data-testid="job-settings"] summary')
        shoot(bench, page, "preview-settings")
        page.click_css('[data-testid="job-settings"] summary')
        page.click("preview-start")
        page.see("chapter-grid", 30)
        wait("some chapters are done", lambda: any(cell["state"] == "done" for cell in page.all("cell")), 60)
        shoot(bench, page, "board-running")
        page.click("rail-library")
        page.see_words("chapters done")
        shoot(bench, page, "library-running")
        page.click("rail-board")
        wait("the job is done", lambda: page.state("job-state") == "done", 90)
        shoot(bench, page, "board-done")
        page.click("read-book")
        page.see("book-synopsis-text")
        shoot(bench, page, "book-synopsis")
        page.click_chapter(1)
        page.see("chapter-summary")
        page.see("chapter-source")
        shoot(bench, page, "book-chapter")
        page.click("book-more")
        page.click("again-chapter")
        page.see("again")
        wait("the menu is closed", lambda: not page.has("again-chapter"))
        shoot(bench, page, "again")
        page.type(ESCAPE)
        page.click("rail-settings")
        page.see("setting")
        shoot(bench, page, "settings")
        page.click_css('[data-group="Prompts"] summary')
        page.run(CHOOSE_BOOK)
        page.see("sent")
        page.click("ask-model")
        page.see("trial-answer", 30)
        page.run("document.querySelector('[data-testid=try-words]').scrollIntoView({ block: 'center' })")
        shoot(bench, page, "prompts")
        page.run("document.querySelector('.settings .scroll').scrollTo(0, 1e6)")
        shoot(bench, page, "settings-end")
        page.run("document.querySelector('.settings .scroll').scrollTo(0, 0)")
        page.click_css('input[name="theme"][value="dark"]')
        wait("the choice is taken", lambda: page.run("return document.documentElement.dataset.theme") == "dark")


TITLES = ["The Long Road", "A Year by the River", "Letters to Nobody", "The Salt Mill", "Of Bees and Clockwork", "North"]


def fill_library(bench, count):
    """So many finished books, by the command line."""
    folder = bench.folder / "books"
    folder.mkdir()
    for number in range(count):
        title = f"{TITLES[number % len(TITLES)]}, volume {number // len(TITLES) + 1}"
        text = book(folder / f"{number:02}.txt", 3, 60).read_text("utf-8")
        # Books of their own, not versions of one.
        text = text.replace("The Long Road", title, 1).replace("travellers", f"people of house {number}")
        (folder / f"{number:02}.txt").write_text(text, "utf-8")
    # As files: a folder of short texts would be one book.
    command = [built("epitome-cli"), "summarise", "--builtin", *map(str, sorted(folder.iterdir()))]
    with open(bench.folder / "fill.log", "wb") as log:
        subprocess.run(command, env=bench.environment(), stdout=log, stderr=log, check=True, timeout=90)


def test_screens_of_fifty_books_and_a_run_of_385_chapters_with_failures(bench):
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    fill_library(bench, 50)
    # Each call is tried once, so that some chapters fail.
    with Sim(bench.sim_log, 0.06, "--plain", "--faults", "error=0.03") as sim:
        page = bench.open(sim.address, {"EPITOME_ATTEMPTS": "1"})
        page.see("book-card", 30)
        shoot(bench, page, "library-50")
        bench.app.second_start(book(bench.folder / "The Ledger of Small Hours.txt", 385, 40))
        page.click("preview-start", 60)
        page.see("chapter-grid", 60)
        done = "return document.querySelectorAll('[data-testid=cell][data-state=done]').length"
        wait("a good part is done", lambda: page.run(done) >= 60, 90)
        shoot(bench, page, "board-385")
        ask_to_close("^Epitome$")
        page.see("leaving")
        shoot(bench, page, "leaving")
        page.click("leave-not")
        page.click("charts-all")
        page.see("stages")
        page.run("document.querySelector('[data-testid=charts]').scrollIntoView()")
        shoot(bench, page, "board-charts")
        page.click("charts-all")
        wait("it is over", lambda: page.state("job-state") == "incomplete", 110)
        page.see("retry-failed")
        shoot(bench, page, "board-failures")
        page.click("rail-library")
        page.see("book-card")
        page.chord(CONTROL, "k")
        page.see("palette")
        shoot(bench, page, "palette")


def right_click(bench, page, css):
    """The right mouse button on the first of such elements, by the mouse."""
    spot = "const box = document.querySelector(arguments[0]).getBoundingClientRect(); return [box.x + 9, box.y + 9]"
    dx, dy = page.run(spot, css)
    x, y, _, _ = bench.app.box()
    xdo("mousemove", int(x + dx), int(y + dy), "click", 3)


def test_screens_of_what_is_found_asked_and_told(bench):
    """No server, menus, keys, messages, and what was searched; and the screens in the smallest window."""
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    page = bench.open()
    page.see("try-sample")
    shoot(bench, page, "library-no-server")
    narrow(bench, page, "library-no-server")
    page.click("try-sample")
    page.see("chapter-grid", 30)
    wait("the sample is done", lambda: page.state("job-state") == "done", 60)
    narrow(bench, page, "board-done")
    right_click(bench, page, "[data-testid=cell][data-state=done]")
    assert "Open" in page.see("chapter-menu")
    shoot(bench, page, "board-menu")
    page.type(ESCAPE)
    page.click("rail-search")
    page.see("search-field")
    shoot(bench, page, "search-empty")
    page.click("search-field")
    page.type("white rabbit")
    page.see("hit", 30)
    shoot(bench, page, "search")
    narrow(bench, page, "search")
    page.click("hit")
    page.see("finder")
    wait("the words are made visible", lambda: page.run("return document.querySelectorAll('article mark').length") > 0)
    shoot(bench, page, "book-found")
    narrow(bench, page, "book-found")
    page.chord("?")
    page.see("shortcuts")
    shoot(bench, page, "shortcuts")
    page.type(ESCAPE)
    page.click("rail-settings")
    page.see("setting")
    narrow(bench, page, "settings")
    page.click("rail-library")
    page.see("book-card")
    right_click(bench, page, "[data-testid=book-card] a")
    assert "Remove" in page.see("book-menu")
    shoot(bench, page, "library-menu")
    page.type(ESCAPE)
