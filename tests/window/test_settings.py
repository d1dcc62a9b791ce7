"""Settings that reach into the work: own words, one job's own settings, the inbox, the colours, closing during work."""

from display import ask_to_close
from drag import Drag
from driver import DriverError
from measure import book
from place import FIXTURES, SAMPLE, wait
from sim import Sim

CONTROL = "\ue009"
VALUE = "return document.querySelector(arguments[0]).value"
CHOOSE = """const list = document.querySelector(`[data-testid="${arguments[0]}"]`)
list.value = arguments[1] ?? [...list.options].at(-1).value
list.dispatchEvent(new Event('input', { bubbles: true }))
list.dispatchEvent(new Event('change', { bubbles: true }))"""


def choose(page, testid, value=None):
    """Takes an entry of a list; the last where none is named."""
    page.run(CHOOSE, testid, value)


def done(page):
    wait("it is done", lambda: page.state("job-state") == "done", 90)


def try_sample(page):
    page.click("try-sample")
    page.see("chapter-grid", 30)
    done(page)


def test_own_words_are_tried_kept_and_taken_back(bench):
    with Sim(bench.sim_log, 0.01) as sim:
        page = bench.open(sim.address)
        try_sample(page)
        page.click("rail-settings")
        page.click_css('[data-group="Prompts"] summary')
        page.click_css("#set-prompt\\.style")
        page.chord(CONTROL, "a")
        page.type("Write as a sailor would.")
        choose(page, "try-book")
        assert "Write as a sailor would." in page.see("sent")
        asked = sim.stats()["finished"]
        page.click("ask-model")
        assert len(page.see("trial-answer", 30)) > 40
        assert sim.stats()["finished"] == asked + 1, "one call, no more"
        page.click("keep-words")
        wait("they are kept", lambda: "back to the usual ones" in page.text("setting-group") or "back to the usual ones" in page.body())
        bench.app.stop()
        page = bench.app.start()
        page.click("rail-settings")
        page.click_css('[data-group="Prompts"] summary')
        wait("they are kept over a restart", lambda: page.run(VALUE, "#set-prompt\\.style") == "Write as a sailor would.")
        page.click_css('[data-key="prompt.style"] .link')
        wait("the usual words are back", lambda: page.run(VALUE, "#set-prompt\\.style").startswith("Write plain prose"))


def test_a_chapter_is_done_again_by_another_writer_and_says_so(bench):
    with Sim(bench.sim_log, 0.01) as sim:
        page = bench.open(sim.address)
        try_sample(page)
        page.click("read-book")
        page.click_chapter(2)
        page.see("chapter-summary")
        assert not page.has("built-in-note")
        page.click("book-more")
        page.click("again-chapter")
        page.see("again")
        choose(page, "ask-writer", "built_in")
        page.click("again-start")
        page.see("built-in-note", 30)
        page.click_chapter(1)
        wait("the other chapters stay as they are", lambda: page.has("chapter-summary") and not page.has("built-in-note"))


def test_a_start_with_other_settings_tells_what_it_would_cost(bench):
    with Sim(bench.sim_log, 0.01) as sim:
        page = bench.open(sim.address)
        page.see("try-sample")
        with Drag([SAMPLE]) as drag:
            page.see("drop-overlay")
            drag.drop()
            page.see("preview-start")
        assert "llama3.1:8b" in page.text("preview-estimate")
        page.click_css('[data-testid="job-settings"] summary')
        choose(page, "ask-writer", "built_in")
        wait("the estimate follows", lambda: "built-in summariser" in page.text("preview-estimate"))
        page.click("preview-start")
        page.see("chapter-grid", 30)
        done(page)
        assert sim.stats()["finished"] == 0, "the model was asked all the same"


def test_what_is_put_into_the_inbox_comes_in_by_itself(bench):
    inbox = bench.folder / "inbox"
    inbox.mkdir()
    page = bench.open("http://127.0.0.1:9", {"EPITOME_INBOX": str(inbox)})
    page.see("try-sample")
    (inbox / "chapters.txt").write_bytes((FIXTURES / "chapters.txt").read_bytes())
    (inbox / "broken.epub").write_bytes(b"no book at all")
    page.see("book-card", 30)
    wait("it is summarised", lambda: "built-in" in page.text("book-card"), 30)
    wait("what is no book is named", lambda: "broken.epub" in page.body(), 30)
    assert (inbox / "chapters.txt").read_bytes() == (FIXTURES / "chapters.txt").read_bytes()


THEME = "return document.documentElement.dataset.theme ?? ''"
PAPER = "return getComputedStyle(document.body).backgroundColor"


def test_colours_are_chosen_and_stay_over_a_restart(bench):
    page = bench.open()
    page.click("rail-settings")
    light = page.run(PAPER)
    page.click_css('input[name="theme"][value="dark"]')
    wait("it is dark", lambda: page.run(THEME) == "dark" and page.run(PAPER) != light)
    dark = page.run(PAPER)
    ask_to_close("^Epitome$")
    wait("it closes unasked, because nothing is at work", lambda: not bench.app.runs())
    bench.app.stop()
    bench.app.forget_page()
    page = bench.app.start()
    wait("it is dark from the start", lambda: page.run(THEME) == "dark" and page.run(PAPER) == dark)
    page.click("rail-settings")
    page.click_css('input[name="theme"][value="light"]')
    wait("it is light", lambda: page.run(THEME) == "light" and page.run(PAPER) == light)


def test_closing_during_work_is_asked_about(bench):
    with Sim(bench.sim_log, 0.3) as sim:
        page = bench.open(sim.address)
        page.see("try-sample")
        bench.app.second_start(book(bench.folder / "road.txt", 60, 40))
        page.click("preview-start", 60)
        page.see("chapter-grid", 60)
        ask_to_close("^Epitome$")
        page.see("leaving")
        assert "1 book still being worked on" in page.body()
        page.click("leave-not")
        wait("it stays", lambda: not page.has("leaving"))
        assert bench.app.runs()
        ask_to_close("^Epitome$")
        try:
            page.click("leave-quit")
        except DriverError:
            pass  # It ends before the click is answered.
        wait("the program has ended", lambda: not bench.app.runs())
        bench.app.stop()
        finished = sim.stats()["finished"]
        page = bench.app.start()
        page.click("rail-board")
        page.see("chapter-grid", 30)
        wait("it goes on by itself", lambda: sim.stats()["finished"] > finished, 60)
        assert sim.stats()["finished_again"] == 0, "a finished call was made again"
