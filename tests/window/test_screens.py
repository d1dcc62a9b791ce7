"""A picture of every screen at 1280 by 800, light and dark."""

from display import measure, picture
from drag import Drag
from place import ARTIFACTS, FIXTURES, SAMPLE, wait
from sim import Sim

SIZE = (1280, 800)
# Fewer grey levels than this is an empty screen.
FEWEST_GREYS = 40


def shoot(bench, page, name):
    """Both pictures of what is shown; each must show something, and the dark one be the darker."""
    for theme in ("light", "dark"):
        page.run("document.documentElement.dataset.theme = arguments[0]", theme)
        path = ARTIFACTS / f"{name}-{theme}.png"

        def shown():
            picture(path, bench.app.box())
            return (measure(path, "mean") > 0.5) == (theme == "light") and measure(path, "%k") >= FEWEST_GREYS

        wait(f"the screen “{name}” is drawn {theme}", shown, 15, 0.1)
        assert (measure(path, "w"), measure(path, "h")) == SIZE, f"{name} is not {SIZE} in size"


def test_screens_light_and_dark(bench):
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    # Slow enough that the run is still under way for the pictures of it, on a busy machine too.
    with Sim(bench.sim_log, 0.3, "--plain") as sim:
        page = bench.open(sim.address)
        page.see("try-sample")
        assert bench.app.box()[2:] == SIZE, bench.app.box()
        shoot(bench, page, "library-empty")
        with Drag([SAMPLE, FIXTURES / "binary.txt"]) as drag:
            page.see("drop-overlay")
            shoot(bench, page, "drop")
            drag.drop()
            page.see("refused")
            page.see("preview-start")
        shoot(bench, page, "preview")
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
        page.click("rail-library")
        page.see("book-card")
        shoot(bench, page, "library")
        page.click("rail-settings")
        page.see("setting")
        shoot(bench, page, "settings")
        page.click_css('input[name="theme"][value="dark"]')
        wait("the choice is taken", lambda: page.run("return document.documentElement.dataset.theme") == "dark")
